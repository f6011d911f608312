import type { Schemas } from '../../api/operations';

type RunsComparisonJson = Schemas['RunsComparisonJson'];

export interface ISort {
  /** The place of the column. */
  column: number;
  /** 1 puts the smallest first. */
  direction: 1 | -1;
}

/** Return the places of the runs in the order of a column; the best first without one. */
export function sortedRuns(table: RunsComparisonJson, sort: ISort | null): readonly number[] {
  if (!sort) {
    return table.order;
  }
  const values = table.runs.map((_, run) => valueOf(table, sort.column, run));
  return [...table.order].sort((a, b) => compare(values[a], values[b], sort.direction));
}

type Value = number | string | null;

function compare(a: Value, b: Value, direction: 1 | -1): number {
  // What is not there comes last, whichever way.
  if (a === null || b === null) {
    return Number(a === null) - Number(b === null);
  }
  if (typeof a === 'number' && typeof b === 'number') {
    return (a - b) * direction;
  }
  return String(a).localeCompare(String(b), undefined, { numeric: true }) * direction;
}

function valueOf(table: RunsComparisonJson, at: number, index: number): Value {
  const { kind, name, texts, numeric } = table.columns[at];
  const run = table.runs[index];
  const value =
    kind === 'metrics'
      ? (run.metrics[name] ?? null)
      : kind === 'parameters'
        ? (run.params[name] ?? null)
        : kind === ''
          ? run.duration_seconds
          : texts[index];
  const number = typeof value === 'string' && numeric ? Number(value) : value;
  return typeof number === 'number' && Number.isNaN(number) ? null : number;
}
