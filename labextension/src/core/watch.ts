import type { IDisposable } from '@lumino/disposable';
import { Poll, type IPoll } from '@lumino/polling';
import { Signal } from '@lumino/signaling';

import { Viewers } from './visibility';

/**
 * Calls a function again and again while somebody looks: never twice at once, ever more slowly while it
 * fails, and not at all while nobody looks or the page is hidden.
 */
export class Watch implements IDisposable {
  constructor(options: Watch.IOptions) {
    this._options = options;
    this._poll = new Poll<void, unknown>({
      name: `nbship:${options.name}`,
      auto: false,
      factory: () => this._call(),
      frequency: this._frequency(),
      standby: () => this.resting
    });
    this.viewers.changed.connect(this._onViewers, this);
    document.addEventListener('visibilitychange', this);
  }

  /** Who looks. */
  readonly viewers = new Viewers();

  /** Whether nobody could see a change. */
  get resting(): boolean {
    return this.viewers.count === 0 || document.hidden;
  }

  /** Look now, unless nobody would see it; one more time if it is looking already. */
  refresh(): void {
    if (this.resting || this._disposed) {
      return;
    }
    if (this._calling) {
      this._again = true;
    } else {
      // Not `poll.refresh()`: that one does nothing while a refresh has not been answered.
      void this._poll.schedule({ interval: Poll.IMMEDIATE, phase: 'refreshed' });
    }
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    if (this._disposed) {
      return;
    }
    this._disposed = true;
    this.viewers.changed.disconnect(this._onViewers, this);
    document.removeEventListener('visibilitychange', this);
    this._poll.dispose();
    Signal.clearData(this);
  }

  handleEvent(event: Event): void {
    if (event.type === 'visibilitychange') {
      this._wake();
    }
  }

  private async _call(): Promise<void> {
    this._calling = true;
    try {
      await this._options.look();
    } finally {
      this._calling = false;
      // The pause that follows is as long as the work is lively now.
      this._poll.frequency = this._frequency();
      if (this._again) {
        this._again = false;
        this.refresh();
      }
    }
  }

  private _frequency(): IPoll.Frequency {
    const interval = this._options.seconds() * 1000;
    return { interval, backoff: 2, max: Math.max(MAX_PAUSE_MS, interval) };
  }

  private _onViewers(): void {
    this._wake();
  }

  private _wake(): void {
    if (this.resting) {
      void this._poll.stop();
    } else {
      this.refresh();
    }
  }

  private _options: Watch.IOptions;
  private _poll: Poll<void, unknown>;
  private _calling = false;
  private _again = false;
  private _disposed = false;
}

export namespace Watch {
  export interface IOptions {
    name: string;
    /** One look; it throws when it fails. */
    look: () => Promise<void>;
    /** How long to pause until the next one. */
    seconds: () => number;
  }
}

const MAX_PAUSE_MS = 30_000;
