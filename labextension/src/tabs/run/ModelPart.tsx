import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { Badge, CopyButton, EmptyState, ErrorNote, KeyValue, Loading } from '../../components';
import { formatBytes, formatNumber } from '../../components/numbers';
import { useNbship } from '../../core/context';
import { Filtered } from './Filtered';
import { Part } from './Part';
import { usePart, useRun } from './parts';
import { Versions } from './Versions';

export type RunModel = Schemas['RunModelJson'];

/** The models of a run; also asked for by what can be done with them. */
export function useModels() {
  const { api } = useNbship();
  return usePart('models', ask => api.get('/runs/{run}/models', ask));
}

/** The models of a run: what they take and give, what they need, and where they are registered. */
export function ModelPart({ onChange }: { onChange: () => void }): React.ReactElement {
  const { trans } = useNbship();
  const { data, error, reload } = useModels();
  if (!data) {
    return error ? (
      <ErrorNote error={error} onRetry={reload} />
    ) : (
      <Loading label={trans.__('Loading models…')} />
    );
  }
  if (data.models.length === 0) {
    return (
      <EmptyState
        title={trans.__('No model')}
        text={trans.__(
          'A model that a tracked cell fits is kept with the run when the cell says so: %%track -m model.'
        )}
      />
    );
  }
  return (
    <div className="jp-nbship-Run-stack">
      {data.models.map(model => (
        <ModelView key={model.name} model={model} onChange={onChange} />
      ))}
    </div>
  );
}

function ModelView(props: { model: RunModel; onChange: () => void }): React.ReactElement {
  const { locale, trans } = useNbship();
  const { id } = useRun();
  const { model, onChange } = props;
  const uri = `runs:/${id}/${model.name}`;
  const facts = [
    { key: trans.__('Class'), value: <code>{model.class_name}</code>, shown: model.class_name },
    {
      key: trans.__('Flavor'),
      value: [model.flavor, model.flavor_version].filter(Boolean).join(' '),
      shown: model.flavor
    },
    { key: trans.__('Saved as'), value: model.serialization, shown: model.serialization },
    { key: trans.__('Python'), value: model.python, shown: model.python },
    {
      key: trans.__('Size'),
      value: formatBytes(model.size_bytes, locale),
      shown: model.size_bytes !== null
    },
    { key: trans.__('Target'), value: <code>{model.target}</code>, shown: model.target },
    {
      key: trans.__('Example input'),
      value: model.has_example ? trans.__('yes') : trans.__('none'),
      shown: true
    },
    {
      key: trans.__('Address'),
      value: (
        <span className="jp-nbship-Run-copied">
          <code>{uri}</code>
          <CopyButton text={uri} label={trans.__('Copy the address of the model')} />
        </span>
      ),
      shown: true
    }
  ];
  return (
    <div className="jp-nbship-Run-summary">
      <Part
        title={model.name}
        tools={
          !model.shippable && (
            <Badge kind="warn" label={trans.__('Cannot be shipped')} title={model.obstacle} />
          )
        }
      >
        <KeyValue label={model.name} rows={facts.filter(fact => fact.shown)} />
        {!model.shippable && model.obstacle && <p className="jp-nbship-Muted">{model.obstacle}</p>}
      </Part>
      <Versions model={model} onChange={onChange} />
      <Signature title={trans.__('Takes')} columns={model.inputs} />
      <Signature title={trans.__('Gives')} columns={model.outputs} />
      {model.importance && Object.keys(model.importance).length > 0 && (
        <Importance importance={model.importance} method={model.importance_method} />
      )}
      {model.requirements.length > 0 && (
        <Part
          title={trans.__('Requirements')}
          count={model.requirements.length}
          tools={
            <CopyButton
              text={model.requirements.join('\n')}
              label={trans.__('Copy the requirements')}
            />
          }
        >
          <ul className="jp-nbship-Run-plain">
            {model.requirements.map((requirement, at) => (
              <li key={at}>
                <code>{requirement}</code>
              </li>
            ))}
          </ul>
        </Part>
      )}
    </div>
  );
}

/** The columns by their share of what the model decides by. */
function Importance(given: {
  importance: Record<string, number>;
  method: string;
}): React.ReactElement {
  const { locale, trans } = useNbship();
  const shares = Object.entries(given.importance).sort(([, a], [, b]) => b - a);
  const top = Math.max(...shares.map(([, share]) => share), 0) || 1;
  return (
    <Part title={trans.__('What matters to it')} count={shares.length}>
      <Filtered items={shares} text={([name]) => name} most={20}>
        {shown => (
          <table
            className="jp-nbship-KeyValue jp-nbship-Run-importance"
            aria-label={trans.__('What matters to it')}
          >
            <tbody>
              {shown.map(([name, share]) => (
                <tr key={name}>
                  <th scope="row" title={name}>
                    {name}
                  </th>
                  <td className="jp-nbship-Run-number">{formatNumber(share, locale)}</td>
                  <td aria-hidden="true">
                    <span
                      className="jp-nbship-Run-bar"
                      style={{ width: `${Math.max((share / top) * 100, 0)}%` }}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Filtered>
      {given.method && <p className="jp-nbship-Muted">{given.method}</p>}
    </Part>
  );
}

function Signature(props: {
  title: string;
  columns: readonly Record<string, unknown>[];
}): React.ReactElement | null {
  const { trans } = useNbship();
  if (props.columns.length === 0) {
    return null;
  }
  return (
    <Part title={props.title} count={props.columns.length}>
      <Filtered items={props.columns} text={column => JSON.stringify(column)}>
        {shown => (
          <KeyValue
            label={props.title}
            rows={shown.map((column, at) => ({
              key: typeof column.name === 'string' ? column.name : trans.__('value %1', at + 1),
              value: typeWords(column)
            }))}
          />
        )}
      </Filtered>
    </Part>
  );
}

function typeWords(column: Record<string, unknown>): string {
  const tensor = column['tensor-spec'] as { dtype?: string; shape?: number[] } | undefined;
  const type = tensor
    ? `${tensor.dtype ?? ''} ${JSON.stringify(tensor.shape ?? [])}`
    : typeof column.type === 'string'
      ? column.type
      : JSON.stringify(column.type ?? '');
  return column.required === false ? `${type}?` : type;
}
