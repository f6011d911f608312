import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { LiveJson } from '../core/live';
import type { INbship } from '../tokens';

/**
 * What waits for the store, for the status bar. It polls nothing: it takes over what the panel hears, asks once when a
 * cell has ended, and a few times more while something waits.
 */
export class WaitingModel implements IDisposable {
  constructor(nbship: INbship) {
    this._nbship = nbship;
    nbship.live.changed.connect(this._onLive, this);
    nbship.active.executed.connect(this._onExecuted, this);
  }

  /** How many events wait. */
  get events(): number {
    return this._events;
  }

  /** What the store said last, if it does not answer. */
  get outage(): string | null {
    return this._outage;
  }

  /** Emitted when these change. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted when the item may have to be shown or hidden. */
  get shownChanged(): ISignal<this, void> {
    return this._shownChanged;
  }

  emitShown(): void {
    this._shownChanged.emit();
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      clearTimeout(this._timer);
      this._nbship.live.changed.disconnect(this._onLive, this);
      this._nbship.active.executed.disconnect(this._onExecuted, this);
      Signal.clearData(this);
    }
  }

  private _onExecuted(): void {
    this._turns = 0;
    this._later();
  }

  private _later(): void {
    clearTimeout(this._timer);
    const pause = PAUSES_MS[this._turns];
    // While the panel is seen, it hears of everything anyway.
    if (pause !== undefined && this._nbship.live.viewers.count === 0 && !document.hidden) {
      this._turns += 1;
      this._timer = setTimeout(() => void this._ask(), pause);
    }
  }

  private async _ask(): Promise<void> {
    try {
      this._adopt(await this._nbship.api.get('/live'));
    } catch {
      // The panel tells why the server does not answer; here, what was known stays.
    }
    if (this._events > 0 && !this._disposed) {
      this._later();
    }
  }

  private _onLive(): void {
    const { data } = this._nbship.live;
    if (data) {
      this._adopt(data);
    }
  }

  private _adopt({ spool, outage }: LiveJson): void {
    const text = outage?.text ?? null;
    if (!this._disposed && (spool.events !== this._events || text !== this._outage)) {
      this._events = spool.events;
      this._outage = text;
      this._changed.emit();
      this._shownChanged.emit();
    }
  }

  private _nbship: INbship;
  private _events = 0;
  private _outage: string | null = null;
  private _turns = 0;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _disposed = false;
  private _changed = new Signal<this, void>(this);
  private _shownChanged = new Signal<this, void>(this);
}

/** After a cell has ended, its run is on its way for a moment, or for long if the store does not answer. */
const PAUSES_MS = [1000, 3000, 8000, 20_000];
