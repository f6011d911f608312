import * as React from 'react';

import { asApiError, type ApiError } from '../api/error';
import { useNbship, useSignalCall, useVersion, useVisible } from '../core/context';
import { Watch } from '../core/watch';

export interface IPolled<T> {
  /** The newest answer; kept when a later one fails. */
  data: T | null;
  error: ApiError | null;
  reload: () => void;
}

/**
 * Ask again and again while this can be seen.
 *
 * @param seconds - How long to pause, given the newest answer.
 */
export function usePolled<T>(
  load: () => Promise<T>,
  seconds: (data: T | null) => number,
  deps: React.DependencyList
): IPolled<T> {
  const nbship = useNbship();
  const visible = useVisible();
  const version = useVersion(deps);
  const [state, setState] = React.useState<Omit<IPolled<T>, 'reload'>>(NOTHING);
  const latest = React.useRef({ load, seconds });
  latest.current = { load, seconds };
  const watch = React.useRef<Watch | null>(null);

  React.useEffect(() => {
    let newest: T | null = null;
    let live = true;
    const look = async () => {
      try {
        const data = await latest.current.load();
        if (live) {
          newest = data;
          setState({ data, error: null });
        }
      } catch (thrown) {
        if (live) {
          setState(old => ({ ...old, error: asApiError(thrown, nbship.trans) }));
        }
        throw thrown;
      }
    };
    const mine = new Watch({
      name: 'polled',
      look,
      seconds: () => latest.current.seconds(newest)
    });
    watch.current = mine;
    return () => {
      live = false;
      mine.dispose();
    };
  }, [nbship, version]);

  React.useEffect(() => {
    const looking = visible ? watch.current?.viewers.acquire() : null;
    return () => looking?.dispose();
  }, [nbship, version, visible]);

  const reload = React.useCallback(() => watch.current?.refresh(), []);
  useSignalCall(nbship.refreshed, reload);
  return { ...state, reload };
}

const NOTHING = { data: null, error: null };
