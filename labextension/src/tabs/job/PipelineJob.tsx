import * as React from 'react';

import { EmptyState, ErrorNote, Loading } from '../../components';
import { formatDuration } from '../../components/Time';
import { useNbship } from '../../core/context';
import type { JobJson } from '../../core/jobs';
import { useResource } from '../../core/resource';
import {
  asPipeline,
  hasEnded,
  hasSucceeded,
  settled,
  type IPipelineReport
} from '../../pipelines/reports';
import { StepGraph } from '../../pipelines/StepGraph';
import { PipelineActions } from './PipelineActions';
import { useRestart } from './restart';
import { StepDetail } from './StepDetail';
import { StepTable } from './StepTable';
import { Warnings } from './Warnings';

export interface IPipelineJobProps {
  job: JobJson;
  result: unknown;
}

/** A pipeline that runs or ran: its graph with the state of each step, and what became of the selected one. */
export function PipelineJob({ job, result }: IPipelineJobProps): React.ReactElement | null {
  const { trans } = useNbship();
  const report = asPipeline(result) ?? asPipeline(job.progress);
  if (!report) {
    return job.state === 'running' ? <Loading label={trans.__('The pipeline starts…')} /> : null;
  }
  const steps = settled(report.steps, job.state === 'running');
  return <Pipeline job={job} report={{ ...report, steps }} />;
}

function Pipeline({ job, report }: { job: JobJson; report: IPipelineReport }): React.ReactElement {
  const { api, trans } = useNbship();
  const [chosen, choose] = React.useState<string | null>(null);
  const restart = useRestart('/jobs/pipeline', job);
  const names = report.steps.map(step => step.name).join('\n');
  const graph = useResource(
    signal => api.get('/jobs/{job}/graph', { path: { job: job.id }, signal }),
    [api, job.id, names]
  );
  const layout = graph.data?.steps.join('\n') === names ? graph.data.layout : null;
  const selected = report.steps.find(step => step.name === chosen) ?? noteworthy(report);

  if (report.steps.length === 0) {
    return <EmptyState title={trans.__('This pipeline has no steps')} />;
  }
  return (
    <>
      <Summary report={report} running={job.state === 'running'} />
      <PipelineActions job={job} report={report} restart={restart} />
      {restart.error && <ErrorNote error={restart.error} />}
      {graph.error && <ErrorNote error={graph.error} onRetry={graph.reload} />}
      {layout && (
        <StepGraph
          label={trans.__('Graph of %1', report.name)}
          steps={report.steps}
          layout={layout}
          selected={selected.name}
          onSelect={choose}
        />
      )}
      <StepDetail job={job} step={selected} restart={restart} />
      <StepTable job={job} report={report} selected={selected.name} onSelect={choose} />
      <Warnings warnings={report.warnings} />
    </>
  );
}

/** Return the step to look at first: what failed, what runs, or the last one. */
function noteworthy({ steps }: IPipelineReport): IPipelineReport['steps'][number] {
  return (
    steps.find(step => step.failure) ??
    steps.find(step => step.state === 'running') ??
    steps[steps.length - 1]
  );
}

function Summary(props: { report: IPipelineReport; running: boolean }): React.ReactElement {
  const { report, running } = props;
  const { trans } = useNbship();
  const done = report.steps.filter(step => hasSucceeded(step.state)).length;
  const cached = report.steps.filter(step => step.state === 'cached').length;
  const parts = [
    trans.__('%1 of %2 steps done', done, report.steps.length),
    cached > 0 ? trans.__('%1 from the cache', cached) : '',
    report.seconds > 0 ? formatDuration(report.seconds, trans) : '',
    running && report.steps.every(step => hasEnded(step.state))
      ? trans.__('the runs are being recorded…')
      : ''
  ];
  return (
    <div className="jp-nbship-Job-part">
      <progress
        className="jp-nbship-Progress"
        max={report.steps.length}
        value={done}
        aria-label={parts[0]}
      />
      <p className="jp-nbship-Muted" role="status">
        {parts.filter(Boolean).join(' · ')}
      </p>
    </div>
  );
}
