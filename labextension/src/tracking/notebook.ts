import type { ISessionContext } from '@jupyterlab/apputils';
import { NotebookActions, type Notebook, type NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';
import { Signal, type ISignal } from '@lumino/signaling';

import {
  askKernel,
  KernelError,
  type IEndedRun,
  type IKernelAnswer,
  type KernelCall
} from './kernel';

/** How tracking stands in a notebook. */
export type TrackingState =
  | 'no-kernel'
  | 'starting'
  | 'dead'
  /** The kernel speaks another language. */
  | 'not-python'
  /** nbship is not installed where the kernel runs. */
  | 'missing'
  /** The kernel has not answered yet; it may be busy. */
  | 'unknown'
  | 'off'
  | 'on'
  /** The notebook is executed as a step, which is always recorded. */
  | 'step';

/** What is being done to tracking, until the kernel has answered. */
export type TrackingAction = 'turn_on' | 'turn_off' | 'load';

/** Tracking in the kernel of one notebook. It asks when something happens, and never polls. */
export class NotebookTracking implements IDisposable {
  constructor(readonly panel: NotebookPanel) {
    this._session = panel.sessionContext;
    this._session.kernelChanged.connect(this._onKernel, this);
    this._session.statusChanged.connect(this._onStatus, this);
    NotebookActions.executed.connect(this._onExecuted, this);
    panel.disposed.connect(this.dispose, this);
    this._onKernel();
  }

  get state(): TrackingState {
    const { kernel } = this;
    if (!kernel || kernel.status === 'terminating') {
      return 'no-kernel';
    }
    if (kernel.status === 'dead') {
      return 'dead';
    }
    if (this._foreign) {
      return 'not-python';
    }
    if (this._missing) {
      return 'missing';
    }
    // After a reload, the status is unknown until the kernel has finished what it runs.
    if (STARTING.has(kernel.status) && kernel.status !== 'unknown') {
      return 'starting';
    }
    const known = this._answer?.state;
    return known === undefined ? 'unknown' : known === 'not_loaded' ? 'off' : known;
  }

  get kernel(): Kernel.IKernelConnection | null {
    return this._session?.session?.kernel ?? null;
  }

  /** What the kernel said last; null before. */
  get answer(): IKernelAnswer | null {
    return this._answer;
  }

  /** Whether nbship is loaded in the kernel. */
  get loaded(): boolean {
    return this._answer !== null && this._answer.state !== 'not_loaded';
  }

  /** What is being done. */
  get pending(): TrackingAction | null {
    return this._pending;
  }

  /** Why the last thing that was to be done was not; empty when it was. */
  get message(): string {
    return this._message;
  }

  /** How the session's run ended that was ended from here last. */
  get ended(): IEndedRun | null {
    return this._ended;
  }

  /** Emitted when any of this changes. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Ask the kernel how tracking stands. */
  refresh(): void {
    void this._asking.invoke();
  }

  /** Switch session tracking; nbship is loaded where it is not yet. */
  switch(on: boolean): Promise<boolean> {
    return this._do(on ? 'turn_on' : 'turn_off');
  }

  /** Load nbship in the kernel, as `%load_ext nbship` does. */
  async load(): Promise<boolean> {
    return this.loaded || (await this._do('load'));
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    if (this._disposed) {
      return;
    }
    this._disposed = true;
    this._session?.kernelChanged.disconnect(this._onKernel, this);
    this._session?.statusChanged.disconnect(this._onStatus, this);
    NotebookActions.executed.disconnect(this._onExecuted, this);
    this.panel.disposed.disconnect(this.dispose, this);
    this._asking.dispose();
    this._session = null;
    Signal.clearData(this);
  }

  private async _do(action: TrackingAction): Promise<boolean> {
    if (this._pending) {
      return false;
    }
    this._pending = action;
    this._message = '';
    this._changed.emit();
    const ok = await this._ask(action);
    this._pending = null;
    this._changed.emit();
    return ok;
  }

  /** Ask, and keep the answer; the answer of a kernel that is not the notebook's any more is dropped. */
  private async _ask(call: KernelCall): Promise<boolean> {
    const { kernel } = this;
    const life = this._life;
    if (!kernel || this._foreign || kernel.status === 'dead') {
      return false;
    }
    try {
      const answer = await askKernel(kernel, call);
      return life === this._life && this._adopt(answer, call);
    } catch (thrown) {
      // A request is cancelled when the kernel restarts or goes: what is asked then says it.
      if (life === this._life && !this._disposed && thrown instanceof KernelError) {
        this._missing = thrown.missing;
        this._message = thrown.missing || call === 'status' ? '' : thrown.message;
        this._changed.emit();
      }
      return false;
    }
  }

  private _adopt(answer: IKernelAnswer, call: KernelCall): boolean {
    this._answer = answer;
    this._missing = false;
    if (call !== 'status') {
      this._message = answer.message;
      this._ended = answer.ended;
    } else if (answer.state === 'on') {
      this._ended = null;
    }
    this._changed.emit();
    return answer.message === '';
  }

  private _onKernel(): void {
    this._forget();
    const { kernel } = this;
    this._foreign = false;
    if (kernel) {
      void this._learnLanguage(kernel);
    }
    this._changed.emit();
  }

  private async _learnLanguage(kernel: Kernel.IKernelConnection): Promise<void> {
    const spec = await kernel.spec.catch(() => undefined);
    if (kernel === this.kernel && !this._disposed) {
      this._foreign = spec !== undefined && spec.language.toLowerCase() !== 'python';
      this._changed.emit();
      this.refresh();
    }
  }

  private _onStatus(): void {
    const status = this.kernel?.status;
    if (status !== undefined && (STARTING.has(status) || GONE.has(status))) {
      this._forget();
      this._restarted = true;
    } else if (status === 'idle' && this._restarted) {
      this._restarted = false;
      this.refresh();
    }
    this._changed.emit();
  }

  private _onExecuted(_: unknown, done: { notebook: Notebook }): void {
    if (done.notebook === this.panel.content) {
      this.refresh();
    }
  }

  private _forget(): void {
    this._life += 1;
    this._answer = null;
    this._ended = null;
    this._missing = false;
    this._message = '';
  }

  private _session: ISessionContext | null;
  private _answer: IKernelAnswer | null = null;
  private _pending: TrackingAction | null = null;
  private _message = '';
  private _ended: IEndedRun | null = null;
  private _missing = false;
  private _foreign = false;
  private _restarted = false;
  private _life = 0;
  private _disposed = false;
  private _changed = new Signal<this, void>(this);
  private _asking = new Debouncer(() => this._ask('status'), ASK_DELAY_MS);
}

/** So long after a cell ended, the kernel is asked: of many cells in a row, after the last. */
const ASK_DELAY_MS = 150;

const GONE = new Set<Kernel.Status>(['dead', 'terminating']);

const STARTING = new Set<Kernel.Status>(['starting', 'restarting', 'autorestarting', 'unknown']);
