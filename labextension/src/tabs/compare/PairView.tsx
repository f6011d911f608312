import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { useNbship } from '../../core/context';
import { CodeDiff } from './CodeDiff';
import { DataDiff } from './DataDiff';
import { Figures } from './Figures';
import { MetricTable } from './MetricTable';
import { PairTable, type IPair } from './PairTable';
import { Part } from './Part';

type ComparisonJson = Schemas['ComparisonJson'];

/** What differs between two runs; with `all`, what is equal too. */
export function PairView(props: { comparison: ComparisonJson; all: boolean }): React.ReactElement {
  const { trans } = useNbship();
  const { comparison: found, all } = props;
  const [left, right] = found.runs;
  const equal = all ? equals(found) : NOTHING;
  const differ = (count: number) => trans._n('%1 difference', '%1 differences', count);
  const pairs: [string, readonly IPair[], readonly IPair[], string][] = [
    [trans.__('Environment'), found.packages, [], trans.__('not installed')],
    [trans.__('Seeds'), found.seeds, [], trans.__('unknown')],
    [trans.__('Git'), found.git, [], trans.__('unknown')],
    [trans.__('Other'), found.facts, [], trans.__('unknown')]
  ];
  return (
    <>
      {found.metrics.length + equal.metrics.length > 0 && (
        <Part title={trans.__('Metrics')} note={differ(found.metrics.length)}>
          <MetricTable metrics={found.metrics} equal={equal.metrics} />
        </Part>
      )}
      {found.code.length > 0 && (
        <Part title={trans.__('Code')} note={codeNote(found, trans)}>
          <CodeDiff cells={found.code} />
        </Part>
      )}
      {found.params.length + equal.params.length > 0 && (
        <Part title={trans.__('Parameters')} note={differ(found.params.length)}>
          <PairTable
            label={trans.__('Parameters')}
            rows={found.params}
            equal={equal.params}
            missing={trans.__('not set')}
          />
        </Part>
      )}
      {found.data.length + equal.datasets.length > 0 && (
        <Part title={trans.__('Data')} note={differ(found.data.length)}>
          <DataDiff datasets={found.data} equal={equal.datasets} />
        </Part>
      )}
      {pairs.map(
        ([title, rows, same, missing]) =>
          rows.length > 0 && (
            <Part key={title} title={title} note={differ(rows.length)}>
              <PairTable label={title} rows={rows} equal={same} missing={missing} />
            </Part>
          )
      )}
      <Figures runs={[left.id, right.id]} />
      <Notes equal={found.equal} lacks={found.lacks} />
    </>
  );
}

function Notes(props: {
  equal: Record<string, number>;
  lacks: readonly string[];
}): React.ReactElement | null {
  const { locale, trans } = useNbship();
  const said = equalWords(props.equal, trans, locale);
  if (!said && props.lacks.length === 0) {
    return null;
  }
  return (
    <footer className="jp-nbship-Compare-foot">
      {said && <p>{trans.__('Equal: %1', said)}</p>}
      {props.lacks.map(text => (
        <p key={text}>{trans.__('Note: %1', text)}</p>
      ))}
    </footer>
  );
}

/** Return how many things are equal, in words. */
function equalWords(
  equal: Record<string, number>,
  trans: TranslationBundle,
  locale: string
): string {
  const words: Record<string, (count: number) => string> = {
    params: count => trans._n('%1 parameter', '%1 parameters', count),
    metrics: count => trans._n('%1 metric', '%1 metrics', count),
    cells: count => trans._n('%1 cell', '%1 cells', count),
    datasets: count => trans._n('%1 dataset', '%1 datasets', count),
    packages: count => trans._n('%1 package', '%1 packages', count)
  };
  return Object.entries(equal)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => words[name]?.(count) ?? `${count.toLocaleString(locale)} ${name}`)
    .join(', ');
}

function codeNote(found: ComparisonJson, trans: TranslationBundle): string {
  const lines = found.code.flatMap(cell => cell.lines);
  const added = lines.filter(line => line.sign === '+').length;
  const removed = lines.filter(line => line.sign === '-').length;
  const cells = trans._n('%1 cell', '%1 cells', found.code.length);
  return added + removed > 0 ? trans.__('%1 · +%2 −%3 lines', cells, added, removed) : cells;
}

interface IEquals {
  params: IPair[];
  metrics: { name: string; value: number | string }[];
  datasets: string[];
}

const NOTHING: IEquals = { params: [], metrics: [], datasets: [] };

/** Return what both runs have in common. */
function equals(found: ComparisonJson): IEquals {
  const [left, right] = found.runs;
  const others = new Set(found.data.map(dataset => dataset.name));
  const digests = new Map(right.datasets.map(({ name, digest }) => [name, digest]));
  const unlike = new Set(found.metrics.map(metric => metric.name));
  return {
    params: Object.entries(left.params)
      .filter(([name, value]) => right.params[name] === value)
      .map(([name, value]) => ({ name, left: value, right: value })),
    metrics: Object.entries(left.metrics)
      .filter(([name]) => name in right.metrics && !unlike.has(name))
      .map(([name, value]) => ({ name, value })),
    datasets: [...new Set(left.datasets.map(({ name }) => name))].filter(
      name => !others.has(name) && digests.has(name)
    )
  };
}
