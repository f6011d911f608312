import * as React from 'react';

import { asApiError, type ApiError } from '../api/error';
import { useNbship } from '../core/context';
import type { JobsModel, JobStart } from '../core/jobs';

type Body<P extends JobStart> = Parameters<typeof JobsModel.prototype.start<P>>[1];

/** Starts jobs of one kind, and opens the tab of each. */
export interface IStart<P extends JobStart> {
  /** `before` is done first, e.g. saving what runs. Resolves to whether it has begun. */
  start: (body: Body<P>, before?: () => Promise<void>) => Promise<boolean>;
  starting: boolean;
  /** Why the last one has not begun: what the service says. */
  error: ApiError | null;
}

export function useStart<P extends JobStart>(path: P): IStart<P> {
  const { jobs, tabs, trans } = useNbship();
  const [starting, setStarting] = React.useState(false);
  const [error, setError] = React.useState<ApiError | null>(null);
  const start = async (body: Body<P>, before?: () => Promise<void>): Promise<boolean> => {
    setStarting(true);
    setError(null);
    try {
      await before?.();
      const job = await jobs.start(path, body);
      tabs.open('job', { job: job.id });
      return true;
    } catch (thrown) {
      setError(asApiError(thrown, trans));
      return false;
    } finally {
      setStarting(false);
    }
  };
  return { start, starting, error };
}
