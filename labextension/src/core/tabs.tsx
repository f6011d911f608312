import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { closeIcon, ToolbarButton, type LabIcon } from '@jupyterlab/ui-components';
import { JSONExt, type ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import { SplitPanel, type Widget } from '@lumino/widgets';
import * as React from 'react';

import { EmptyState } from '../components/EmptyState';
import { shipIcon } from '../icons';
import { CommandIDs, type INbship } from '../tokens';
import { BodyWidget } from './body';
import { useNbship, useSignal } from './context';

export type TabArgs = ReadonlyPartialJSONObject;

/** How one kind of tab looks. The same kind with the same arguments is the same tab. */
export interface ITabKind<A extends TabArgs> {
  /** Its translated title; the body may replace it when it knows a better one, see `useTab`. */
  title: (args: A) => string;
  icon?: LabIcon;
  render: (args: A) => React.ReactElement;
}

/** The tabs of the main area; in Notebook 7, which has no main area for them, of the right side. */
export class Tabs {
  constructor(
    private _shell: JupyterFrontEnd.IShell,
    private _isLab: boolean
  ) {}

  /** Say how a kind of tab looks, e.g. `tabs.register('run', {...})`. */
  register<A extends TabArgs>(kind: string, look: ITabKind<A>): void {
    // A kind is looked up by name, with the arguments that were given for it.
    this._kinds.set(kind, look as unknown as ITabKind<TabArgs>);
    this._registered.emit(kind);
  }

  /**
   * Open a tab, or go to it if it is open.
   *
   * It stays with the project of `from`, a notebook or folder, whichever notebook is active later; without one,
   * with that of the notebook that is active now.
   */
  open<A extends TabArgs>(kind: string, args: A, from?: string): MainAreaWidget<TabBody> {
    const key = tabKey(kind, args);
    const tab =
      this.tracker.find(each => each.content.key === key) ?? this._create(kind, args, from);
    this._shell.activateById(tab.id);
    if (!this._isLab && !this._widened) {
      // Once: afterwards it is as wide as the user has left it.
      this._widened = widen(tab);
    }
    return tab;
  }

  /** Restore the open tabs when the page is loaded again, through the command that opens one. */
  restore(restorer: ILayoutRestorer): void {
    void restorer.restore(this.tracker, {
      command: CommandIDs.openTab,
      args: ({ content: { kind, args, from } }) => ({ kind, args, from }),
      name: tab => tab.content.key
    });
  }

  /** Give the tabs what their bodies build upon. */
  attach(nbship: INbship): void {
    this._nbship = nbship;
  }

  /** Look up a kind; null if no plugin has registered it (yet). */
  kind(kind: string): ITabKind<TabArgs> | null {
    return this._kinds.get(kind) ?? null;
  }

  /** The open tabs. */
  readonly tracker = new WidgetTracker<MainAreaWidget<TabBody>>({ namespace: 'nbship' });

  /** Emitted with the name of a kind that has been registered. */
  get registered(): Signal<this, string> {
    return this._registered;
  }

  private _create(kind: string, args: TabArgs, from?: string): MainAreaWidget<TabBody> {
    if (!this._nbship) {
      throw new Error('No tab can be opened before the sidebar is there.');
    }
    const content = new TabBody(this._nbship, kind, args, from ?? this._nbship.active.path ?? '');
    const tab = new MainAreaWidget({ content });
    content.name();
    tab.id = content.id + '-tab';
    tab.addClass('jp-nbship-Tab');
    tab.title.closable = true;
    if (this._isLab) {
      tab.toolbar.hide();
    } else {
      tab.toolbar.addItem('close', closeButton(tab, this._nbship));
    }
    this._shell.add(tab, this._isLab ? 'main' : 'right', { rank: 800 });
    void this.tracker.add(tab);
    return tab;
  }

  private _kinds = new Map<string, ITabKind<TabArgs>>();
  private _registered = new Signal<this, string>(this);
  private _nbship: INbship | null = null;
  private _widened = false;
}

/** The content of a tab. */
export class TabBody extends BodyWidget {
  constructor(
    nbship: INbship,
    readonly kind: string,
    readonly args: TabArgs,
    readonly from: string
  ) {
    super(at(nbship, from), () => (
      <TabContext.Provider value={this}>
        <TabContent kind={kind} args={args} />
      </TabContext.Provider>
    ));
    this.key = tabKey(kind, args);
    this.id = `nbship-${this.key}`;
    this.title.icon = nbship.tabs.kind(kind)?.icon ?? shipIcon;
    this.title.label = nbship.tabs.kind(kind)?.title(args) ?? kind;
    this.title.caption = this.title.label;
    this.title.changed.connect(this.name, this);
    this.node.setAttribute('role', 'region');
  }

  /** What tells this tab from all others. */
  readonly key: string;

  /** Name the tab for screen readers after its title; its parent gives it a name that all tabs have. */
  name(): void {
    this.node.setAttribute('aria-label', this.title.label);
  }
}

/** What a tab's body can do with its tab. */
export interface ITab {
  setTitle: (label: string, caption?: string) => void;
  close: () => void;
}

/** Return the tab around. */
export function useTab(): ITab {
  const body = React.useContext(TabContext);
  return React.useMemo(
    () => ({
      setTitle: (label, caption) => {
        if (body) {
          body.title.label = label;
          body.title.caption = caption ?? label;
        }
      },
      close: () => body?.parent?.close()
    }),
    [body]
  );
}

const TabContext = React.createContext<TabBody | null>(null);

/** The body of a tab, once its kind is registered: a restored tab may be there before its plugin. */
function TabContent(props: { kind: string; args: TabArgs }): React.ReactElement {
  const { tabs, trans } = useNbship();
  const body = React.useContext(TabContext);
  const look = useSignal(tabs.registered, () => tabs.kind(props.kind));
  React.useEffect(() => {
    if (look && body && body.title.label === props.kind) {
      body.title.icon = look.icon ?? shipIcon;
      body.title.label = body.title.caption = look.title(props.args);
    }
  }, [look, body, props.kind, props.args]);
  if (look) {
    return look.render(props.args);
  }
  return (
    <EmptyState
      title={trans.__('This view is not available')}
      text={trans.__('The plugin of nbship that shows "%1" is disabled.', props.kind)}
    />
  );
}

/** Return what all share, with a client that asks about the project around a notebook or folder. */
function at(nbship: INbship, path: string): INbship {
  return Object.create(nbship, { api: { value: nbship.api.from(path) } }) as INbship;
}

function closeButton(tab: Widget, nbship: INbship): ToolbarButton {
  return new ToolbarButton({
    icon: closeIcon,
    tooltip: nbship.trans.__('Close this view'),
    onClick: () => tab.close()
  });
}

/** Make the side area around a tab wide enough to read: it opens as narrow as a list. False if it is in none. */
function widen(tab: Widget): boolean {
  let area = tab;
  while (area.parent && !isRow(area.parent)) {
    area = area.parent;
  }
  const row = area.parent;
  if (!row || !isRow(row)) {
    return false;
  }
  const sizes = row.relativeSizes();
  const index = row.widgets.indexOf(area);
  const missing = TAB_SHARE - sizes[index];
  const widest = sizes.indexOf(Math.max(...sizes));
  if (missing > 0 && widest !== index) {
    sizes[index] += missing;
    sizes[widest] = Math.max(sizes[widest] - missing, TAB_SHARE);
    row.setRelativeSizes(sizes);
  }
  return true;
}

/** So much of the width of Notebook 7 has a tab, when the first one opens. */
const TAB_SHARE = 0.4;

function isRow(widget: Widget): widget is SplitPanel {
  return widget instanceof SplitPanel && widget.orientation === 'horizontal';
}

function tabKey(kind: string, args: TabArgs): string {
  return `${kind}:${JSON.stringify(sorted(JSONExt.deepCopy(args)))}`;
}

// The same arguments in another order are the same tab.
function sorted(value: unknown): unknown {
  if (Array.isArray(value) || value === null || typeof value !== 'object') {
    return value;
  }
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)]));
}
