import type { ISessionContext } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import {
  NotebookActions,
  type INotebookTracker,
  type Notebook,
  type NotebookPanel
} from '@jupyterlab/notebook';
import type { Contents, Kernel } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

/** The notebook that the user works in, and its kernel. There may be none of either. */
export class ActiveNotebook implements IDisposable {
  /**
   * @param tracker - The open notebooks; without one there is never an active notebook.
   * @param contents - Knows which paths are files of the server, and which live on other drives.
   */
  constructor(tracker: INotebookTracker | null, contents?: Contents.IManager) {
    this._tracker = tracker;
    this._contents = contents;
    tracker?.currentChanged.connect(this._follow, this);
    NotebookActions.executed.connect(this._onExecuted, this);
    this._follow();
  }

  /** The panel of the notebook. */
  get panel(): NotebookPanel | null {
    return this._panel;
  }

  /** Where the notebook is, relative to the root of the server; null if it is not a file of the server. */
  get path(): string | null {
    const path = this._panel?.context.path;
    return path ? localPath(path, this._contents) : null;
  }

  get kernel(): Kernel.IKernelConnection | null {
    return this._session?.session?.kernel ?? null;
  }

  get kernelStatus(): Kernel.Status | null {
    return this.kernel?.status ?? null;
  }

  /** Whether the kernel executes something. */
  get busy(): boolean {
    return this.kernelStatus === 'busy';
  }

  /** Emitted when it is another notebook, or its path or its kernel is another one. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted when the kernel's status changes. */
  get statusChanged(): ISignal<this, Kernel.Status | null> {
    return this._statusChanged;
  }

  /** Emitted when a cell of any open notebook has been executed. */
  get executed(): ISignal<this, ActiveNotebook.IExecuted> {
    return this._executed;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    if (this._disposed) {
      return;
    }
    this._disposed = true;
    this._leave();
    this._tracker?.currentChanged.disconnect(this._follow, this);
    NotebookActions.executed.disconnect(this._onExecuted, this);
    Signal.clearData(this);
  }

  private _follow(): void {
    const panel = this._tracker?.currentWidget ?? null;
    if (panel === this._panel) {
      return;
    }
    this._leave();
    if (panel) {
      this._enter(panel);
    }
    this._changed.emit();
  }

  private _enter(panel: NotebookPanel): void {
    this._panel = panel;
    this._context = panel.context;
    this._session = panel.sessionContext;
    this._context.pathChanged.connect(this._emitChanged, this);
    this._session.kernelChanged.connect(this._emitChanged, this);
    this._session.statusChanged.connect(this._onStatus, this);
    panel.disposed.connect(this._follow, this);
  }

  private _leave(): void {
    this._context?.pathChanged.disconnect(this._emitChanged, this);
    this._session?.kernelChanged.disconnect(this._emitChanged, this);
    this._session?.statusChanged.disconnect(this._onStatus, this);
    this._panel?.disposed.disconnect(this._follow, this);
    this._panel = this._context = this._session = null;
  }

  private _emitChanged(): void {
    this._changed.emit();
  }

  private _onStatus(): void {
    this._statusChanged.emit(this.kernelStatus);
  }

  private _onExecuted(
    _: unknown,
    done: { notebook: Notebook; cell: Cell; success: boolean }
  ): void {
    this._executed.emit({ cell: done.cell, notebook: done.notebook, success: done.success });
  }

  private _tracker: INotebookTracker | null;
  private _contents: Contents.IManager | undefined;
  private _panel: NotebookPanel | null = null;
  // Kept apart from the panel, which has let go of them when it is disposed.
  private _context: DocumentRegistry.Context | null = null;
  private _session: ISessionContext | null = null;
  private _disposed = false;
  private _changed = new Signal<this, void>(this);
  private _statusChanged = new Signal<this, Kernel.Status | null>(this);
  private _executed = new Signal<this, ActiveNotebook.IExecuted>(this);
}

export namespace ActiveNotebook {
  export interface IExecuted {
    cell: Cell;
    notebook: Notebook;
    success: boolean;
  }
}

/** Return the path on the server's disk, or null for a drive that is none of it. */
function localPath(path: string, contents: Contents.IManager | undefined): string | null {
  const drive = contents?.driveName(path) ?? '';
  // "RTC" is the drive of real-time collaboration: the same files, edited together.
  return drive === '' || drive === 'RTC' ? (contents?.localPath(path) ?? path) : null;
}
