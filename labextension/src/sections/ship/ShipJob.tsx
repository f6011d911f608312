import { closeIcon, stopIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { IconButton, JobBadge } from '../../components';
import type { JobJson } from '../../core/jobs';
import { useNbship } from '../../core/context';
import { progressOf } from '../../shipping/progress';

/** Work on a service or an image that goes on, or that failed. */
export function ShipJob({ job }: { job: JobJson }): React.ReactElement {
  const { jobs, tabs, trans } = useNbship();
  const { name, detail, done } = progressOf(job.progress);
  const runs = job.state === 'running';
  const what =
    job.kind === 'serve' ? trans.__('Serving %1', job.title) : trans.__('Packaging %1', job.title);
  return (
    <li className="jp-nbship-Ship-row">
      <div className="jp-nbship-Ship-line">
        <button
          type="button"
          className="jp-nbship-Ship-link jp-nbship-Cut"
          title={what}
          onClick={() => void tabs.open('package', { job: job.id })}
        >
          {what}
        </button>
        <JobBadge job={job} />
        {runs ? (
          <IconButton
            icon={stopIcon}
            label={trans.__('Cancel: %1', what)}
            onClick={() => void jobs.cancel(job.id)}
          />
        ) : (
          <IconButton
            icon={closeIcon}
            label={trans.__('Remove: %1', what)}
            onClick={() => void jobs.remove(job.id)}
          />
        )}
      </div>
      {runs ? (
        <>
          <progress
            className="jp-nbship-Ship-progress"
            max={1}
            value={done}
            aria-label={trans.__('Progress: %1', what)}
          />
          <p className="jp-nbship-Muted jp-nbship-Cut">
            {[name || trans.__('starting'), detail].filter(Boolean).join(': ')}
          </p>
        </>
      ) : (
        job.message && (
          <p className="jp-nbship-Ship-message" title={job.message}>
            {job.message}
          </p>
        )
      )}
    </li>
  );
}
