import { closeIcon, stopIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Duration, Elapsed, ErrorNote, IconButton, JobBadge } from '../../components';
import { asApiError, type ApiError } from '../../api/error';
import { useJobs, useNbship } from '../../core/context';
import type { JobJson } from '../../core/jobs';

const KINDS = ['step', 'sweep', 'pipeline'];
const SHOWN_JOBS = 6;

/** Steps, sweeps and pipelines that run or ran, those that run first. */
export function JobList(): React.ReactElement | null {
  const { trans } = useNbship();
  const jobs = useJobs();
  const [all, setAll] = React.useState(false);
  const [error, setError] = React.useState<ApiError | null>(null);
  const own = jobs.jobs.filter(job => KINDS.includes(job.kind));
  const sorted = [...own.filter(isRunning), ...own.filter(job => !isRunning(job))];
  const shown = all ? sorted : sorted.slice(0, SHOWN_JOBS);
  if (own.length === 0 && !jobs.error) {
    return null;
  }
  const act = (work: Promise<void>) => {
    setError(null);
    work.catch((thrown: unknown) => setError(asApiError(thrown, trans)));
  };
  return (
    <section className="jp-nbship-Pipelines-part" aria-label={trans.__('Runs and ran')}>
      <h3 className="jp-nbship-Pipelines-title">{trans.__('Started here')}</h3>
      {jobs.error && <ErrorNote error={jobs.error} onRetry={() => jobs.refresh()} />}
      {error && <ErrorNote error={error} />}
      <ul className="jp-nbship-Items">
        {shown.map(job => (
          <JobItem
            key={job.id}
            job={job}
            onCancel={() => act(jobs.cancel(job.id))}
            onRemove={() => act(jobs.remove(job.id))}
          />
        ))}
      </ul>
      {own.length > SHOWN_JOBS && (
        <button type="button" className="jp-nbship-Link" onClick={() => setAll(!all)}>
          {all ? trans.__('Show fewer') : trans.__('Show all %1', own.length)}
        </button>
      )}
    </section>
  );
}

function isRunning(job: JobJson): boolean {
  return job.state === 'running';
}

interface IJobItemProps {
  job: JobJson;
  onCancel: () => void;
  onRemove: () => void;
}

function JobItem({ job, onCancel, onRemove }: IJobItemProps): React.ReactElement {
  const { locale, tabs, trans } = useNbship();
  const started = new Date(job.started).toLocaleString(locale);
  const kinds: Record<string, string> = {
    step: trans.__('step'),
    sweep: trans.__('sweep'),
    pipeline: trans.__('pipeline')
  };
  return (
    <li className="jp-nbship-Item">
      <button
        type="button"
        className="jp-nbship-Item-main"
        title={[trans.__('Started %1', started), job.message || job.command].join('\n')}
        onClick={() => tabs.open('job', { job: job.id })}
      >
        <span className="jp-nbship-Item-name jp-nbship-Cut">{job.title}</span>
        <span className="jp-nbship-Item-note jp-nbship-Cut">
          {kinds[job.kind]}
          {' · '}
          {isRunning(job) ? <Elapsed since={job.started} /> : <Duration seconds={job.seconds} />}
        </span>
      </button>
      <JobBadge job={job} />
      {isRunning(job) ? (
        <IconButton icon={stopIcon} label={trans.__('Cancel %1', job.title)} onClick={onCancel} />
      ) : (
        <IconButton
          icon={closeIcon}
          label={trans.__('Remove %1 from this list', job.title)}
          onClick={onRemove}
        />
      )}
    </li>
  );
}
