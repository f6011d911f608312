import type * as nbformat from '@jupyterlab/nbformat';
import type { Contents, ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal, type ISignal } from '@lumino/signaling';

import type { Api } from '../../api/client';
import { ApiError } from '../../api/error';

/** What stands before the colon of a path of this drive. */
export const DRIVE_NAME = 'nbship';

/** Return the path by which Lab opens the executed notebook of a run: its name is what the tab says. */
export function runNotebookPath(run: string, name: string): string {
  return `${DRIVE_NAME}:${run}/${fileName(name)}`;
}

/** Return a name as one of a file: no path within it, and no end that a file system refuses. */
export function fileName(name: string): string {
  const plain = name.replace(/[\\/:*?"<>|\u0000-\u001f]+/g, '-').replace(/^\.+|[\s.]+$/g, '');
  return `${plain.slice(0, 100) || 'run'}.ipynb`;
}

/**
 * The executed notebooks of runs, as files that can only be read: `nbship:<run id>/<name>.ipynb`.
 *
 * Whatever is saved under another path, which is what "Save Notebook As…" does, becomes a file of the server.
 */
export class RunsDrive implements Contents.IDrive {
  constructor(private _options: RunsDrive.IOptions) {}

  readonly name = DRIVE_NAME;

  get serverSettings(): ServerConnection.ISettings {
    return this._options.contents.serverSettings;
  }

  get fileChanged(): ISignal<Contents.IDrive, Contents.IChangedArgs> {
    return this._fileChanged;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    this._disposed = true;
    this._kept.clear();
    Signal.clearData(this);
  }

  async get(localPath: string, options?: Contents.IFetchOptions): Promise<Contents.IModel> {
    const run = runOf(localPath);
    if (run === null) {
      return this._options.contents.get(localPath, options);
    }
    const found = await this._load(run);
    const whole = options?.content ?? true;
    if (whole) {
      // Lab asks whether the file is there, and then for all of it: after that it may have changed.
      this._kept.delete(run);
    }
    return model(localPath, found, whole);
  }

  async save(localPath: string, options: Partial<Contents.IModel> = {}): Promise<Contents.IModel> {
    if (runOf(localPath) !== null) {
      throw this._refusal();
    }
    return this._options.contents.save(localPath, { ...options, path: localPath });
  }

  getDownloadUrl(localPath: string): Promise<string> {
    const run = runOf(localPath);
    return run === null
      ? this._options.contents.getDownloadUrl(localPath)
      : Promise.resolve(this._options.api.url('/runs/{run}/notebook', { path: { run } }));
  }

  newUntitled(): Promise<Contents.IModel> {
    return Promise.reject(this._refusal());
  }

  delete(localPath: string): Promise<void> {
    return runOf(localPath) === null
      ? this._options.contents.delete(localPath)
      : Promise.reject(this._refusal());
  }

  rename(): Promise<Contents.IModel> {
    return Promise.reject(this._refusal());
  }

  copy(): Promise<Contents.IModel> {
    return Promise.reject(this._refusal());
  }

  createCheckpoint(): Promise<Contents.ICheckpointModel> {
    return Promise.reject(this._refusal());
  }

  listCheckpoints(): Promise<Contents.ICheckpointModel[]> {
    return Promise.resolve([]);
  }

  restoreCheckpoint(): Promise<void> {
    return Promise.reject(this._refusal());
  }

  deleteCheckpoint(): Promise<void> {
    return Promise.reject(this._refusal());
  }

  private _load(run: string): Promise<nbformat.INotebookContent> {
    const kept = this._kept.get(run);
    if (kept) {
      return kept;
    }
    const asked = this._options.api
      .get('/runs/{run}/notebook', { path: { run } })
      .then(answer => untrusted(answer as unknown as nbformat.INotebookContent));
    this._kept.set(run, asked);
    asked.catch(() => this._kept.delete(run));
    return asked;
  }

  private _refusal(): ApiError {
    const { trans } = this._options;
    return new ApiError({
      status: 405,
      code: 'read_only',
      message: trans.__('The executed notebook of a run cannot be changed.'),
      hint: trans.__('Save it as a file of your own first.')
    });
  }

  private _kept = new Map<string, Promise<nbformat.INotebookContent>>();
  private _fileChanged = new Signal<Contents.IDrive, Contents.IChangedArgs>(this);
  private _disposed = false;
}

export namespace RunsDrive {
  export interface IOptions {
    api: Api;
    trans: TranslationBundle;
    /** The files of the server, for copies. */
    contents: Pick<
      Contents.IManager,
      'delete' | 'get' | 'getDownloadUrl' | 'save' | 'serverSettings'
    >;
  }
}

/** Return the run whose notebook a path of the drive means; null for any other path. */
export function runOf(localPath: string): string | null {
  const found = /^\/?([0-9a-f]{32})\/[^/]+\.ipynb$/.exec(localPath);
  return found ? found[1] : null;
}

/** Return a notebook none of whose cells claims to be trusted: only the Jupyter server may say so. */
export function untrusted(notebook: nbformat.INotebookContent): nbformat.INotebookContent {
  const cells = notebook.cells.map(cell => ({
    ...cell,
    metadata: { ...cell.metadata, trusted: false }
  }));
  return { ...notebook, cells };
}

function model(path: string, notebook: nbformat.INotebookContent, whole: boolean): Contents.IModel {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const read = new Date().toISOString();
  return {
    name,
    path: path.replace(/^\//, ''),
    type: 'notebook',
    writable: false,
    // Lab writes them as dates; a notebook that nobody can change has the age of its reading.
    created: read,
    last_modified: read,
    mimetype: '',
    content: whole ? notebook : null,
    format: whole ? 'json' : null
  } as Contents.IModel;
}
