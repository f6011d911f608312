import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { useNbship } from '../../core/context';
import { formatDuration } from '../../components/Time';
import type { JobJson } from '../../core/jobs';
import { progressShare } from '../../pipelines/StepGraph';
import type { IStepReport } from '../../pipelines/reports';
import { StateMark } from '../../pipelines/StateMark';
import { Failure } from './Failure';
import { Metrics } from './Metrics';
import type { IRestart } from './restart';
import { RunLinks } from './RunLinks';

export interface IStepDetailProps {
  job: JobJson;
  step: IStepReport;
  restart: IRestart<Schemas['PipelineBody']>;
}

/** What became of one step of a pipeline. */
export function StepDetail({ job, step, restart }: IStepDetailProps): React.ReactElement {
  const { trans } = useNbship();
  const { progress } = step;
  const facts = [
    step.reason,
    step.seconds > 0 ? formatDuration(step.seconds, trans) : '',
    step.attempts > 1 ? trans.__('%1 attempts', step.attempts) : ''
  ];
  return (
    <section className="jp-nbship-StepDetail" aria-label={trans.__('Step %1', step.name)}>
      <h3 className="jp-nbship-StepDetail-head">
        <span className="jp-nbship-Cut">{step.name}</span>
        <StateMark state={step.state} />
        <span className="jp-nbship-Muted jp-nbship-Cut">{facts.filter(Boolean).join(' · ')}</span>
      </h3>
      {step.state === 'running' && progress && (
        <div>
          <progress
            className="jp-nbship-Progress"
            max={1}
            value={progressShare(progress)}
            aria-label={trans.__('Progress of %1', step.name)}
          />
          <p className="jp-nbship-Muted">
            {trans.__('Cell %1 of %2', Math.min(progress.done + 1, progress.total), progress.total)}
            {progress.heading && <code className="jp-nbship-Job-heading">{progress.heading}</code>}
          </p>
        </div>
      )}
      <RunLinks run={step.run} output={step.output_path} job={job}>
        {job.state !== 'running' && (
          <button
            type="button"
            className="jp-nbship-Button"
            disabled={restart.starting}
            title={trans.__('Runs %1 and every step that needs it again', step.name)}
            onClick={() => restart.start({ start: step.name, force: true })}
          >
            {trans.__('Run from here')}
          </button>
        )}
      </RunLinks>
      {step.failure && <Failure failure={step.failure} output={step.output_path} job={job} />}
      <Metrics metrics={step.metrics} />
    </section>
  );
}
