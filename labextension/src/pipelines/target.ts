import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { ActiveNotebook } from '../core/active';

/** The notebook whose form the section shows: the active one, or one that was asked for until another is active. */
export class StepTarget implements IDisposable {
  constructor(private _active: ActiveNotebook) {
    _active.changed.connect(this._onActive, this);
    this._last = _active.path;
  }

  get path(): string | null {
    return this._asked ?? this._active.path;
  }

  /** Whether another notebook than the active one is shown. */
  get isAsked(): boolean {
    return this._asked !== null;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What the form begins with, and a number that is another one each time that somebody asks for a form. */
  get initial(): { turn: number; values: Readonly<Record<string, unknown>> } {
    return this._initial;
  }

  /** Show the form of a notebook, with values in it; null goes back to the active one. */
  ask(path: string | null, values: Readonly<Record<string, unknown>> = {}): void {
    this._asked = path === this._active.path ? null : path;
    this._initial = { turn: this._initial.turn + 1, values };
    this._changed.emit();
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      this._active.changed.disconnect(this._onActive, this);
      Signal.clearData(this);
    }
  }

  private _onActive(): void {
    if (this._active.path !== this._last) {
      this._last = this._active.path;
      this._asked = null;
      this._initial = { turn: this._initial.turn, values: {} };
      this._changed.emit();
    }
  }

  private _asked: string | null = null;
  private _initial: StepTarget['initial'] = { turn: 0, values: {} };
  private _last: string | null;
  private _disposed = false;
  private _changed = new Signal<this, void>(this);
}
