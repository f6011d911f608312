import * as React from 'react';

import { asApiError, type ApiError } from '../../api/error';
import type { Schemas } from '../../api/operations';
import { useNbship } from '../../core/context';
import type { JobJson } from '../../core/jobs';

/** Starts a job again as it was asked for, but for some changes. */
export interface IRestart<B> {
  start: (changes: Partial<B>) => void;
  starting: boolean;
  error: ApiError | null;
}

type Bodies = { '/jobs/pipeline': Schemas['PipelineBody']; '/jobs/sweep': Schemas['SweepBody'] };

// What says which part of a job runs is another one each time.
const ONCE = ['only', 'start', 'force', 'resume'];

export function useRestart<P extends keyof Bodies>(path: P, job: JobJson): IRestart<Bodies[P]> {
  const { api, jobs, tabs, trans } = useNbship();
  const [starting, setStarting] = React.useState(false);
  const [error, setError] = React.useState<ApiError | null>(null);
  const start = async (changes: Partial<Bodies[P]>) => {
    setStarting(true);
    setError(null);
    try {
      const { request } = await api.get('/jobs/{job}/request', { path: { job: job.id } });
      const asked = Object.entries(request ?? {}).filter(([name]) => !ONCE.includes(name));
      const body = { ...Object.fromEntries(asked), ...changes };
      const begun = await jobs.start(path, body as never);
      tabs.open('job', { job: begun.id });
    } catch (thrown) {
      setError(asApiError(thrown, trans));
    } finally {
      setStarting(false);
    }
  };
  return { start: changes => void start(changes), starting, error };
}
