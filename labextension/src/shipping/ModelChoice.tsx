import * as React from 'react';

import { ErrorNote, Field, Loading } from '../components';
import { useNbship } from '../core/context';
import { useResource } from '../core/resource';

/**
 * Which model of a run: says when there is none that can be shipped, and asks only where there are several.
 *
 * `onChange` gets its address, an empty text for the only one, and null while there is none.
 */
export function ModelChoice(props: {
  run: string;
  onChange: (address: string | null) => void;
}): React.ReactElement | null {
  const { api, trans } = useNbship();
  const { run, onChange } = props;
  const { data, error, reload } = useResource(
    signal => api.get('/runs/{run}/models', { path: { run }, signal }),
    [run]
  );
  const [chosen, choose] = React.useState('');
  const models = data?.models.filter(model => model.shippable) ?? [];
  const name = models.find(model => model.name === chosen)?.name ?? models[0]?.name;
  const address = name === undefined ? null : models.length === 1 ? '' : `runs:/${run}/${name}`;
  const tell = React.useRef(onChange);
  tell.current = onChange;
  React.useEffect(() => tell.current(address), [address]);

  if (!data) {
    return error ? (
      <ErrorNote error={error} onRetry={reload} />
    ) : (
      <Loading label={trans.__('Looking for its model…')} />
    );
  }
  if (models.length === 0) {
    const obstacle = data.models.find(model => model.obstacle)?.obstacle;
    const message = obstacle
      ? trans.__('The model of this run cannot be shipped: %1', obstacle)
      : trans.__('This run has no model.');
    const hint = obstacle ? '' : trans.__('Track a cell that fits one with %%track -m MODEL.');
    return <ErrorNote error={{ message, hint }} />;
  }
  return models.length === 1 ? null : (
    <Field label={trans.__('Model')}>
      {attributes => (
        <select
          {...attributes}
          className="jp-nbship-Select"
          value={name}
          onChange={event => choose(event.target.value)}
        >
          {models.map(model => (
            <option key={model.name} value={model.name}>
              {model.class_name ? `${model.name} (${model.class_name})` : model.name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
