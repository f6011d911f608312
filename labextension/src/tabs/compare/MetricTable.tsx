import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { Badge, formatNumber } from '../../components';
import { useNbship } from '../../core/context';

/** The metrics of two runs: how far apart, which way, and whether that is better. */
export function MetricTable(props: {
  metrics: readonly Schemas['MetricDiffJson'][];
  equal: readonly { name: string; value: number | string }[];
}): React.ReactElement {
  const { locale, trans } = useNbship();
  return (
    <div className="jp-nbship-Compare-scroll">
      <table className="jp-nbship-Table jp-nbship-MetricTable" aria-label={trans.__('Metrics')}>
        <thead>
          <tr>
            <th scope="col">{trans.__('Name')}</th>
            <th scope="col">{trans.__('A')}</th>
            <th scope="col">{trans.__('B')}</th>
            <th scope="col">{trans.__('Difference')}</th>
            <th scope="col">{trans.__('Relative')}</th>
            <th scope="col">
              <span className="jp-nbship-Compare-hidden">{trans.__('Verdict')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {props.metrics.map(metric => (
            <tr key={metric.name}>
              <th scope="row">{metric.name}</th>
              <td title={exact(metric.left)}>{metric.left_text}</td>
              <td title={exact(metric.right)}>{metric.right_text}</td>
              <td title={exact(metric.delta)}>{metric.delta_text}</td>
              <td>{metric.relative_text}</td>
              <td>
                <Verdict verdict={metric.verdict} />
              </td>
            </tr>
          ))}
          {props.equal.map(({ name, value }) => (
            <tr key={name} className="jp-mod-equal">
              <th scope="row">{name}</th>
              <td>{formatNumber(value, locale)}</td>
              <td>{formatNumber(value, locale)}</td>
              <td>
                <span title={trans.__('the same in both')}>=</span>
              </td>
              <td />
              <td />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Verdict({ verdict }: { verdict: string }): React.ReactElement | null {
  const { trans } = useNbship();
  if (verdict === 'better') {
    return <Badge kind="ok" label={trans.__('better')} />;
  }
  return verdict === 'worse' ? <Badge kind="failed" label={trans.__('worse')} /> : null;
}

function exact(value: number | string | null): string {
  return value === null ? '' : String(value);
}
