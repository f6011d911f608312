import * as React from 'react';

import { asApiError, type ApiError } from '../api/error';
import { useNbship, useVisible } from './context';
import type { JobJson } from './jobs';
import { Watch } from './watch';

export interface IFollowedJob {
  job: JobJson | null;
  /** The log so far; the beginning of a very long one is left out. */
  log: string;
  result: unknown;
  error: ApiError | null;
  cancel: () => Promise<void>;
  reload: () => void;
}

/** Follow one job: its state, log and result, while it runs and can be seen. */
export function useJob(id: string): IFollowedJob {
  const nbship = useNbship();
  const visible = useVisible();
  const [state, setState] = React.useState<IState>(NOTHING);
  const follower = React.useRef<Watch | null>(null);

  React.useEffect(() => {
    const log = new LogText();
    let over = false;
    const look = async () => {
      try {
        const answer = await nbship.api.get('/jobs/{job}', {
          path: { job: id },
          query: { log_from: log.end }
        });
        over = answer.job.state !== 'running';
        log.append(answer.log, answer.log_end);
        setState({ job: answer.job, log: log.text, result: answer.result, error: null });
      } catch (thrown) {
        const error = asApiError(thrown, nbship.trans);
        setState(old => ({ ...old, error }));
        // A job that was removed does not come back.
        over = error.status === NOT_FOUND;
        if (!over) {
          throw thrown;
        }
      }
    };
    setState(NOTHING);
    const watch = new Watch({ name: 'job', look, seconds: () => (over ? IDLE_SECONDS : 1) });
    follower.current = watch;
    return () => watch.dispose();
  }, [nbship, id]);

  React.useEffect(() => {
    const looking = visible ? follower.current?.viewers.acquire() : null;
    return () => looking?.dispose();
  }, [visible, nbship, id]);

  return {
    ...state,
    cancel: async () => {
      try {
        await nbship.jobs.cancel(id);
        follower.current?.refresh();
      } catch (thrown) {
        setState(old => ({ ...old, error: asApiError(thrown, nbship.trans) }));
      }
    },
    reload: () => follower.current?.refresh()
  };
}

/** The end of a log, of which the server sends what is new. */
export class LogText {
  /** Up to where the server's log has been read. */
  end = 0;
  text = '';

  append(news: string, end: number): void {
    this.end = end;
    this.text += news;
    if (this.text.length > LOG_CHARACTERS) {
      const cut = this.text.indexOf('\n', this.text.length - LOG_CHARACTERS);
      this.text = '…' + this.text.slice(cut < 0 ? -LOG_CHARACTERS : cut);
    }
  }
}

type IState = Pick<IFollowedJob, 'job' | 'log' | 'result' | 'error'>;

const NOTHING: IState = { job: null, log: '', result: null, error: null };
const NOT_FOUND = 404;
const LOG_CHARACTERS = 500_000;
// A job that has ended changes no more, but it may be deleted.
const IDLE_SECONDS = 60;
