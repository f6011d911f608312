import type { Schemas } from '../../../api/operations';
import { sortedRuns } from '../sorting';

const run = (
  auc: number | string | undefined,
  depth: string | undefined,
  seconds: number | null
) => ({
  metrics: auc === undefined ? {} : { auc },
  params: depth === undefined ? {} : { depth },
  duration_seconds: seconds
});

const table = {
  runs: [run(0.5, '10', 3), run('NaN', '9', 1), run(undefined, undefined, null), run(0.9, '2', 2)],
  columns: [
    { kind: 'metrics', name: 'auc', texts: ['0.5', 'NaN', '', '0.9'], best: 3, numeric: true },
    { kind: 'parameters', name: 'depth', texts: ['10', '9', '', '2'], best: null, numeric: true },
    { kind: '', name: 'took', texts: ['3 s', '1 s', '', '2 s'], best: null, numeric: true },
    { kind: 'versions', name: 'code', texts: ['A', 'B', '—', 'C'], best: null, numeric: false }
  ],
  order: [3, 0, 1, 2]
} as unknown as Schemas['RunsComparisonJson'];

it('has the best first at first', () => {
  expect(sortedRuns(table, null)).toEqual([3, 0, 1, 2]);
});

it.each([
  [0, 1, [0, 3, 1, 2]],
  [0, -1, [3, 0, 1, 2]],
  [1, 1, [3, 1, 0, 2]],
  [2, -1, [0, 3, 1, 2]]
] as const)('sorts column %i by %i with what is lacking last', (column, direction, order) => {
  expect(sortedRuns(table, { column, direction })).toEqual(order);
});
