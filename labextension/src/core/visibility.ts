import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

/** Counts who looks at a model, so that it rests while nobody does. */
export class Viewers {
  /** How many look. */
  get count(): number {
    return this._count;
  }

  /** Emitted when the first one begins to look, and when the last one stops. */
  get changed(): ISignal<this, boolean> {
    return this._changed;
  }

  /** Begin to look; dispose of what is returned to stop. */
  acquire(): IDisposable {
    this._count += 1;
    if (this._count === 1) {
      this._changed.emit(true);
    }
    return new DisposableDelegate(() => {
      this._count -= 1;
      if (this._count === 0) {
        this._changed.emit(false);
      }
    });
  }

  private _count = 0;
  private _changed = new Signal<this, boolean>(this);
}

/** Whether a widget can be seen. */
export class Visibility {
  get visible(): boolean {
    return this._visible;
  }

  set visible(visible: boolean) {
    if (visible !== this._visible) {
      this._visible = visible;
      this._changed.emit(visible);
    }
  }

  get changed(): ISignal<this, boolean> {
    return this._changed;
  }

  private _visible = false;
  private _changed = new Signal<this, boolean>(this);
}
