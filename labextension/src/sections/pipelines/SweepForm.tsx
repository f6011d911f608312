import * as React from 'react';

import { ErrorNote, faultsByName, Field } from '../../components';
import { shownValue, type ParameterJson } from '../../components/parameter-values';
import type { Schemas } from '../../api/operations';
import { useNbship } from '../../core/context';
import { useResource } from '../../core/resource';
import { saveOpen } from '../../pipelines/save';
import { useStart } from '../../pipelines/start';
import { gridOf, isRange } from './sweep-values';

interface ISweepFormProps {
  found: Schemas['NotebookParametersJson'];
  onClose: () => void;
}

type SweepBody = Schemas['SweepBody'];

/** Several values for each parameter, the points that they make, and what runs them. */
export function SweepForm({ found, onClose }: ISweepFormProps): React.ReactElement {
  const nbship = useNbship();
  const { trans } = nbship;
  const [texts, setTexts] = React.useState<Record<string, string>>({});
  const [secrets, setSecrets] = React.useState<Record<string, string>>({});
  const [metric, setMetric] = React.useState('');
  const [maximize, setMaximize] = React.useState(true);
  const [random, setRandom] = React.useState('');
  const [workers, setWorkers] = React.useState('');
  const { start, starting, error } = useStart('/jobs/sweep');
  const grid = gridOf(texts);
  const needsDraw = Object.values(grid).some(each => typeof each === 'string');
  const body: SweepBody = {
    notebook: found.file,
    grid,
    maximize,
    ...(metric.trim() && { metric: metric.trim() }),
    ...(whole(random) && { random: whole(random) }),
    ...(whole(workers) && { workers: whole(workers) })
  };
  const points = usePoints(body, secrets);
  const fault = error ?? points.error;
  const faults = fault
    ? faultsByName(
        fault.message,
        found.parameters.map(each => each.name)
      )
    : {};
  return (
    <form
      className="jp-nbship-Pipelines-form"
      aria-label={trans.__('Sweep of %1', found.file)}
      onSubmit={event => {
        event.preventDefault();
        if (!starting && points.total > 0) {
          void start({ ...body, secrets }, () => saveOpen(nbship, found.file));
        }
      }}
    >
      <p className="jp-nbship-Muted">
        {trans.__('Several values, with commas between them. What is empty keeps its default.')}
      </p>
      {found.parameters.map(parameter => (
        <ValuesField
          key={parameter.name}
          parameter={parameter}
          text={(parameter.secret ? secrets : texts)[parameter.name] ?? ''}
          error={faults[parameter.name]}
          onChange={text => {
            const set = parameter.secret ? setSecrets : setTexts;
            set(({ [parameter.name]: _, ...others }) =>
              text === '' ? others : { ...others, [parameter.name]: text }
            );
          }}
        />
      ))}
      <div className="jp-nbship-Sweep-options">
        <Field label={trans.__('Metric')}>
          {attributes => (
            <input
              {...attributes}
              className="jp-nbship-Input"
              value={metric}
              placeholder={trans.__('that says which is best')}
              onChange={event => setMetric(event.target.value)}
            />
          )}
        </Field>
        <Field label={trans.__('Best is')}>
          {attributes => (
            <select
              {...attributes}
              className="jp-nbship-Select"
              value={maximize ? 'max' : 'min'}
              onChange={event => setMaximize(event.target.value === 'max')}
            >
              <option value="max">{trans.__('largest')}</option>
              <option value="min">{trans.__('smallest')}</option>
            </select>
          )}
        </Field>
        <NumberField
          label={trans.__('Draw at random')}
          placeholder={trans.__('all')}
          text={random}
          onChange={setRandom}
        />
        <NumberField
          label={trans.__('At once')}
          placeholder={trans.__('one a core')}
          text={workers}
          onChange={setWorkers}
        />
      </div>
      {needsDraw && !whole(random) && (
        <p className="jp-nbship-Pipelines-note">
          {trans.__('A range is drawn from: say how many points to draw at random.')}
        </p>
      )}
      {fault && Object.keys(faults).length === 0 && !(needsDraw && !whole(random)) && (
        <ErrorNote error={fault} />
      )}
      <PointsPreview points={points} />
      <div className="jp-nbship-Pipelines-actions">
        <button
          type="submit"
          className="jp-nbship-Button jp-mod-accept"
          disabled={starting || points.total === 0}
        >
          {points.total > 0
            ? trans._n('Run %1 point', 'Run %1 points', points.total)
            : trans.__('Run sweep')}
        </button>
        <button type="button" className="jp-nbship-Button" onClick={onClose}>
          {trans.__('Single step')}
        </button>
      </div>
    </form>
  );
}

interface IValuesFieldProps {
  parameter: ParameterJson;
  text: string;
  error?: string;
  onChange: (text: string) => void;
}

function ValuesField({ parameter, text, error, onChange }: IValuesFieldProps): React.ReactElement {
  const { trans } = useNbship();
  const fallback =
    'default' in parameter ? shownValue(parameter.default) : parameter.default_source;
  const choices = (parameter.schema as { enum?: unknown[] }).enum;
  const hint =
    parameter.kind === 'bool'
      ? 'true, false'
      : choices
        ? choices.map(shownValue).join(', ')
        : undefined;
  return (
    <Field
      label={parameter.name}
      error={error}
      help={isRange(text) ? trans.__('a range to draw from') : hint && trans.__('of: %1', hint)}
    >
      {attributes => (
        <input
          {...attributes}
          className="jp-nbship-Input"
          type={parameter.secret ? 'password' : 'text'}
          autoComplete={parameter.secret ? 'new-password' : 'off'}
          spellCheck={false}
          value={text}
          placeholder={parameter.secret ? '' : fallback}
          onChange={event => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

interface INumberFieldProps {
  label: string;
  placeholder: string;
  text: string;
  onChange: (text: string) => void;
}

function NumberField({
  label,
  placeholder,
  text,
  onChange
}: INumberFieldProps): React.ReactElement {
  return (
    <Field label={label}>
      {attributes => (
        <input
          {...attributes}
          className="jp-nbship-Input"
          type="number"
          min={1}
          value={text}
          placeholder={placeholder}
          onChange={event => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

function whole(text: string): number | undefined {
  const number = Number(text);
  return text !== '' && Number.isInteger(number) && number > 0 ? number : undefined;
}

interface IPoints {
  points: Record<string, unknown>[];
  total: number;
  error: ReturnType<typeof useResource>['error'];
}

const NO_POINTS = { points: [], total: 0 };

/** Ask for the points of what is written, when nothing was written for a moment. */
function usePoints(body: SweepBody, secrets: Record<string, string>): IPoints {
  const { api } = useNbship();
  const asked = useSettled(JSON.stringify({ ...body, secrets }), SETTLE_MS);
  const { data, error } = useResource(
    signal => {
      const settled = JSON.parse(asked) as SweepBody;
      return Object.keys(settled.grid).length === 0
        ? null
        : api.post('/sweeps/points', { body: settled, signal });
    },
    [api, asked]
  );
  const isEmpty = Object.keys(body.grid).length === 0;
  return { ...(isEmpty || error ? NO_POINTS : (data ?? NO_POINTS)), error: isEmpty ? null : error };
}

function useSettled<T>(value: T, milliseconds: number): T {
  const [settled, settle] = React.useState(value);
  React.useEffect(() => {
    const timer = setTimeout(() => settle(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}

function PointsPreview({
  points: { points, total }
}: {
  points: IPoints;
}): React.ReactElement | null {
  const { trans } = useNbship();
  if (total === 0) {
    return null;
  }
  const names = Object.keys(points[0] ?? {});
  return (
    <div className="jp-nbship-Sweep-points">
      <table className="jp-nbship-Table">
        <caption>{trans._n('%1 point', '%1 points', total)}</caption>
        <thead>
          <tr>
            {names.map(name => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {points.slice(0, SHOWN_POINTS).map((point, index) => (
            <tr key={index}>
              {names.map(name => (
                <td key={name}>{shownValue(point[name])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {total > SHOWN_POINTS && (
        <p className="jp-nbship-Muted">{trans.__('and %1 more', total - SHOWN_POINTS)}</p>
      )}
    </div>
  );
}

const SETTLE_MS = 300;
const SHOWN_POINTS = 12;
