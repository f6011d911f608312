import * as React from 'react';

import { useJob } from '../core/job';
import type { JobJson } from '../core/jobs';
import { useNbship } from '../core/context';
import { Badge, type BadgeKind } from './Badge';
import { Code } from './Code';
import { ErrorNote } from './ErrorNote';
import { Loading } from './Loading';
import { Duration } from './Time';

export interface IJobViewProps {
  /** The job's id. */
  job: string;
  /** What stands above the log while the job runs, and after: its progress as the command reports it. */
  progress?: (progress: unknown, job: JobJson) => React.ReactNode;
  /** What stands above the log when the job has completed. */
  result?: (result: unknown, job: JobJson) => React.ReactNode;
}

/** A job: its state, the command that it runs, its progress, result and log, and a button to stop it. */
export function JobView({ job: id, progress, result }: IJobViewProps): React.ReactElement {
  const { trans } = useNbship();
  const { job, log, result: value, error, cancel, reload } = useJob(id);
  if (!job) {
    return error ? (
      <ErrorNote error={error} onRetry={reload} />
    ) : (
      <Loading label={trans.__('Loading the job…')} />
    );
  }
  return (
    <div className="jp-nbship-JobView" role="group" aria-label={job.title}>
      <div className="jp-nbship-JobView-head">
        <JobBadge job={job} />
        <span className="jp-nbship-JobView-title">{job.title}</span>
        <Duration seconds={job.seconds} />
        {job.state === 'running' && (
          <button type="button" className="jp-nbship-Button" onClick={() => void cancel()}>
            {trans.__('Cancel')}
          </button>
        )}
      </div>
      {error && <ErrorNote error={error} onRetry={reload} />}
      {job.message && job.state !== 'completed' && (
        <p className="jp-nbship-JobView-message">{job.message}</p>
      )}
      {job.progress != null && progress?.(job.progress, job)}
      {job.state === 'completed' && value != null && result?.(value, job)}
      <details className="jp-nbship-JobView-command">
        <summary>{trans.__('Command')}</summary>
        <Code source={job.command} label={trans.__('The command that runs')} copy />
      </details>
      <Log text={log} />
    </div>
  );
}

/** The state of a job as a badge. */
export function JobBadge({ job }: { job: Pick<JobJson, 'state'> }): React.ReactElement {
  const { trans } = useNbship();
  const looks: Record<JobJson['state'], [BadgeKind, string]> = {
    running: ['running', trans.__('running')],
    completed: ['ok', trans.__('completed')],
    failed: ['failed', trans.__('failed')],
    cancelled: ['neutral', trans.__('cancelled')],
    lost: ['warn', trans.__('lost')]
  };
  const [kind, label] = looks[job.state];
  return <Badge kind={kind} label={label} />;
}

/** A log that follows its end until the user scrolls away from it. */
export function Log({ text }: { text: string }): React.ReactElement | null {
  const { trans } = useNbship();
  const node = React.useRef<HTMLPreElement>(null);
  const follows = React.useRef(true);
  React.useLayoutEffect(() => {
    if (node.current && follows.current) {
      node.current.scrollTop = node.current.scrollHeight;
    }
  }, [text]);
  if (text === '') {
    return null;
  }
  return (
    <pre
      ref={node}
      className="jp-nbship-Log"
      role="log"
      aria-label={trans.__('Log')}
      tabIndex={0}
      onScroll={({ currentTarget: log }) => {
        follows.current = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END_PX;
      }}
    >
      {text}
    </pre>
  );
}

const NEAR_END_PX = 24;
