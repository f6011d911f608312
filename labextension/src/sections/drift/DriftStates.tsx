import { closeIcon, refreshIcon, stopIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { Ago, IconButton, JobBadge } from '../../components';
import type { JobJson } from '../../core/jobs';
import { useNbship } from '../../core/context';
import { progressOf } from './progress';
import { Verdict } from './Verdict';

type DriftStateJson = Schemas['DriftStateJson'];

/** A report that is being made, or could not be made. */
export function DriftJob({ job }: { job: JobJson }): React.ReactElement {
  const { jobs, tabs, trans } = useNbship();
  const { name, done } = progressOf(job.progress);
  const runs = job.state === 'running';
  return (
    <li className="jp-nbship-Drift-state">
      <div className="jp-nbship-Drift-line">
        <JobBadge job={job} />
        <button
          type="button"
          className="jp-nbship-Compare-link jp-nbship-Cut"
          title={job.title}
          onClick={() => void tabs.open('drift', { job: job.id })}
        >
          {job.title}
        </button>
        {runs ? (
          <IconButton
            icon={stopIcon}
            label={trans.__('Cancel %1', job.title)}
            onClick={() => void jobs.cancel(job.id)}
          />
        ) : (
          <IconButton
            icon={closeIcon}
            label={trans.__('Remove %1', job.title)}
            onClick={() => void jobs.remove(job.id)}
          />
        )}
      </div>
      {runs ? (
        <>
          <progress
            className="jp-nbship-Drift-progress"
            max={1}
            value={done}
            aria-label={trans.__('Progress of %1', job.title)}
          />
          <p className="jp-nbship-Muted">{name || trans.__('starting')}</p>
        </>
      ) : (
        job.message && <p className="jp-nbship-Drift-message">{job.message}</p>
      )}
    </li>
  );
}

/** The newest report on two datasets. */
export function DriftState(props: {
  state: DriftStateJson;
  /** Makes the report again; absent while it is being made. */
  onAgain?: () => void;
}): React.ReactElement {
  const { tabs, trans } = useNbship();
  const { state, onAgain } = props;
  const { verdict } = state;
  const title = titleOf(state);
  return (
    <li className="jp-nbship-Drift-state">
      <div className="jp-nbship-Drift-line">
        <button
          type="button"
          className="jp-nbship-Compare-link jp-nbship-Cut"
          title={trans.__('Open the report: %1', title)}
          onClick={() => void tabs.open('drift', { job: state.job })}
        >
          {title}
        </button>
        {onAgain && (
          <IconButton
            icon={refreshIcon}
            label={trans.__('Check %1 again', title)}
            onClick={onAgain}
          />
        )}
      </div>
      <div className="jp-nbship-Drift-found">
        <Verdict verdict={verdict} />
        <span className="jp-nbship-Muted" title={verdict.headline}>
          {trans.__('%1 of %2 columns', verdict.drifted, verdict.watched)}
        </span>
        <span className="jp-nbship-Muted">
          <Ago at={state.finished} />
        </span>
      </div>
    </li>
  );
}

function titleOf({ asked, verdict }: DriftStateJson): string {
  const reference = asked?.reference.label ?? verdict.reference.name;
  return `${reference} → ${asked?.current.label ?? verdict.current.name}`;
}
