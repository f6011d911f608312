import type { TranslationBundle } from '@jupyterlab/translation';

/** What runs are sorted by, in the words of the server. */
export interface ISort {
  /** `started`, `duration`, `name`, `metrics.NAME` or `params.NAME`. */
  key: string;
  descending: boolean;
}

const METRIC = 'metrics.';
const PARAM = 'params.';

export function parseSort(sort: string): ISort {
  return { key: sort.replace(/^-/, ''), descending: sort.startsWith('-') };
}

export function sortText({ key, descending }: ISort): string {
  return (descending ? '-' : '') + key;
}

/** Return the metric that a sort key means; null for another one. */
export function metricOfSort(sort: string): string | null {
  return after(METRIC, parseSort(sort).key);
}

/** Return the parameter that a sort key means; null for another one. */
export function paramOfSort(sort: string): string | null {
  return after(PARAM, parseSort(sort).key);
}

export function metricKey(name: string): string {
  return METRIC + name;
}

export function paramKey(name: string): string {
  return PARAM + name;
}

/** Return the direction in which a key is wanted first: the newest, the longest, the best, but A before Z. */
export function usualDirection(key: string): boolean {
  return key !== 'name' && !key.startsWith(PARAM);
}

/** Return what a direction does to a key, in words. */
export function directionText({ key, descending }: ISort, trans: TranslationBundle): string {
  if (key === 'started') {
    return descending ? trans.__('Newest first') : trans.__('Oldest first');
  }
  if (key === 'name') {
    return descending ? trans.__('Z to A') : trans.__('A to Z');
  }
  return descending ? trans.__('Largest first') : trans.__('Smallest first');
}

function after(prefix: string, key: string): string | null {
  return key.startsWith(prefix) ? key.slice(prefix.length) : null;
}
