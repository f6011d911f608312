import * as React from 'react';

import { Ago, ErrorNote, Field, Loading } from '../../components';
import { useNbship } from '../../core/context';
import { useResource } from '../../core/resource';
import { StatusBadge } from './RunHeader';
import { useRun } from './parts';
import type { RunDetail } from './RunTab';

const LIMIT = 30;
const PAUSE_MS = 250;

/** Chooses the run to compare with: the newest ones, or those that a search finds. */
export function ComparePicker(props: { run: RunDetail; onClose: () => void }): React.ReactElement {
  const { api, tabs, trans } = useNbship();
  const { place } = useRun();
  const { run, onClose } = props;
  const [text, setText] = React.useState('');
  const query = useSettled(text, PAUSE_MS);
  const { data, error, reload } = useResource(
    signal =>
      api.get('/runs', { query: { path: place, query: query || undefined, limit: LIMIT }, signal }),
    [place, query]
  );
  const others = data?.runs.filter(other => other.id !== run.id) ?? [];
  const sameNotebook = run.tags['mlflow.source.name'];
  const sorted = query
    ? others
    : [...others].sort(
        (a, b) =>
          Number(b.tags['mlflow.source.name'] === sameNotebook) -
          Number(a.tags['mlflow.source.name'] === sameNotebook)
      );

  return (
    <section
      className="jp-nbship-Run-drawer"
      aria-label={trans.__('Choose the run to compare with')}
    >
      <Field
        label={trans.__('Compare with')}
        help={trans.__('Plain words, or a filter of MLflow such as metrics.auc > 0.8')}
      >
        {attributes => (
          <input
            {...attributes}
            type="search"
            className="jp-nbship-Input"
            autoFocus
            value={text}
            onChange={event => setText(event.target.value)}
          />
        )}
      </Field>
      {error && <ErrorNote error={error} onRetry={reload} />}
      {!data && !error && <Loading label={trans.__('Loading runs…')} />}
      {data && sorted.length === 0 && (
        <p className="jp-nbship-Muted" role="status">
          {query ? trans.__('No other run matches.') : trans.__('There is no other run yet.')}
        </p>
      )}
      <ul className="jp-nbship-Run-picker">
        {sorted.map(other => (
          <li key={other.id}>
            <button
              type="button"
              title={trans.__('Compare with %1', other.name)}
              onClick={() => {
                tabs.open('compare', { runs: [other.id, run.id] });
                onClose();
              }}
            >
              <span className="jp-nbship-Run-pickerName">{other.name}</span>
              <span className="jp-nbship-Muted">{other.tags['mlflow.source.name']}</span>
              <StatusBadge status={other.status} />
              <span className="jp-nbship-Muted">
                <Ago at={other.started} />
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Return a value once it has stayed the same for a while. */
function useSettled<T>(value: T, pauseMs: number): T {
  const [settled, setSettled] = React.useState(value);
  React.useEffect(() => {
    const timer = setTimeout(() => setSettled(value), pauseMs);
    return () => clearTimeout(timer);
  }, [value, pauseMs]);
  return settled;
}
