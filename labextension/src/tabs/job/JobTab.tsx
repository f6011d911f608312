import * as React from 'react';

import { Code, ErrorNote, JobBadge, Loading, Log, Duration, Elapsed } from '../../components';
import { useJob, type IFollowedJob } from '../../core/job';
import type { JobJson } from '../../core/jobs';
import { useNbship } from '../../core/context';
import { useTab } from '../../core/tabs';
import { asPipeline, asSweep } from '../../pipelines/reports';
import { PipelineJob } from './PipelineJob';
import { StepJob } from './StepJob';
import { SweepJob } from './SweepJob';

export type JobArgs = { job: string };

/** A step, a sweep or a pipeline that runs or ran. */
export default function JobTab({ job: id }: JobArgs): React.ReactElement {
  const { trans } = useNbship();
  const followed = useJob(id);
  const { job, error, reload } = followed;
  const { setTitle } = useTab();
  const title = job?.title;
  React.useEffect(() => {
    if (title) {
      setTitle(title);
    }
  }, [setTitle, title]);
  if (!job) {
    return error ? (
      <ErrorNote error={error} onRetry={reload} />
    ) : (
      <Loading label={trans.__('Loading the job…')} />
    );
  }
  return (
    <div className="jp-nbship-Job" role="group" aria-label={job.title}>
      <Head job={job} followed={followed} />
      {error && <ErrorNote error={error} onRetry={reload} />}
      {job.message && <Message job={job} />}
      <Content job={job} followed={followed} />
      <details className="jp-nbship-Job-more">
        <summary>{trans.__('Command')}</summary>
        <Code source={job.command} label={trans.__('The command that runs')} copy />
      </details>
      {followed.log && (
        <details
          className="jp-nbship-Job-more"
          open={job.kind === 'step' || job.state === 'failed'}
        >
          <summary>{trans.__('Log')}</summary>
          <Log text={followed.log} />
        </details>
      )}
    </div>
  );
}

interface IPartProps {
  job: JobJson;
  followed: IFollowedJob;
}

function Head({ job, followed }: IPartProps): React.ReactElement {
  const { trans } = useNbship();
  const [asked, setAsked] = React.useState(false);
  const kinds: Record<string, string> = {
    step: trans.__('step'),
    sweep: trans.__('sweep'),
    pipeline: trans.__('pipeline')
  };
  return (
    <div className="jp-nbship-Job-head">
      <h2 className="jp-nbship-Job-title jp-nbship-Cut" title={job.path}>
        {job.title}
      </h2>
      <span className="jp-nbship-Muted">{kinds[job.kind] ?? job.kind}</span>
      <span role="status">
        <JobBadge job={job} />
      </span>
      {job.state === 'running' ? (
        <Elapsed since={job.started} />
      ) : (
        <Duration seconds={job.seconds} />
      )}
      <span className="jp-nbship-Job-space" />
      {job.state === 'running' && (
        <button
          type="button"
          className="jp-nbship-Button"
          onClick={() => {
            setAsked(true);
            void followed.cancel();
          }}
        >
          {asked ? trans.__('Stopping…') : trans.__('Cancel')}
        </button>
      )}
    </div>
  );
}

// A report below says the same of a step that failed, and where.
function Message({ job }: { job: JobJson }): React.ReactElement | null {
  const isReported = asPipeline(job.progress) ?? asSweep(job.progress);
  return isReported && job.state === 'failed' ? null : (
    <p className="jp-nbship-JobView-message">{job.message}</p>
  );
}

function Content({ job, followed }: IPartProps): React.ReactElement | null {
  if (job.kind === 'pipeline') {
    return <PipelineJob job={job} result={followed.result} />;
  }
  if (job.kind === 'sweep') {
    return <SweepJob job={job} result={followed.result} />;
  }
  return job.kind === 'step' ? <StepJob job={job} result={followed.result} /> : null;
}
