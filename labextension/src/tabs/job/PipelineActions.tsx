import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { useNbship } from '../../core/context';
import type { JobJson } from '../../core/jobs';
import type { IPipelineReport } from '../../pipelines/reports';
import { openNotebook } from '../../pipelines/executed';
import type { IRestart } from './restart';

interface IPipelineActionsProps {
  job: JobJson;
  report: IPipelineReport;
  restart: IRestart<Schemas['PipelineBody']>;
}

/** What can be done with a pipeline as a whole. */
export function PipelineActions(props: IPipelineActionsProps): React.ReactElement {
  const { job, report, restart } = props;
  const nbship = useNbship();
  const { tabs, trans } = nbship;
  const hasEnded = job.state !== 'running';
  const canResume = hasEnded && !report.succeeded;
  return (
    <div className="jp-nbship-Job-actions">
      {canResume && (
        <button
          type="button"
          className="jp-nbship-Button jp-mod-accept"
          disabled={restart.starting}
          title={trans.__('Goes on where it stopped: steps that completed are not run again')}
          onClick={() => restart.start({ resume: true })}
        >
          {job.state === 'failed' ? trans.__('Retry from failure') : trans.__('Go on')}
        </button>
      )}
      {hasEnded && (
        <button
          type="button"
          className="jp-nbship-Button"
          disabled={restart.starting}
          title={trans.__('What has not changed is taken from the cache')}
          onClick={() => restart.start({})}
        >
          {trans.__('Run again')}
        </button>
      )}
      {report.run && (
        <button
          type="button"
          className="jp-nbship-Button"
          onClick={() => tabs.open('run', { run: report.run })}
        >
          {trans.__('Open run')}
        </button>
      )}
      <button
        type="button"
        className="jp-nbship-Button"
        onClick={() =>
          job.path.endsWith('.ipynb')
            ? void openNotebook(nbship, job.path)
            : void nbship.commands.execute('docmanager:open', { path: job.path })
        }
      >
        {trans.__('Open definition')}
      </button>
    </div>
  );
}
