import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { EmptyState, ErrorNote, Sparkline } from '../../components';
import { formatNumber } from '../../components/numbers';
import { useNbship } from '../../core/context';
import { Filtered } from './Filtered';
import { MetricChart } from './MetricChart';
import { Part } from './Part';
import { usePart } from './parts';
import type { RunDetail } from './RunTab';

export type MetricHistory = Schemas['MetricHistory'];

type Metric = [string, number | string];

const FIRST = 50;

/** The metrics of a run, each with its way there. */
export function MetricsTable({ run }: { run: RunDetail }): React.ReactElement {
  const { trans } = useNbship();
  const metrics: Metric[] = Object.entries(run.metrics);
  return (
    <Part title={trans.__('Metrics')} count={metrics.length}>
      {metrics.length === 0 ? (
        <EmptyState
          title={trans.__('No metrics')}
          text={trans.__(
            'Numbers that the tracked cells compute, such as auc = roc_auc_score(…), become metrics by themselves.'
          )}
        />
      ) : (
        <Filtered items={metrics} text={([key]) => key} most={FIRST}>
          {shown => <Rows metrics={shown} />}
        </Filtered>
      )}
    </Part>
  );
}

function Rows({ metrics }: { metrics: readonly Metric[] }): React.ReactElement {
  const { api, locale, trans } = useNbship();
  const [open, setOpen] = React.useState<string | null>(null);
  const keys = metrics.map(([key]) => key).join(',');
  const { data, error, reload } = usePart(
    'metrics',
    ask => api.get('/runs/{run}/metrics', { ...ask, query: { ...ask.query, keys } }),
    [keys]
  );
  const histories = new Map(data?.metrics.map(history => [history.key, history]));
  const anyDrawn = data?.metrics.some(history => history.total > 1) ?? false;
  return (
    <>
      <table className="jp-nbship-KeyValue jp-nbship-Run-metrics" aria-label={trans.__('Metrics')}>
        <tbody>
          {metrics.map(([key, value]) => {
            const history = histories.get(key);
            const drawn = history && history.total > 1 ? history : null;
            const shown = open === key && drawn !== null;
            return (
              <React.Fragment key={key}>
                <tr>
                  <th scope="row" title={key}>
                    {key}
                  </th>
                  <td className="jp-nbship-Run-value" title={String(value)}>
                    {formatNumber(value, locale)}
                  </td>
                  {anyDrawn && (
                    <td className="jp-nbship-Run-spark">
                      {drawn && (
                        <button
                          type="button"
                          aria-expanded={shown}
                          title={trans.__('%1 values of %2; click for a chart', drawn.total, key)}
                          onClick={() => setOpen(shown ? null : key)}
                        >
                          <Sparkline
                            values={drawn.values.map(each => each ?? NaN)}
                            label={trans.__('%1 values of %2', drawn.total, key)}
                            width={96}
                          />
                        </button>
                      )}
                    </td>
                  )}
                </tr>
                {shown && (
                  <tr>
                    <td colSpan={3}>
                      <MetricChart history={drawn} />
                    </td>
                  </tr>
                )}
              </React.Fragment>
            );
          })}
        </tbody>
      </table>
      {error && <ErrorNote error={error} onRetry={reload} />}
    </>
  );
}
