import * as React from 'react';

import { Code, ErrorNote } from '../../components';
import { useNbship } from '../../core/context';
import type { JobJson } from '../../core/jobs';
import { cellNumber, type IStepFailure } from '../../pipelines/reports';
import { useOpenExecuted } from './RunLinks';

export interface IFailureProps {
  failure: IStepFailure;
  output: string | null;
  job: JobJson;
}

/** Why a step failed: the error, the cell that it happened in, and the way there. */
export function Failure({ failure, output, job }: IFailureProps): React.ReactElement {
  const { trans } = useNbship();
  const { open, error } = useOpenExecuted(job);
  const number = cellNumber(failure);
  return (
    <section className="jp-nbship-Failure" role="group" aria-label={trans.__('Why it failed')}>
      <p className="jp-nbship-Failure-message">{failure.message}</p>
      {failure.source && (
        <>
          <div className="jp-nbship-Failure-where">
            <span>{where(failure, trans)}</span>
            {output && number !== null && (
              <button
                type="button"
                className="jp-nbship-Button"
                onClick={() => open(output, failure.cell)}
              >
                {trans.__('Show in the executed notebook')}
              </button>
            )}
          </div>
          <Code source={failure.source} label={trans.__('The cell that failed')} />
        </>
      )}
      {error && <ErrorNote error={error} />}
      {failure.traceback.length > 0 && (
        <details>
          <summary>{trans.__('Traceback')}</summary>
          <Code source={failure.traceback.join('\n')} label={trans.__('Traceback')} copy />
        </details>
      )}
    </section>
  );
}

// A cell is known by the number of its execution, as notebooks show it.
function where(failure: IStepFailure, trans: ReturnType<typeof useNbship>['trans']): string {
  const { execution_count: count } = failure;
  const number = cellNumber(failure);
  if (count !== null) {
    return trans.__('Cell [%1]', count);
  }
  return number === null ? trans.__('Cell') : trans.__('Cell %1', number);
}
