import { Clipboard, Notification } from '@jupyterlab/apputils';
import * as React from 'react';

import { asApiError } from '../../api/error';
import type { Schemas } from '../../api/operations';
import { confirm } from '../../components';
import type { INbship } from '../../tokens';
import type { RunJson, RunList } from './run-list';
import { askTags } from './TagDialog';

// More names than that are counted only.
const NAMED = 8;

/** What can be done to runs, with what is asked before and said afterwards. */
export class RunActions {
  constructor(
    private _nbship: INbship,
    private _list: RunList
  ) {}

  open(run: string): void {
    this._nbship.tabs.open('run', { run });
  }

  compare(runs: string[]): void {
    this._nbship.tabs.open('compare', { runs });
  }

  copyId(run: string): void {
    Clipboard.copyToSystem(run);
  }

  async tag(ids: string[]): Promise<void> {
    const { api, trans } = this._nbship;
    const tags = await askTags(this._known(ids), ids.length, trans);
    if (tags !== null && Object.keys(tags).length > 0) {
      await this._do(() => api.post('/runs/tag', { body: { runs: ids, tags } }));
    }
  }

  async archive(ids: string[], archived = true): Promise<void> {
    const { api, trans } = this._nbship;
    // One is put away as one closes a tab; several at once may be a slip.
    if (archived && ids.length > 1 && !(await this._sureToArchive(ids))) {
      return;
    }
    const done = await this._do(() => api.post('/runs/archive', { body: { runs: ids, archived } }));
    if (done) {
      const count = done.runs.length;
      this._say(
        archived
          ? trans._n('%1 run archived', '%1 runs archived', count)
          : trans._n('%1 run is back in the list', '%1 runs are back in the list', count),
        () =>
          this._do(() => api.post('/runs/archive', { body: { runs: ids, archived: !archived } }))
      );
    }
  }

  async delete(ids: string[]): Promise<void> {
    const { api, trans } = this._nbship;
    const sure = await confirm(trans, {
      title: trans._n('Delete %1 run?', 'Delete %1 runs?', ids.length),
      body: (
        <Names
          runs={this._known(ids)}
          count={ids.length}
          nbship={this._nbship}
          note={trans.__('They can be restored until somebody empties the store with "mlflow gc".')}
        />
      ),
      accept: trans._n('Delete %1 run', 'Delete %1 runs', ids.length),
      danger: true
    });
    const done = sure && (await this._do(() => api.post('/runs/delete', { body: { runs: ids } })));
    if (done) {
      this._say(trans._n('%1 run deleted', '%1 runs deleted', done.runs.length), () =>
        this._do(() => api.post('/runs/restore', { body: { runs: ids } }))
      );
    }
  }

  private _sureToArchive(ids: string[]): Promise<boolean> {
    const { trans } = this._nbship;
    return confirm(trans, {
      title: trans._n('Archive %1 run?', 'Archive %1 runs?', ids.length),
      body: (
        <Names
          runs={this._known(ids)}
          count={ids.length}
          nbship={this._nbship}
          note={trans.__('They leave the list, and stay in the store as they are.')}
        />
      ),
      accept: trans._n('Archive %1 run', 'Archive %1 runs', ids.length)
    });
  }

  /** Whether all of these runs were put away. */
  areArchived(ids: string[]): boolean {
    const known = this._known(ids);
    return known.length > 0 && known.every(run => run.tags['nbship.archived'] === 'true');
  }

  private _known(ids: string[]): RunJson[] {
    return ids.flatMap(id => this._list.known(id) ?? []);
  }

  /** Ask the server to do something and show the list after that; say what went wrong. */
  private async _do(ask: () => Promise<Schemas['Curated']>): Promise<Schemas['Curated'] | null> {
    try {
      const done = await ask();
      if (LEAVE.includes(done.action)) {
        const gone = new Set(done.runs.map(run => run.id));
        this._list.select([...this._list.selection].filter(id => !gone.has(id)));
      }
      return done;
    } catch (thrown) {
      const { message, hint } = asApiError(thrown, this._nbship.trans);
      Notification.error(`${message}\n${hint}`.trim(), { autoClose: false });
      return null;
    } finally {
      this._list.refresh();
    }
  }

  private _say(text: string, undo: () => Promise<unknown>): void {
    Notification.success(text, {
      autoClose: 10_000,
      actions: [{ label: this._nbship.trans.__('Undo'), callback: () => void undo() }]
    });
  }
}

const LEAVE = ['archived', 'deleted'];

function Names(props: {
  runs: RunJson[];
  count: number;
  nbship: INbship;
  note: string;
}): React.ReactElement {
  const { runs, count, nbship, note } = props;
  const named = runs.slice(0, NAMED);
  const rest = count - named.length;
  return (
    <div className="jp-nbship-RunNames">
      <ul>
        {named.map(run => (
          <li key={run.id}>{run.name}</li>
        ))}
      </ul>
      {rest > 0 && <p>{nbship.trans._n('and %1 more', 'and %1 more', rest)}</p>}
      <p>{note}</p>
    </div>
  );
}
