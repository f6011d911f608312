import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import * as React from 'react';

import { KeyValue } from '../../components';
import { formatDuration } from '../../components/Time';
import { useNbship } from '../../core/context';
import type { JobJson } from '../../core/jobs';
import {
  asStepProgress,
  asStepResult,
  type ICellTiming,
  type IStepResult
} from '../../pipelines/reports';
import { progressShare } from '../../pipelines/StepGraph';
import { Failure } from './Failure';
import { Metrics } from './Metrics';
import { RunLinks } from './RunLinks';
import { Warnings } from './Warnings';

/** One notebook that runs or ran. */
export function StepJob({
  job,
  result
}: {
  job: JobJson;
  result: unknown;
}): React.ReactElement | null {
  const { trans } = useNbship();
  const done = asStepResult(result);
  if (done) {
    return <Result job={job} result={done} />;
  }
  const progress = asStepProgress(job.progress);
  if (job.state !== 'running') {
    return (
      <div className="jp-nbship-Job-actions">
        <Again job={job} />
      </div>
    );
  }
  if (!progress) {
    return null;
  }
  const text =
    progress.total === 0
      ? trans.__('The kernel starts…')
      : trans.__('Cell %1 of %2', Math.min(progress.done + 1, progress.total), progress.total);
  return (
    <div className="jp-nbship-Job-part">
      <progress
        className="jp-nbship-Progress"
        max={1}
        value={progress.total === 0 ? undefined : progressShare(progress)}
        aria-label={text}
      />
      <p>
        {text}
        {progress.heading && <code className="jp-nbship-Job-heading">{progress.heading}</code>}
      </p>
    </div>
  );
}

function Result({ job, result }: { job: JobJson; result: IStepResult }): React.ReactElement {
  const { trans } = useNbship();
  const parameters = Object.entries(result.parameters);
  return (
    <>
      <RunLinks run={result.run} output={result.output_path} job={job}>
        <Again job={job} />
      </RunLinks>
      {result.failure && <Failure failure={result.failure} output={result.output_path} job={job} />}
      <Metrics metrics={result.metrics} />
      {parameters.length > 0 && (
        <section className="jp-nbship-Job-part">
          <h3>{trans.__('Parameters')}</h3>
          <KeyValue
            label={trans.__('Parameters')}
            rows={parameters.map(([key, value]) => ({ key, value }))}
          />
        </section>
      )}
      <Cells cells={result.cells} />
      <Warnings warnings={result.warnings} />
    </>
  );
}

/** Leads back to the form, with the values that this had. */
function Again({ job }: { job: JobJson }): React.ReactElement {
  const { api, commands, trans } = useNbship();
  const ask = async () => {
    const { request } = await api.get('/jobs/{job}/request', { path: { job: job.id } });
    const parameters = request?.parameters as ReadonlyPartialJSONObject | undefined;
    await commands.execute('nbship:run-as-step', { path: job.path, parameters });
  };
  return (
    <button type="button" className="jp-nbship-Button" onClick={() => void ask()}>
      {trans.__('Run again…')}
    </button>
  );
}

function Cells({ cells }: { cells: readonly ICellTiming[] }): React.ReactElement | null {
  const { trans } = useNbship();
  const longest = Math.max(...cells.map(cell => cell.seconds), 0.001);
  if (cells.length === 0) {
    return null;
  }
  return (
    <section className="jp-nbship-Job-part">
      <h3>{trans.__('Cells')}</h3>
      <table className="jp-nbship-Table jp-nbship-Cells">
        <thead>
          <tr>
            <th scope="col">{trans.__('cell')}</th>
            <th scope="col">{trans.__('state')}</th>
            <th scope="col">{trans.__('time')}</th>
            <th aria-hidden="true" />
          </tr>
        </thead>
        <tbody>
          {cells.slice(0, SHOWN_CELLS).map(cell => (
            <tr key={cell.index} className={cell.state === 'completed' ? '' : 'jp-mod-odd'}>
              <td>{cell.index + 1}</td>
              <td>{cell.state}</td>
              <td>{formatDuration(cell.seconds, trans)}</td>
              <td aria-hidden="true">
                <span
                  className="jp-nbship-Cells-bar"
                  style={{ width: `${Math.round((100 * cell.seconds) / longest)}%` }}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {cells.length > SHOWN_CELLS && (
        <p className="jp-nbship-Muted">
          {trans.__('%1 more cells are in the executed notebook.', cells.length - SHOWN_CELLS)}
        </p>
      )}
    </section>
  );
}

const SHOWN_CELLS = 200;
