import type { INotebookTracker } from '@jupyterlab/notebook';
import type { ILayoutRestorer } from '@jupyterlab/application';
import type { IStateDB } from '@jupyterlab/statedb';
import { SidePanel } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import { type AccordionPanel, Panel, SplitPanel, Widget } from '@lumino/widgets';
import { screen, waitFor } from '@testing-library/react';
import * as React from 'react';

import { ActiveNotebook } from '../core/active';
import { BodyWidget } from '../core/body';
import { Tabs, useTab } from '../core/tabs';
import { useVisible } from '../core/context';
import { CommandIDs } from '../tokens';
import { fakeNbship } from './fake';

// Lumino attaches what React then renders in its own time, so that nothing can be wrapped in `act`.
const environment = globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean };
beforeEach(() => void (environment.IS_REACT_ACT_ENVIRONMENT = false));
afterEach(() => (document.body.innerHTML = ''));

describe('BodyWidget', () => {
  it('is rendered when it is first seen, and knows when it is not seen any more', async () => {
    const Body = () => <p>{useVisible() ? 'seen' : 'unseen'}</p>;
    const widget = new BodyWidget(fakeNbship(), () => <Body />);
    widget.hide();
    Widget.attach(widget, document.body);
    expect(screen.queryByText(/seen/)).toBeNull();
    widget.show();
    expect(await screen.findByText('seen')).toBeInTheDocument();
    widget.hide();
    expect(await screen.findByText('unseen')).toBeInTheDocument();
    widget.dispose();
  });

  it('shows the error of a body that cannot be rendered', async () => {
    jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const Broken = (): React.ReactElement => {
      throw new Error('It broke.');
    };
    const widget = new BodyWidget(fakeNbship(), () => <Broken />);
    Widget.attach(widget, document.body);
    expect(await screen.findByRole('alert')).toHaveTextContent('It broke.');
    widget.dispose();
    jest.restoreAllMocks();
  });
});

describe('Sections', () => {
  const titles = (panel: SidePanel) => panel.widgets.map(widget => widget.title.label);
  const section = (id: string, rank: number, expanded = true) => ({
    id,
    title: id,
    rank,
    expanded,
    body: () => <p>{`body of ${id}`}</p>
  });

  function sidebar(nbship = fakeNbship(), state: IStateDB | null = null) {
    const panel = new SidePanel();
    nbship.sections.attach(panel, nbship, state);
    Widget.attach(panel, document.body);
    return { nbship, panel, accordion: panel.content as AccordionPanel };
  }

  it('stand by rank, whether they were added before the sidebar was there or after', () => {
    const nbship = fakeNbship();
    nbship.sections.add(section('runs', 20));
    nbship.sections.add(section('ship', 50));
    const { panel } = sidebar(nbship);
    const drift = nbship.sections.add(section('drift', 40));
    nbship.sections.add(section('track', 10));
    expect(titles(panel)).toEqual(['track', 'runs', 'drift', 'ship']);
    drift.dispose();
    expect(titles(panel)).toEqual(['track', 'runs', 'ship']);
  });

  it('can be left out, and come back to their place', () => {
    const { nbship, panel } = sidebar();
    ['a', 'b', 'c'].forEach((id, rank) => nbship.sections.add(section(id, rank)));
    nbship.sections.setHidden(id => id === 'b');
    expect(titles(panel)).toEqual(['a', 'c']);
    nbship.sections.setHidden(() => false);
    expect(titles(panel)).toEqual(['a', 'b', 'c']);
  });

  it('are open or closed as the user left them', async () => {
    const saved: Record<string, unknown> = { 'nbship:sections': { runs: false } };
    const state = {
      fetch: async (key: string) => saved[key],
      save: async (key: string, value: unknown) => void (saved[key] = value)
    } as unknown as IStateDB;
    const { nbship, panel, accordion } = sidebar(fakeNbship(), state);
    nbship.sections.add(section('track', 10));
    nbship.sections.add(section('runs', 20));
    nbship.sections.add(section('ship', 50, false));
    await new Promise(resolve => setTimeout(resolve));
    const open = () => panel.widgets.map(widget => !widget.isHidden);
    expect(open()).toEqual([true, false, false]);
    accordion.collapse(0);
    expect(saved['nbship:sections']).toEqual({ runs: false, track: false });
    nbship.sections.reveal('ship');
    expect(open()).toEqual([false, false, true]);
  });

  it('have a name for screen readers, and tools that do not close them', async () => {
    const { nbship, panel, accordion } = sidebar();
    const pressed = jest.fn();
    nbship.sections.add({
      ...section('runs', 20),
      tools: () => (
        <button type="button" onClick={pressed}>
          Reload
        </button>
      )
    });
    expect(panel.widgets[0].node).toHaveAttribute('role', 'region');
    expect(panel.widgets[0].node).toHaveAttribute('aria-label', 'runs');
    const tool = await screen.findByText('Reload');
    expect(accordion.titles[0]).toContainElement(tool);
    tool.click();
    expect(pressed).toHaveBeenCalledTimes(1);
    expect(panel.widgets[0].isHidden).toBe(false);
  });
});

describe('Tabs', () => {
  function Named({ run }: { run: string }): React.ReactElement {
    const { setTitle } = useTab();
    React.useEffect(() => setTitle(`Run ${run}`), [setTitle, run]);
    return <p>{`body of ${run}`}</p>;
  }
  const look = {
    title: (args: { run: string }) => args.run,
    render: (args: { run: string }) => <Named run={args.run} />
  };

  it('opens the same kind with the same arguments once', () => {
    const nbship = fakeNbship();
    nbship.tabs.register('run', look);
    const one = nbship.tabs.open('run', { run: 'a', part: 1 });
    const same = nbship.tabs.open('run', { part: 1, run: 'a' });
    const other = nbship.tabs.open('run', { run: 'b', part: 1 });
    expect(same).toBe(one);
    expect(nbship.areas.main).toEqual([one, other]);
    expect(nbship.activated).toBe(other.id);
  });

  it('shows the body, which may give its tab a better title', async () => {
    const nbship = fakeNbship();
    nbship.tabs.register('run', look);
    const tab = nbship.tabs.open('run', { run: 'a' });
    expect(tab.title.label).toBe('a');
    expect(await screen.findByText('body of a')).toBeInTheDocument();
    await waitFor(() => expect(tab.title.label).toBe('Run a'));
    expect(tab.content.node).toHaveAttribute('aria-label', 'Run a');
  });

  it('opens through the command, and waits for the plugin of its kind', async () => {
    const nbship = fakeNbship();
    await nbship.commands.execute(CommandIDs.openTab, { kind: 'run', args: { run: 'a' } });
    expect(await screen.findByText(/is disabled/)).toBeInTheDocument();
    nbship.tabs.register('run', look);
    expect(await screen.findByText('body of a')).toBeInTheDocument();
  });

  it('stays with the project that it was opened in', async () => {
    const nbship = fakeNbship({ path: 'one/a.ipynb', answers: { 'GET /jobs': { jobs: [] } } });
    nbship.tabs.register('run', { title: () => 'Run', render: () => <p>run</p> });
    const tab = nbship.tabs.open('run', { run: 'a' });
    expect(tab.content.from).toBe('one/a.ipynb');
    const other = nbship.tabs.open('run', { run: 'b' }, 'two/b.ipynb');
    expect(other.content.from).toBe('two/b.ipynb');
    const view = nbship.api.from('three/c.ipynb');
    expect(view.url('/jobs')).toContain('path=three');
    expect(nbship.api.url('/jobs')).toContain('path=one');
  });

  it('is restored by that command', () => {
    const nbship = fakeNbship();
    const restore = jest.fn();
    nbship.tabs.restore({ restore } as unknown as ILayoutRestorer);
    const options = restore.mock.calls[0][1];
    const tab = nbship.tabs.open('run', { run: 'a' });
    expect(options.command).toBe(CommandIDs.openTab);
    expect(options.args(tab)).toEqual({ kind: 'run', args: { run: 'a' }, from: '' });
    expect(options.name(tab)).toBe('run:{"run":"a"}');
  });

  it('opens on the right side of Notebook 7, with a button to close it', async () => {
    const nbship = fakeNbship({ isLab: false });
    nbship.tabs.register('run', look);
    const tab = nbship.tabs.open('run', { run: 'a' });
    expect(nbship.areas.right).toEqual([tab]);
    expect([...tab.toolbar.names()]).toContain('close');
  });

  it('gets room to be read in Notebook 7 when the first one opens, and not again', () => {
    const row = new SplitPanel({ orientation: 'horizontal' });
    const [main, right] = [new Panel(), new Panel()];
    row.addWidget(main);
    row.addWidget(right);
    row.setRelativeSizes([0.8, 0.2]);
    const shell = { add: (tab: Widget) => right.addWidget(tab), activateById: () => undefined };
    const tabs = new Tabs(shell as unknown as ConstructorParameters<typeof Tabs>[0], false);
    tabs.attach(fakeNbship({ isLab: false }));
    tabs.register('run', look);
    tabs.open('run', { run: 'a' });
    expect(row.relativeSizes()[1]).toBeCloseTo(0.4);
    row.setRelativeSizes([0.7, 0.3]);
    tabs.open('run', { run: 'b' });
    expect(row.relativeSizes()[1]).toBeCloseTo(0.3);
  });
});

describe('ActiveNotebook', () => {
  function panelAt(path: string) {
    const self = {};
    return {
      context: { path, pathChanged: new Signal<object, string>(self) },
      sessionContext: {
        session: { kernel: { status: 'idle' } },
        kernelChanged: new Signal<object, unknown>(self),
        statusChanged: new Signal<object, string>(self)
      },
      disposed: new Signal<object, void>(self)
    };
  }

  function tracked() {
    const tracker = {
      currentWidget: null as unknown,
      currentChanged: new Signal<object, unknown>({})
    };
    const go = (panel: unknown) => {
      tracker.currentWidget = panel;
      tracker.currentChanged.emit(panel);
    };
    const active = new ActiveNotebook(tracker as unknown as INotebookTracker);
    const changed = jest.fn();
    active.changed.connect(changed);
    return { active, changed, go };
  }

  it('follows the notebook, its path and its kernel', () => {
    const { active, changed, go } = tracked();
    expect([active.path, active.busy]).toEqual([null, false]);
    const panel = panelAt('a.ipynb');
    go(panel);
    expect([active.path, active.kernelStatus]).toEqual(['a.ipynb', 'idle']);
    panel.context.path = 'b.ipynb';
    panel.context.pathChanged.emit('b.ipynb');
    panel.sessionContext.kernelChanged.emit(null);
    expect([active.path, changed.mock.calls.length]).toEqual(['b.ipynb', 3]);
    const statuses: unknown[] = [];
    active.statusChanged.connect((_, status) => statuses.push(status));
    panel.sessionContext.session.kernel.status = 'busy';
    panel.sessionContext.statusChanged.emit('busy');
    expect([statuses, active.busy]).toEqual([['busy'], true]);
  });

  it('lets go of the notebook that it leaves, and of all when it is disposed', () => {
    const { active, changed, go } = tracked();
    const [one, two] = [panelAt('a.ipynb'), panelAt('b.ipynb')];
    go(one);
    go(two);
    changed.mockClear();
    one.context.pathChanged.emit('c.ipynb');
    expect(changed).not.toHaveBeenCalled();
    active.dispose();
    two.context.pathChanged.emit('c.ipynb');
    go(one);
    expect(changed).not.toHaveBeenCalled();
    expect(active.path).toBeNull();
  });

  it('knows which paths are files of the server', () => {
    const contents = {
      driveName: (path: string) => path.split(':').slice(0, -1).join(':'),
      localPath: (path: string) => path.split(':').pop() ?? ''
    };
    const paths = ['a.ipynb', 'RTC:a.ipynb', 's3:bucket/a.ipynb'].map(path => {
      const tracker = {
        currentWidget: panelAt(path),
        currentChanged: new Signal<object, unknown>({})
      };
      type Args = ConstructorParameters<typeof ActiveNotebook>;
      const args = [tracker, contents] as unknown as Args;
      return new ActiveNotebook(...args).path;
    });
    expect(paths).toEqual(['a.ipynb', 'a.ipynb', null]);
  });
});
