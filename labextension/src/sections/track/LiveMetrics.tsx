import * as React from 'react';

import { formatNumber, Sparkline } from '../../components';
import { useNbship, useVisible } from '../../core/context';
import { useResource } from '../../core/resource';
import type { LiveRun } from './notebook-runs';

interface IMetric {
  name: string;
  value: number | string | null;
  history: number[];
}

const SHOWN = 12;
const STORE_PAUSE_MS = 2000;

/** The metrics of a run as they arrive, each with its course. */
export function LiveMetrics({ run }: { run: LiveRun }): React.ReactElement | null {
  // What a cell logs through mlflow itself goes to the store at once, and never stands in the journal.
  const own = run.status === 'RUNNING' && run.store_run_id !== null;
  return own ? (
    <StoreMetrics run={run} id={run.store_run_id ?? ''} />
  ) : (
    <Metrics run={run} metrics={journal(run)} />
  );
}

function StoreMetrics({ run, id }: { run: LiveRun; id: string }): React.ReactElement | null {
  const { api } = useNbship();
  const visible = useVisible();
  const { data, error, loading, reload } = useResource(
    signal => api.get('/runs/{run}/metrics', { path: { run: id }, signal }),
    [id]
  );
  const answered = !loading && (data !== null || error !== null);
  React.useEffect(() => {
    // The pause begins with the answer: a store that is slow is not asked twice at once.
    if (answered && visible) {
      const timer = setTimeout(reload, STORE_PAUSE_MS);
      return () => clearTimeout(timer);
    }
    return undefined;
  }, [answered, visible, reload]);
  const stored = (data?.metrics ?? []).map(one => ({
    name: one.key,
    value: one.values[one.values.length - 1] ?? null,
    history: one.values.map(value => value ?? NaN)
  }));
  const known = new Set(stored.map(one => one.name));
  return (
    <Metrics run={run} metrics={[...stored, ...journal(run).filter(one => !known.has(one.name))]} />
  );
}

function journal(run: LiveRun): IMetric[] {
  return Object.entries(run.metrics).map(([name, value]) => ({
    name,
    value,
    history: (run.histories[name] ?? []).map(point => Number(point.value))
  }));
}

function Metrics(props: { run: LiveRun; metrics: IMetric[] }): React.ReactElement | null {
  const { run, metrics } = props;
  const { locale, trans } = useNbship();
  if (metrics.length === 0) {
    return null;
  }
  const hidden = Math.max(run.metric_count, metrics.length) - Math.min(SHOWN, metrics.length);
  return (
    <table className="jp-nbship-Track-metrics" aria-label={trans.__('Metrics of run %1', run.name)}>
      <tbody>
        {metrics.slice(0, SHOWN).map(({ name, value, history }) => (
          <tr key={name}>
            <th scope="row" title={name}>
              {name}
            </th>
            <td className="jp-nbship-Track-spark">
              {history.length > 1 && (
                <Sparkline
                  values={history}
                  label={trans._n('%2: %1 value', '%2: %1 values', history.length, name)}
                />
              )}
            </td>
            <td className="jp-nbship-Track-value">{formatNumber(value, locale)}</td>
          </tr>
        ))}
        {hidden > 0 && (
          <tr>
            <th scope="row" colSpan={3} className="jp-nbship-Muted">
              {trans._n('and %1 more', 'and %1 more', hidden)}
            </th>
          </tr>
        )}
      </tbody>
    </table>
  );
}
