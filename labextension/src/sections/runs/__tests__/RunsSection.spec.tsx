import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import * as React from 'react';

import { apiError, fakeNbship, renderWith, type IFakeNbship } from '../../../__tests__/fake';
import { addRunCommands, RunCommandIDs } from '../commands';
import { RunActions } from '../RunActions';
import { RunList } from '../run-list';
import RunsSection from '../RunsSection';
import { answersOf, run, runs, settled, type IStore } from './answers';

const HOSTILE = '<img src=x onerror=alert(1)> ünï';

let store: IStore;
let nbship: IFakeNbship;
let list: RunList;

function show(given: Partial<IStore> = {}, path: string | null = 'a.ipynb') {
  store = { runs: runs(5), arriving: [], ...given };
  nbship = fakeNbship({ path, answers: answersOf(store) });
  nbship.tabs.register('run', { title: () => 'run', render: () => <p>run</p> });
  nbship.tabs.register('compare', { title: () => 'compare', render: () => <p>compare</p> });
  list = new RunList(nbship);
  const actions = new RunActions(nbship, list);
  addRunCommands({ nbship, list, actions, palette: null });
  return renderWith(nbship, <RunsSection list={list} actions={actions} />);
}

const row = (name: string | RegExp) => screen.findByRole('option', { name });
const asked = () => nbship.api.callsOf('GET /runs').map(call => call.query);

afterEach(() => list.dispose());

describe('RunsSection', () => {
  it('lists the runs with status, value and badges, and hostile names as text', async () => {
    const metrics = { auc: 0.91234567 };
    show({ runs: [run('1', { name: HOSTILE, status: 'FAILED', metrics })] });
    nbship.api.answers['GET /runs'] = {
      runs: store.runs,
      more: false,
      tracking_uri: '',
      waiting: 0,
      total: 1,
      badges: { '1': { packaged: 'image:1', served: null, data_changed: true } }
    };
    const shown = await row(/ünï/);
    expect(shown).toHaveTextContent(HOSTILE);
    expect(shown).toHaveTextContent(/Failed.*0\.912346.*data.*packaged/);
    expect(document.querySelector('img')).toBeNull();
  });

  it('opens a run on a press and on Enter', async () => {
    show();
    const name = await screen.findByText('run 1');
    fireEvent.click(name);
    expect(nbship.areas.main).toHaveLength(1);
    screen.getByRole('listbox').focus();
    await userEvent.keyboard('{ArrowDown}{Enter}');
    expect(nbship.areas.main).toHaveLength(2);
  });

  it('selects with boxes and Control, and compares what is selected', async () => {
    show();
    const box = (await row(/run 1/)).querySelector('input')!;
    fireEvent.click(box.parentElement!);
    expect(nbship.areas.main).toBeUndefined();
    expect(screen.queryByRole('button', { name: 'Compare' })).toBeNull();
    fireEvent.click(await screen.findByText('run 3'), { ctrlKey: true });
    expect(await screen.findByText('2 selected')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Compare' }));
    expect(nbship.activated).toContain('compare');
    expect(nbship.activated).toContain('["1","3"]');
  });

  it('searches after a pause, and says what is wrong with a filter', async () => {
    show();
    await row(/run 1/);
    nbship.api.answers['GET /runs'] = call => {
      if (call.query?.query) {
        throw apiError({ message: 'MLflow does not understand it.' });
      }
      return answersOf(store)['GET /runs'];
    };
    const box = screen.getByRole('textbox');
    await userEvent.type(box, 'metrics.auc >{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent('MLflow does not understand it.');
    expect(box).toHaveAttribute('aria-invalid', 'true');
    expect(await row(/run 1/)).toBeInTheDocument();
    expect(asked().filter(query => query?.query === 'metrics.auc >')).toHaveLength(1);
  });

  it('offers examples of searches', async () => {
    show({ runs: [run('1', { metrics: { 'val loss': 1 } })] });
    await row(/run 1/);
    await userEvent.click(screen.getByRole('button', { name: 'What can be searched for' }));
    await userEvent.click(screen.getByRole('button', { name: 'metrics.`val loss` > 0.9' }));
    await waitFor(() => expect(asked().pop()?.query).toBe('metrics.`val loss` > 0.9'));
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('sorts by a metric in both directions', async () => {
    show();
    await row(/run 1/);
    await screen.findByRole('option', { name: 'loss' });
    fireEvent.change(screen.getByRole('combobox'), { target: { value: 'metrics.loss' } });
    expect(asked().pop()?.sort).toBe('-metrics.loss');
    await userEvent.click(screen.getByRole('button', { name: 'Largest first' }));
    expect(asked().pop()?.sort).toBe('metrics.loss');
  });

  it('narrows to the notebook and shows what was archived', async () => {
    show();
    await row(/run 1/);
    await userEvent.click(screen.getByRole('button', { name: 'This notebook' }));
    await userEvent.click(screen.getByRole('button', { name: 'Archived runs too' }));
    await waitFor(() => expect(asked().pop()).toMatchObject({ notebook: true, archived: true }));
    expect(screen.getByRole('button', { name: 'Archived runs too' })).toBePressed();
  });

  it('has nothing to say of a notebook where there is none', async () => {
    show({}, null);
    await row(/run 1/);
    expect(screen.queryByRole('button', { name: 'This notebook' })).toBeNull();
  });

  it('teaches how to get a first run', async () => {
    show({ runs: [] });
    expect(await screen.findByText('No runs yet')).toBeInTheDocument();
    expect(screen.getByText(/Begin a cell with %%track/)).toBeInTheDocument();
  });

  it('clears a search that nothing answers to', async () => {
    show({ runs: [] });
    await screen.findByText('No runs yet');
    act(() => list.update({ text: 'nothing' }));
    store.runs = runs(1);
    await userEvent.click(await screen.findByRole('button', { name: 'Clear the search' }));
    expect(await row(/run 0/)).toBeInTheDocument();
  });

  it('deletes after a question that counts, and takes it back', async () => {
    show();
    await row(/run 1/);
    act(() => list.select(['1', '2']));
    nbship.api.answers['POST /runs/delete'] = {
      action: 'deleted',
      runs: [
        { id: '1', name: 'run 1', tags: {} },
        { id: '2', name: 'run 2', tags: {} }
      ]
    };
    const { Notification } = await import('@jupyterlab/apputils');
    fireEvent.click(screen.getByRole('button', { name: 'Delete…' }));
    const dialog = await waitFor(() => {
      const found = document.querySelector<HTMLElement>('.jp-Dialog');
      expect(found).not.toBeNull();
      return found!;
    });
    expect(dialog).toHaveTextContent('Delete 2 runs?');
    expect(dialog).toHaveTextContent('run 1');
    fireEvent.click(within(dialog).getByText('Delete 2 runs'));
    await waitFor(() => expect(nbship.api.callsOf('POST /runs/delete')).toHaveLength(1));
    expect(nbship.api.callsOf('POST /runs/delete')[0].body).toEqual({ runs: ['1', '2'] });
    await waitFor(() => expect(Notification.manager.count).toBe(1));
    expect(list.selection.size).toBe(0);
    nbship.api.answers['POST /runs/restore'] = { action: 'restored', runs: [] };
    Notification.manager.notifications[0].options.actions![0].callback(new MouseEvent('click'));
    await waitFor(() => expect(nbship.api.callsOf('POST /runs/restore')).toHaveLength(1));
    Notification.dismiss();
  });

  it('asks nothing while it cannot be seen, and looks when it is seen again', async () => {
    const { visibility } = show();
    await row(/run 1/);
    await settled();
    act(() => void (visibility.visible = false));
    const before = nbship.api.calls.length;
    act(() => nbship.refresh());
    await settled();
    expect(nbship.api.calls).toHaveLength(before);
    act(() => void (visibility.visible = true));
    await waitFor(() => expect(asked().length).toBeGreaterThan(1));
  });

  it('looks again when a run begins', async () => {
    show();
    await row(/run 1/);
    store.arriving = [run('own', { name: 'fresh', status: 'RUNNING', duration_seconds: null })];
    nbship.api.answers['GET /live'] = {
      outage: null,
      sessions: [{ alive: true, runs: [{ run: 'own', status: 'RUNNING', store_run_id: null }] }]
    };
    act(() => nbship.live.refresh());
    expect(await row(/fresh/)).toHaveTextContent('Running');
  });

  it('compares the selected runs by its command', async () => {
    show();
    await row(/run 1/);
    expect(nbship.commands.isEnabled(RunCommandIDs.compare)).toBe(false);
    act(() => list.select(['1', '2']));
    expect(nbship.commands.isEnabled(RunCommandIDs.compare)).toBe(true);
    await act(() => nbship.commands.execute(RunCommandIDs.open, { run: '4' }));
    expect(nbship.activated).toContain('"run":"4"');
  });
});
