import * as React from 'react';

import type { Schemas } from '../api/operations';
import { ErrorNote, Field, Loading, formatAgo } from '../components';
import { useNbship } from '../core/context';
import { useResource } from '../core/resource';

type RunJson = Schemas['RunJson'];

const WITH_MODEL = "tags.`nbship.model` != ''";
const LISTED = 200;

/** Picks a run with a model: at first the newest of the active notebook, else the newest of all. */
export function RunPicker(props: {
  onChange: (run: { id: string; name: string }) => void;
}): React.ReactElement {
  const { api, active, locale, trans } = useNbship();
  const [words, setWords] = React.useState('');
  const [chosen, choose] = React.useState('');
  const { data, error, reload } = useResource(
    signal => api.get('/runs', { query: { query: WITH_MODEL, limit: LISTED }, signal }),
    []
  );
  const found = (data?.runs ?? []).filter(run => has(run, words));
  const own = found.find(run => isOf(run, active.path));
  const run = found.find(each => each.id === chosen) ?? own ?? found[0];
  const id = run?.id ?? '';
  const name = run?.name ?? '';
  const tell = React.useRef(props.onChange);
  tell.current = props.onChange;
  React.useEffect(() => tell.current({ id, name }), [id, name]);

  if (error) {
    return <ErrorNote error={error} onRetry={reload} />;
  }
  if (!data) {
    return <Loading label={trans.__('Loading runs…')} />;
  }
  if (data.runs.length === 0) {
    return (
      <p className="jp-nbship-Muted">
        {trans.__(
          'No run has a model yet. Track a cell that fits one: a model of scikit-learn is kept by itself, and %%track -m MODEL keeps any.'
        )}
      </p>
    );
  }
  const now = Date.now();
  return (
    <Field
      label={trans.__('Run')}
      help={
        words && found.length === 0
          ? trans.__('No run with a model has these words in its name.')
          : data.more
            ? trans.__('The newest %1 runs with a model.', LISTED)
            : undefined
      }
    >
      {attributes => (
        <div className="jp-nbship-Ship-picker">
          {data.runs.length > FEW && (
            <input
              type="search"
              className="jp-nbship-Input"
              aria-label={trans.__('Find a run by its name')}
              placeholder={trans.__('Find by name or id')}
              value={words}
              onChange={event => setWords(event.target.value)}
            />
          )}
          <select
            {...attributes}
            className="jp-nbship-Select"
            value={id}
            onChange={event => choose(event.target.value)}
          >
            {found.map(each => (
              <option key={each.id} value={each.id}>
                {`${each.name || each.id.slice(0, 8)} · ${formatAgo(new Date(each.started), now, locale)}`}
              </option>
            ))}
          </select>
        </div>
      )}
    </Field>
  );
}

const FEW = 8;

function has(run: RunJson, words: string): boolean {
  const text = `${run.name} ${run.id}`.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word));
}

function isOf(run: RunJson, path: string | null): boolean {
  const notebook = run.tags['mlflow.source.name'];
  return path !== null && Boolean(notebook) && path.split('/').pop() === notebook.split('/').pop();
}
