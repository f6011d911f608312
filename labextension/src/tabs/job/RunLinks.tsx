import * as React from 'react';

import { ErrorNote } from '../../components';
import { asApiError, type ApiError } from '../../api/error';
import { useNbship } from '../../core/context';
import type { JobJson } from '../../core/jobs';
import { openExecuted } from '../../pipelines/executed';

export interface IRunLinksProps {
  /** The run that was recorded. */
  run: string | null;
  /** Where the executed notebook is. */
  output: string | null;
  job: JobJson;
  /** Other buttons of the row. */
  children?: React.ReactNode;
}

/** Buttons that lead to what a step has left behind. */
export function RunLinks({
  run,
  output,
  job,
  children
}: IRunLinksProps): React.ReactElement | null {
  const { tabs, trans } = useNbship();
  const { open, error } = useOpenExecuted(job);
  if (!run && !output && !children) {
    return null;
  }
  return (
    <>
      <div className="jp-nbship-Job-actions">
        {run && (
          <button
            type="button"
            className="jp-nbship-Button"
            onClick={() => tabs.open('run', { run })}
          >
            {trans.__('Open run')}
          </button>
        )}
        {output && output !== '-' && (
          <button type="button" className="jp-nbship-Button" onClick={() => open(output)}>
            {trans.__('Open executed notebook')}
          </button>
        )}
        {children}
      </div>
      {error && <ErrorNote error={error} />}
    </>
  );
}

/** Return what opens an executed notebook of a job, and why it could not. */
export function useOpenExecuted(job: JobJson): {
  open: (output: string, cell?: number | null) => void;
  error: ApiError | null;
} {
  const nbship = useNbship();
  const [error, setError] = React.useState<ApiError | null>(null);
  const open = (output: string, cell?: number | null) => {
    setError(null);
    openExecuted(nbship, output, job.path, cell).catch((thrown: unknown) =>
      setError(asApiError(thrown, nbship.trans))
    );
  };
  return { open, error };
}
