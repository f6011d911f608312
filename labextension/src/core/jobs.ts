import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { Api } from '../api/client';
import { asApiError, type ApiError } from '../api/error';
import type { OptionsArgument, Operation, PathsOf, Schemas } from '../api/operations';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ActiveNotebook } from './active';
import { Watch } from './watch';

export type JobJson = Schemas['JobJson'];

/** The paths that start a job: `/jobs/step`, `/jobs/sweep`, … */
export type JobStart = Extract<
  {
    [P in PathsOf<'post'>]: P extends `/jobs/${infer Kind}`
      ? Kind extends `{${string}`
        ? never
        : P
      : never;
  }[PathsOf<'post'>],
  string
>;

type StartBody<P extends JobStart> =
  NonNullable<OptionsArgument<Operation<P, 'post'>>[0]> extends { body: infer B } ? B : never;

/** The long work of this project: steps, sweeps, pipelines, drift, packages and services. */
export class JobsModel implements IDisposable {
  constructor(private _options: JobsModel.IOptions) {
    this._watch = new Watch({
      name: 'jobs',
      look: () => this._look(),
      seconds: () => (this.running.length > 0 ? 1 : _options.idleSeconds())
    });
    _options.active.changed.connect(this.refresh, this);
  }

  /** All jobs, the newest first. */
  get jobs(): readonly JobJson[] {
    return this._jobs;
  }

  get running(): readonly JobJson[] {
    return this._jobs.filter(job => job.state === 'running');
  }

  /** Why the list could not be read; null when it could. */
  get error(): ApiError | null {
    return this._error;
  }

  /** Whether the list has been read at least once. */
  get ready(): boolean {
    return this._ready;
  }

  /** Emitted when the list or the error changes. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted when a job that was seen running does not run any more. */
  get finished(): ISignal<this, JobJson> {
    return this._finished;
  }

  /** Who looks: the list is read only while somebody does. */
  get viewers(): Watch['viewers'] {
    return this._watch.viewers;
  }

  /** Start long work, e.g. `jobs.start('/jobs/step', {...})`. */
  async start<P extends JobStart>(path: P, body: StartBody<P>): Promise<JobJson> {
    const post = this._options.api.post as (path: string, options: unknown) => Promise<JobJson>;
    const job = await post.call(this._options.api, path, { body });
    this._adopt([job, ...this._jobs.filter(other => other.id !== job.id)]);
    this.refresh();
    return job;
  }

  /** Ask a job to stop. */
  async cancel(id: string): Promise<void> {
    await this._options.api.post('/jobs/{job}/cancel', { path: { job: id } });
    this.refresh();
  }

  /** Forget a job that has ended. */
  async remove(id: string): Promise<void> {
    await this._options.api.delete('/jobs/{job}', { path: { job: id } });
    this._adopt(this._jobs.filter(job => job.id !== id));
  }

  /** Read the list now, if somebody looks. */
  refresh(): void {
    this._watch.refresh();
  }

  get isDisposed(): boolean {
    return this._watch.isDisposed;
  }

  dispose(): void {
    if (!this.isDisposed) {
      this._options.active.changed.disconnect(this.refresh, this);
      this._watch.dispose();
      Signal.clearData(this);
    }
  }

  private async _look(): Promise<void> {
    const path = this._options.active.path;
    try {
      const { jobs } = await this._options.api.get('/jobs');
      // An answer for a notebook that is not the active one any more is about another project.
      if (path === this._options.active.path) {
        this._error = null;
        this._ready = true;
        this._adopt(jobs);
      }
    } catch (thrown) {
      this._error = asApiError(thrown, this._options.trans);
      this._changed.emit();
      throw thrown;
    }
  }

  private _adopt(jobs: readonly JobJson[]): void {
    const before = new Set(this.running.map(job => job.id));
    this._jobs = jobs;
    this._changed.emit();
    for (const job of jobs) {
      if (before.has(job.id) && job.state !== 'running') {
        this._finished.emit(job);
      }
    }
  }

  private _watch: Watch;
  private _jobs: readonly JobJson[] = [];
  private _error: ApiError | null = null;
  private _ready = false;
  private _changed = new Signal<this, void>(this);
  private _finished = new Signal<this, JobJson>(this);
}

export namespace JobsModel {
  export interface IOptions {
    api: Api;
    trans: TranslationBundle;
    active: ActiveNotebook;
    /** How long to pause between two looks while nothing runs. */
    idleSeconds: () => number;
  }
}
