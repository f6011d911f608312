import { Signal, type ISignal } from '@lumino/signaling';
import * as React from 'react';

import { asApiError, isAbort, type ApiError } from '../api/error';
import { useNbship, useSignal, useSignalCall, useVersion, useVisible } from './context';

/** Some rows of a long list, as the server sends them. */
export interface IPage<T> {
  items: readonly T[];
  /** How many there are in all; null where the store cannot say. */
  total: number | null;
  /** Whether there are more behind these. */
  more: boolean;
}

export type LoadPage<T> = (offset: number, limit: number, signal: AbortSignal) => Promise<IPage<T>>;

/** A long list that is loaded page by page. */
export class Pages<T> {
  constructor(
    private _load: LoadPage<T>,
    readonly pageSize = 100
  ) {}

  /** How many rows there are, as far as is known. */
  get count(): number {
    const ends = [...this._pages].map(([page, items]) => page * this.pageSize + items.length);
    return this._total ?? Math.max(0, ...ends) + (this._more ? this.pageSize : 0);
  }

  /** How many rows there are in all; null where that is not known. */
  get total(): number | null {
    return this._total;
  }

  item(index: number): T | undefined {
    return this._pages.get(Math.floor(index / this.pageSize))?.[index % this.pageSize];
  }

  /** Why the last load failed; null when it did not. */
  error: unknown = null;

  /** Whether there has been an answer. */
  ready = false;

  get loading(): boolean {
    return this._asked.size > 0;
  }

  /** Another number whenever rows have come or gone. */
  version = 0;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Load what is missing of a range of rows, which includes `last`. */
  want(first: number, last: number): void {
    this._range = [first, last];
    const missing = this._wanted().filter(page => !this._pages.has(page) && !this._asked.has(page));
    for (const page of missing) {
      void this._ask([page], answers => this._adopt(answers));
    }
  }

  /** Load the range that was wanted last again, and forget the rest; the old rows stay until it is there. */
  reload(): void {
    this.stop();
    void this._ask(this._wanted(), answers => {
      this._pages.clear();
      this._adopt(answers);
    });
  }

  /** Load other rows, from the first one on. */
  restart(): void {
    this._range = [0, 0];
    this.reload();
  }

  /** Give up what has been asked for. */
  stop(): void {
    this._abort.abort();
    this._abort = new AbortController();
    this._asked.clear();
  }

  private _wanted(): number[] {
    const [first, last] = this._range.map(index => Math.floor(Math.max(0, index) / this.pageSize));
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  }

  private async _ask(
    pages: number[],
    adopt: (answers: [number, IPage<T>][]) => void
  ): Promise<void> {
    const { signal } = this._abort;
    const { pageSize } = this;
    pages.forEach(page => this._asked.add(page));
    this._changed.emit();
    try {
      const answers = await Promise.all(
        pages.map(page => this._load(page * pageSize, pageSize, signal))
      );
      if (!signal.aborted) {
        this.error = null;
        adopt(answers.map((answer, at) => [pages[at], answer]));
      }
    } catch (thrown) {
      if (!signal.aborted && !isAbort(thrown)) {
        this.error = thrown;
      }
    }
    if (!signal.aborted) {
      pages.forEach(page => this._asked.delete(page));
      this._changed.emit();
    }
  }

  private _adopt(answers: [number, IPage<T>][]): void {
    for (const [page, answer] of answers) {
      this._pages.set(page, answer.items);
      this._total = answer.total;
    }
    // Only the last page that is loaded says whether there are more behind all of them.
    const [page, answer] = answers[answers.length - 1];
    if (page === Math.max(...this._pages.keys())) {
      this._more = answer.more;
    }
    this.ready = true;
    this.version += 1;
  }

  private _pages = new Map<number, readonly T[]>();
  private _asked = new Set<number>();
  private _range: [number, number] = [0, 0];
  private _total: number | null = null;
  private _more = false;
  private _abort = new AbortController();
  private _changed = new Signal<this, void>(this);
}

/** A long list in a component, made for `VirtualList`. */
export interface IPagesState<T> {
  count: number;
  total: number | null;
  /** Another function whenever rows have come or gone. */
  item: (index: number) => T | undefined;
  /** For `VirtualList.onRange`. */
  onRange: (first: number, last: number) => void;
  ready: boolean;
  loading: boolean;
  error: ApiError | null;
  /** Load what is in view again; the old rows stay until the new ones are there. */
  reload: () => void;
}

/**
 * Load a long list page by page, from the first row again when one of `deps` changes. Nothing is loaded
 * while it cannot be seen.
 */
export function usePages<T>(
  load: LoadPage<T>,
  deps: React.DependencyList,
  pageSize = 100
): IPagesState<T> {
  const nbship = useNbship();
  const visible = useVisible();
  const newest = React.useRef(load);
  newest.current = load;
  const pages = React.useMemo(
    () => new Pages<T>((...page) => newest.current(...page), pageSize),
    [pageSize]
  );
  useSignal(pages.changed);
  const missed = React.useRef(false);
  const reload = React.useCallback(() => {
    missed.current = !visible;
    if (visible) {
      pages.reload();
    }
  }, [pages, visible]);
  useSignalCall(nbship.refreshed, reload);

  const wanted = useVersion(deps);
  const done = React.useRef(-1);
  React.useEffect(() => {
    if (visible && done.current !== wanted) {
      done.current = wanted;
      pages.restart();
    } else if (visible && missed.current) {
      missed.current = false;
      pages.reload();
    }
  }, [pages, visible, wanted]);
  React.useEffect(() => () => pages.stop(), [pages]);

  return {
    count: pages.count,
    total: pages.total,
    // eslint-disable-next-line react-hooks/exhaustive-deps
    item: React.useCallback(index => pages.item(index), [pages, pages.version]),
    onRange: React.useCallback((from, to) => pages.want(from, to), [pages]),
    ready: pages.ready,
    loading: pages.loading,
    error: pages.error === null ? null : asApiError(pages.error, nbship.trans),
    reload
  };
}
