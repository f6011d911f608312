import * as React from 'react';

import { KeyValue } from '../../components';
import { formatNumber } from '../../components/numbers';
import { useNbship } from '../../core/context';
import type { Metrics as MetricValues } from '../../pipelines/reports';

/** The newest value of each metric of a step. */
export function Metrics({ metrics }: { metrics: MetricValues }): React.ReactElement | null {
  const { locale, trans } = useNbship();
  const names = Object.keys(metrics);
  if (names.length === 0) {
    return null;
  }
  return (
    <section className="jp-nbship-Job-part">
      <h3>{trans.__('Metrics')}</h3>
      <KeyValue
        label={trans.__('Metrics')}
        rows={names.map(key => ({
          key,
          value: formatNumber(metrics[key], locale),
          title: String(metrics[key])
        }))}
      />
    </section>
  );
}
