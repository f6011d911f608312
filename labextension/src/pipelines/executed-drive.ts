import { PathExt } from '@jupyterlab/coreutils';
import type * as nbformat from '@jupyterlab/nbformat';
import type { Contents, ServerConnection } from '@jupyterlab/services';
import { Signal, type ISignal } from '@lumino/signaling';

import type { Api } from '../api/client';
import { untrusted } from '../tabs/run/runs-drive';

/** What stands before the colon of a path of this drive. */
export const DRIVE = 'nbship-steps';

/** Executed notebooks in the hidden folder of a project, as files that can only be read. */
export class ExecutedDrive implements Contents.IDrive {
  constructor(
    private _api: Api,
    readonly serverSettings: ServerConnection.ISettings
  ) {}

  readonly name = DRIVE;

  get fileChanged(): ISignal<this, Contents.IChangedArgs> {
    return this._fileChanged;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    this._disposed = true;
    Signal.clearData(this);
  }

  async get(localPath: string, options?: Contents.IFetchOptions): Promise<Contents.IModel> {
    const content =
      options?.content === false
        ? null
        : await this._api.get('/notebooks/executed', { query: { file: wholePath(localPath) } });
    return {
      name: PathExt.basename(localPath),
      path: localPath,
      type: 'notebook',
      format: content === null ? null : 'json',
      mimetype: '',
      writable: false,
      created: RECORDED,
      last_modified: RECORDED,
      content: content && untrusted(content as unknown as nbformat.INotebookContent)
    } as unknown as Contents.IModel;
  }

  getDownloadUrl(localPath: string): Promise<string> {
    return Promise.resolve(
      this._api.url('/notebooks/executed', { query: { file: wholePath(localPath) } })
    );
  }

  listCheckpoints(): Promise<Contents.ICheckpointModel[]> {
    return Promise.resolve([]);
  }

  newUntitled(): Promise<Contents.IModel> {
    return refused();
  }

  delete(): Promise<void> {
    return refused();
  }

  rename(): Promise<Contents.IModel> {
    return refused();
  }

  save(): Promise<Contents.IModel> {
    return refused();
  }

  copy(): Promise<Contents.IModel> {
    return refused();
  }

  createCheckpoint(): Promise<Contents.ICheckpointModel> {
    return refused();
  }

  restoreCheckpoint(): Promise<void> {
    return refused();
  }

  deleteCheckpoint(): Promise<void> {
    return refused();
  }

  private _disposed = false;
  private _fileChanged = new Signal<this, Contents.IChangedArgs>(this);
}

// A record does not change, so it is never newer than what Lab has read.
const RECORDED = new Date(0).toISOString();

// Lab takes the slash away from the beginning of a path on a drive.
function wholePath(localPath: string): string {
  return `/${localPath.replace(/^\/+/, '')}`;
}

function refused<T>(): Promise<T> {
  return Promise.reject(new Error('An executed notebook is a record: it is only read.'));
}
