import * as React from 'react';

import { EmptyState, ErrorNote, Loading, type IGivenParameters } from '../../components';
import type { Schemas } from '../../api/operations';
import { useNbship } from '../../core/context';
import { useTab } from '../../core/tabs';
import { useResource } from '../../core/resource';
import { StepGraph, type GraphStep } from '../../pipelines/StepGraph';
import { useStart } from '../../pipelines/start';
import { StepDefinition } from './StepDefinition';

export type PipelineArgs = { file: string };

/** A pipeline before it runs: its graph, and the parameters of its steps. */
export default function PipelineTab({ file }: PipelineArgs): React.ReactElement {
  const { api, trans } = useNbship();
  const { data, error, reload } = useResource(
    signal => api.get('/pipelines/graph', { query: { file }, signal }),
    [api, file]
  );
  const { setTitle } = useTab();
  const name = data?.name;
  React.useEffect(() => {
    if (name) {
      setTitle(name, trans.__('Pipeline %1', file));
    }
  }, [setTitle, name, file, trans]);
  if (data) {
    return <Definition key={file} pipeline={data} error={error} reload={reload} />;
  }
  return error ? (
    <ErrorNote error={error} onRetry={reload} />
  ) : (
    <Loading label={trans.__('Reading the pipeline…')} />
  );
}

interface IDefinitionProps {
  pipeline: Schemas['PipelineGraphJson'];
  error: Parameters<typeof ErrorNote>[0]['error'] | null;
  reload: () => void;
}

interface IStepValues {
  given: IGivenParameters;
  valid: boolean;
}

function Definition({ pipeline, error, reload }: IDefinitionProps): React.ReactElement {
  const { commands, trans } = useNbship();
  const [chosen, choose] = React.useState<string | null>(null);
  const [values, setValues] = React.useState<Record<string, IStepValues>>({});
  const [force, setForce] = React.useState(false);
  const { start, starting, error: refusal } = useStart('/jobs/pipeline');
  const steps = pipeline.steps.map(step => graphStep(step, trans));
  const step = pipeline.steps.find(each => each.name === chosen) ?? pipeline.steps[0];
  const isValid = Object.values(values).every(each => each.valid);
  const run = (what: Partial<Schemas['PipelineBody']> = {}) =>
    start({ file: pipeline.file, parameters: given(values), force, ...what });

  return (
    <div className="jp-nbship-Job" role="group" aria-label={pipeline.name}>
      <div className="jp-nbship-Job-head">
        <h2 className="jp-nbship-Job-title jp-nbship-Cut">{pipeline.name}</h2>
        <span className="jp-nbship-Muted jp-nbship-Cut" title={pipeline.file}>
          {pipeline.description || pipeline.file}
        </span>
      </div>
      <div className="jp-nbship-Job-actions">
        <button
          type="button"
          className="jp-nbship-Button jp-mod-accept"
          disabled={starting || !isValid}
          onClick={() => run()}
        >
          {trans.__('Run pipeline')}
        </button>
        <label className="jp-nbship-Job-choice">
          <input
            type="checkbox"
            checked={force}
            onChange={event => setForce(event.target.checked)}
          />
          {trans.__('Also what has not changed')}
        </label>
        <button
          type="button"
          className="jp-nbship-Button"
          onClick={() => void commands.execute('docmanager:open', { path: pipeline.file })}
        >
          {trans.__('Open definition')}
        </button>
      </div>
      {error && <ErrorNote error={error} onRetry={reload} />}
      {refusal && <ErrorNote error={refusal} />}
      {step ? (
        <>
          <StepGraph
            label={trans.__('Graph of %1', pipeline.name)}
            steps={steps}
            layout={pipeline.layout}
            selected={step.name}
            onSelect={choose}
          />
          {pipeline.steps.map(each => (
            <StepDefinition
              key={each.name}
              step={each}
              hidden={each !== step}
              disabled={starting || !isValid}
              onChange={(parameters, valid) =>
                setValues(old => ({ ...old, [each.name]: { given: parameters, valid } }))
              }
              onRun={run}
            />
          ))}
        </>
      ) : (
        <EmptyState title={trans.__('This pipeline has no steps')} />
      )}
    </div>
  );
}

function graphStep(
  step: Schemas['PipelineStepJson'],
  trans: ReturnType<typeof useNbship>['trans']
): GraphStep {
  const made = Object.keys(step.outputs);
  return {
    name: step.name,
    state: 'waiting',
    seconds: 0,
    reason: '',
    progress: null,
    line: (step.notebook ?? '').split('/').pop() ?? '',
    note: made.length > 0 ? trans.__('makes %1', made.join(', ')) : ''
  };
}

// A step that is given nothing is left out.
function given(values: Record<string, IStepValues>): Record<string, Record<string, unknown>> {
  const pairs = Object.entries(values).map(
    ([step, each]) => [step, each.given.parameters] as const
  );
  return Object.fromEntries(pairs.filter(([, parameters]) => Object.keys(parameters).length > 0));
}
