import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { Api } from '../api/client';
import { asApiError, type ApiError } from '../api/error';
import type { Schemas } from '../api/operations';
import type { ActiveNotebook } from './active';
import { Watch } from './watch';

export type LiveJson = Schemas['LiveJson'];

/** What runs now in the kernels of this project, and how the recorder and the store are. */
export class LiveModel implements IDisposable {
  constructor(private _options: LiveModel.IOptions) {
    this._watch = new Watch({
      name: 'live',
      look: () => this._look(),
      seconds: () => (this.busy ? 1 : _options.idleSeconds())
    });
    const { active } = _options;
    active.changed.connect(this.refresh, this);
    active.statusChanged.connect(this.refresh, this);
    active.executed.connect(this.refresh, this);
  }

  /** What the server said last; null before its first answer. */
  get data(): LiveJson | null {
    return this._data;
  }

  /** Why there is no answer; null when there is. What was said before stays in `data`. */
  get error(): ApiError | null {
    return this._error;
  }

  /** Whether something changes: the kernel executes, or a run is open. */
  get busy(): boolean {
    return this._options.active.busy || hasOpenRun(this._data);
  }

  /** Emitted when data or error change. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Who looks: the server is asked only while somebody does. */
  get viewers(): Watch['viewers'] {
    return this._watch.viewers;
  }

  /** Ask now, if somebody looks. */
  refresh(): void {
    this._watch.refresh();
  }

  get isDisposed(): boolean {
    return this._watch.isDisposed;
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    const { active } = this._options;
    active.changed.disconnect(this.refresh, this);
    active.statusChanged.disconnect(this.refresh, this);
    active.executed.disconnect(this.refresh, this);
    this._watch.dispose();
    Signal.clearData(this);
  }

  private async _look(): Promise<void> {
    const path = this._options.active.path;
    try {
      const data = await this._options.api.get('/live');
      // An answer for a notebook that is not the active one any more is about another project.
      if (path === this._options.active.path) {
        this._error = null;
        this._data = data;
        this._changed.emit();
      }
    } catch (thrown) {
      this._error = asApiError(thrown, this._options.trans);
      this._changed.emit();
      throw thrown;
    }
  }

  private _watch: Watch;
  private _data: LiveJson | null = null;
  private _error: ApiError | null = null;
  private _changed = new Signal<this, void>(this);
}

export namespace LiveModel {
  export interface IOptions {
    api: Api;
    trans: TranslationBundle;
    active: ActiveNotebook;
    /** How long to pause between two looks while nothing runs. */
    idleSeconds: () => number;
  }
}

/** Whether a run goes on, or has ended but has not arrived in the store yet. */
function hasOpenRun(data: LiveJson | null): boolean {
  const recent = Date.now() - ARRIVING_MS;
  return (data?.sessions ?? []).some(
    ({ alive, runs }) =>
      (alive && runs.some(run => run.status === 'RUNNING')) ||
      runs.some(run => !run.arrived && (run.ended_ms ?? 0) > recent)
  );
}

// A store that is down takes longer; its outage is shown, and is not worth a look every second.
const ARRIVING_MS = 60_000;
