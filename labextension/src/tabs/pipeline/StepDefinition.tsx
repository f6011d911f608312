import * as React from 'react';

import { KeyValue, ParameterForm, type IGivenParameters } from '../../components';
import type { Schemas } from '../../api/operations';
import { useNbship } from '../../core/context';
import { openNotebook } from '../../pipelines/executed';

export interface IStepDefinitionProps {
  step: Schemas['PipelineStepJson'];
  /** Whether another step is shown; what was written here is kept. */
  hidden: boolean;
  disabled: boolean;
  onChange: (given: IGivenParameters, valid: boolean) => void;
  onRun: (what: Partial<Schemas['PipelineBody']>) => void;
}

/** One step before it runs: what it reads and makes, and its parameters as a form. */
export function StepDefinition(props: IStepDefinitionProps): React.ReactElement {
  const { step, hidden, disabled, onChange, onRun } = props;
  const nbship = useNbship();
  const { trans } = nbship;
  const open = step.parameters.filter(parameter => !parameter.secret);
  return (
    <section
      className="jp-nbship-StepDetail"
      aria-label={trans.__('Step %1', step.name)}
      hidden={hidden}
    >
      <h3 className="jp-nbship-StepDetail-head">{step.name}</h3>
      <div className="jp-nbship-Job-actions">
        {step.notebook && (
          <button
            type="button"
            className="jp-nbship-Button"
            onClick={() => void openNotebook(nbship, step.notebook as string)}
          >
            {trans.__('Open notebook')}
          </button>
        )}
        <button
          type="button"
          className="jp-nbship-Button"
          disabled={disabled}
          title={trans.__('What it reads must be there already')}
          onClick={() => onRun({ only: [step.name], force: true })}
        >
          {trans.__('Run only this step')}
        </button>
        <button
          type="button"
          className="jp-nbship-Button"
          disabled={disabled}
          title={trans.__('Runs %1 and every step that needs it again', step.name)}
          onClick={() => onRun({ start: step.name, force: true })}
        >
          {trans.__('Run from here')}
        </button>
      </div>
      <KeyValue label={trans.__('What it reads and makes')} rows={facts(step, trans)} />
      {open.length > 0 && (
        <>
          <h3>{trans.__('Parameters')}</h3>
          <ParameterForm parameters={open} preset={step.given} onChange={onChange} />
        </>
      )}
    </section>
  );
}

function facts(
  step: Schemas['PipelineStepJson'],
  trans: ReturnType<typeof useNbship>['trans']
): { key: string; value: string }[] {
  const outputs = Object.entries(step.outputs).map(([name, path]) => `${name} → ${path}`);
  return [
    { key: trans.__('after'), value: step.needs.join(', ') },
    { key: trans.__('reads'), value: step.inputs.join(', ') },
    { key: trans.__('makes'), value: outputs.join(', ') }
  ].filter(row => row.value !== '');
}
