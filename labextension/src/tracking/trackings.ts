import type { NotebookPanel } from '@jupyterlab/notebook';
import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { ActiveNotebook } from '../core/active';
import { NotebookTracking } from './notebook';

/** Tracking in the open notebooks, each with a kernel of its own. */
export const ITrackings = new Token<Trackings>(
  'nbship:ITrackings',
  'Whether the session of a notebook is tracked, and switching it.'
);

export class Trackings implements IDisposable {
  constructor(active: ActiveNotebook) {
    this._active = active;
    active.changed.connect(this._follow, this);
    this._follow();
  }

  /** Tracking in the active notebook; null where there is none. */
  get current(): NotebookTracking | null {
    return this._current;
  }

  /** Tracking in a notebook. */
  of(panel: NotebookPanel): NotebookTracking {
    const known = this._byPanel.get(panel);
    if (known && !known.isDisposed) {
      return known;
    }
    const made = new NotebookTracking(panel);
    this._byPanel.set(panel, made);
    return made;
  }

  /** Emitted when it is another notebook, and when something changes in the active one. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      this._active.changed.disconnect(this._follow, this);
      this._current?.changed.disconnect(this._emit, this);
      Signal.clearData(this);
    }
  }

  private _follow(): void {
    const { panel } = this._active;
    const current = panel && !panel.isDisposed ? this.of(panel) : null;
    if (current !== this._current) {
      this._current?.changed.disconnect(this._emit, this);
      this._current = current;
      current?.changed.connect(this._emit, this);
    }
    this._emit();
  }

  private _emit(): void {
    this._changed.emit();
  }

  private _active: ActiveNotebook;
  private _byPanel = new WeakMap<NotebookPanel, NotebookTracking>();
  private _current: NotebookTracking | null = null;
  private _disposed = false;
  private _changed = new Signal<this, void>(this);
}
