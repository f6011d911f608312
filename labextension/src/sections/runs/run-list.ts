import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { Api } from '../../api/client';
import { asApiError, isAbort, type ApiError } from '../../api/error';
import type { Schemas } from '../../api/operations';
import type { ActiveNotebook } from '../../core/active';
import { metricOfSort } from './sort';

export type RunJson = Schemas['RunJson'];
export type RunBadges = Schemas['RunBadges'];

/** A run as the list shows it. */
export interface IRunRow {
  run: RunJson;
  badges: RunBadges | null;
  /** Whether the store does not know it yet: nothing can be done to it, but it can be opened. */
  arriving: boolean;
}

/** Which runs are listed, and how they are sorted. */
export interface IRunsQuery {
  /** Plain words or MLflow's filter syntax. */
  text: string;
  /** A key of the server, with a leading `-` for the largest first; see `sort.ts`. */
  sort: string;
  /** Only the runs of the active notebook. */
  notebook: boolean;
  /** Also the runs that were put away. */
  archived: boolean;
}

/** So many runs are loaded at a time. */
export const PAGE = 100;

/** The tag by which a run is known before the store knows it. */
export const OWN_ID = 'nbship.run';

/** The runs of the project: those that are on their way to the store, and those of the store, page by page. */
export class RunList implements IDisposable {
  constructor(private _options: RunList.IOptions) {
    _options.active.changed.connect(this._onActive, this);
    this._path = _options.active.path;
  }

  get query(): Readonly<IRunsQuery> {
    return this._query;
  }

  /** How many rows there are; where the store cannot tell, those loaded and one more. */
  get count(): number {
    return this._arriving.length + (this._total ?? this._end + (this._more ? 1 : 0));
  }

  /** How many runs match; null where the store cannot tell. */
  get total(): number | null {
    return this._total === null ? null : this._arriving.length + this._total;
  }

  /** Why the last load failed; what was loaded before stays. */
  get error(): ApiError | null {
    return this._error;
  }

  get loading(): boolean {
    return this._loading;
  }

  /** Whether the server has answered at all. */
  get ready(): boolean {
    return this._version > 0;
  }

  /** Another number whenever the list is another one, so that it is shown from its beginning. */
  get version(): number {
    return this._version;
  }

  /** The store, without its password; it tells projects apart. */
  get store(): string {
    return this._store;
  }

  /** The metric whose value each row shows; null where the runs have none. */
  get metric(): string | null {
    return metricOfSort(this._query.sort) ?? this._metric ?? this._usualMetric;
  }

  /** The ids of the selected runs. */
  get selection(): ReadonlySet<string> {
    return this._selection;
  }

  /** The selected runs, as far as they were ever loaded. */
  get selected(): RunJson[] {
    return [...this._selection].flatMap(id => this._known.get(id) ?? []);
  }

  /** Emitted when anything of it changes. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Return a row; undefined while it is not loaded. */
  row(index: number): IRunRow | undefined {
    const at = index - this._arriving.length;
    if (at < 0) {
      return this._arriving[index];
    }
    return this._pages.get(Math.floor(at / PAGE))?.[at % PAGE];
  }

  /** Return what is known of a run. */
  known(id: string): RunJson | undefined {
    return this._known.get(id);
  }

  /** List other runs, or in another order. */
  update(change: Partial<IRunsQuery>): void {
    const old = this._query;
    this._query = { ...old, ...change };
    this._metric = metricOfSort(this._query.sort) ?? this._metric;
    const others = RUNS_BY.some(name => old[name] !== this._query[name]);
    if (others) {
      this._selection = new Set();
    }
    if (others || old.sort !== this._query.sort) {
      void this._load([0], true);
    }
  }

  /** Say which rows can be seen: they are what is loaded again. */
  look(first: number, last: number): void {
    this._seen = this._pagesOf(first, last);
  }

  /** Load rows that are not loaded. */
  need(first: number, last: number): void {
    const missing = this._pagesOf(first, last).filter(
      page => !this._pages.has(page) && !this._asked.has(page)
    );
    // A list that is about to be another one has other rows there.
    if (!this._renewing) {
      missing.forEach(page => void this._add(page));
    }
  }

  /** Load what can be seen again; the rows stay meanwhile. */
  refresh(): void {
    if (this._loading) {
      this._again = true;
    } else {
      void this._load(this.ready ? this._seen : [0], !this.ready);
    }
  }

  /** Select runs; those that the store does not know yet cannot be. */
  select(ids: Iterable<string>): void {
    const arriving = new Set(this._arriving.map(row => row.run.id));
    this._selection = new Set([...ids].filter(id => !arriving.has(id)));
    this._changed.emit();
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    if (this._disposed) {
      return;
    }
    this._disposed = true;
    this._abort.abort();
    this._options.active.changed.disconnect(this._onActive, this);
    Signal.clearData(this);
  }

  /** Load pages instead of all that there are; `anew` for a list that is shown from its beginning. */
  private async _load(pages: number[], anew: boolean): Promise<void> {
    this._abort.abort();
    const { signal } = (this._abort = new AbortController());
    this._asked.clear();
    this._loading = true;
    this._renewing = anew;
    this._changed.emit();
    const [stored, arriving] = await Promise.allSettled([
      Promise.all(pages.map(page => this._ask(page, signal))),
      this._askArriving(signal)
    ]);
    if (signal.aborted) {
      return;
    }
    this._loading = this._renewing = false;
    if (stored.status === 'fulfilled') {
      this._replace(pages, stored.value, anew);
    } else {
      this._error = asApiError(stored.reason, this._options.trans);
    }
    // Set together with the pages, so that a run which has arrived shows neither twice nor not at all.
    if (arriving.status === 'fulfilled') {
      this._setArriving(arriving.value.runs);
    }
    this._changed.emit();
    if (this._again) {
      this._again = false;
      this.refresh();
    }
  }

  private async _add(page: number): Promise<void> {
    const { signal } = this._abort;
    this._asked.add(page);
    try {
      const answer = await this._ask(page, signal);
      if (!signal.aborted) {
        this._asked.delete(page);
        this._put(page, answer);
        this._error = null;
        this._setArriving(this._arriving.map(row => row.run));
        this._changed.emit();
      }
    } catch (thrown) {
      if (!signal.aborted && !isAbort(thrown)) {
        this._asked.delete(page);
        this._error = asApiError(thrown, this._options.trans);
        this._changed.emit();
      }
    }
  }

  private _ask(page: number, signal: AbortSignal): Promise<PageJson> {
    const { sort, archived } = this._query;
    const query = { ...this._narrowed(), sort, archived, limit: PAGE, offset: page * PAGE };
    return this._options.api.get('/runs', { query, signal });
  }

  private _askArriving(signal: AbortSignal): Promise<{ runs: RunJson[] }> {
    return this._options.api.get('/runs/arriving', { query: this._narrowed(), signal });
  }

  private _narrowed(): { query: string; notebook?: boolean } {
    const notebook = this._query.notebook && this._options.active.path !== null;
    return { query: this._query.text.trim(), ...(notebook ? { notebook } : {}) };
  }

  private _replace(pages: number[], answers: PageJson[], anew: boolean): void {
    const { tracking_uri: store } = answers[0];
    if (store !== this._store) {
      this._known.clear();
      this._selection = new Set();
    }
    if (anew || store !== this._store) {
      this._version += 1;
      this._seen = [0];
    }
    this._store = store;
    this._error = null;
    this._pages.clear();
    this._end = 0;
    pages.forEach((page, at) => this._put(page, answers[at]));
    this._usualMetric = usualMetric(answers[0].runs) ?? this._usualMetric;
  }

  private _put(page: number, answer: PageJson): void {
    const { runs, badges, total, more } = answer;
    this._pages.set(
      page,
      runs.map(run => ({ run, badges: badges[run.id] ?? null, arriving: false }))
    );
    runs.forEach(run => this._known.set(run.id, run));
    this._total = total;
    if (page * PAGE + runs.length >= this._end) {
      this._end = page * PAGE + runs.length;
      this._more = more;
    }
  }

  private _setArriving(runs: RunJson[]): void {
    const arrived = new Set(
      [...this._pages.values()].flatMap(rows => rows.map(row => row.run.tags[OWN_ID]))
    );
    this._arriving = runs
      .filter(run => !arrived.has(run.id))
      .map(run => ({ run, badges: null, arriving: true }));
  }

  private _pagesOf(first: number, last: number): number[] {
    const page = (index: number) => Math.floor(Math.max(0, index - this._arriving.length) / PAGE);
    const from = page(first);
    return Array.from({ length: page(last) - from + 1 }, (_, at) => from + at);
  }

  private _onActive(): void {
    const { path } = this._options.active;
    if (path === this._path) {
      return;
    }
    this._path = path;
    // Nobody has looked at it yet: the first look will load it.
    if (this.ready || this._loading) {
      if (this._query.notebook) {
        void this._load([0], true);
      } else {
        this.refresh();
      }
    }
  }

  private _query: IRunsQuery = { text: '', sort: '-started', notebook: false, archived: false };
  private _pages = new Map<number, IRunRow[]>();
  private _arriving: IRunRow[] = [];
  private _known = new Map<string, RunJson>();
  private _selection: ReadonlySet<string> = new Set();
  private _total: number | null = 0;
  private _end = 0;
  private _more = false;
  private _store = '';
  private _metric: string | null = null;
  private _usualMetric: string | null = null;
  private _path: string | null;
  private _seen = [0];
  private _asked = new Set<number>();
  private _abort = new AbortController();
  private _loading = false;
  private _renewing = false;
  private _again = false;
  private _version = 0;
  private _error: ApiError | null = null;
  private _disposed = false;
  private _changed = new Signal<this, void>(this);
}

export namespace RunList {
  export interface IOptions {
    api: Api;
    trans: TranslationBundle;
    active: Pick<ActiveNotebook, 'path' | 'changed'>;
  }
}

type PageJson = Schemas['RunPageJson'];

const RUNS_BY = ['text', 'notebook', 'archived'] as const;

/** Return the metric that most runs have. */
function usualMetric(runs: RunJson[]): string | null {
  const counts = new Map<string, number>();
  for (const run of runs) {
    for (const name of Object.keys(run.metrics)) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  const most = Math.max(...counts.values());
  const names = [...counts].filter(([, count]) => count === most).map(([name]) => name);
  return names.sort()[0] ?? null;
}
