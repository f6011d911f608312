import * as React from 'react';

import { asApiError, isAbort, type ApiError } from '../api/error';
import { useNbship, useSignalCall, useVersion, useVisible } from './context';

/** Something that is loaded from the server. */
export interface IResource<T> {
  /** What was loaded last; kept while it is loaded again. */
  data: T | null;
  /** Why the last load failed; null when it did not. */
  error: ApiError | null;
  loading: boolean;
  /** Load it again. */
  reload: () => void;
}

/**
 * Load something, and again when one of `deps` changes, when `reload` is called and when the user asks for
 * everything to be refreshed. Nothing is loaded while it cannot be seen. Answers that come late are dropped.
 *
 * @param load - Gets a signal that aborts when the answer is not wanted any more; returns null to load nothing.
 */
export function useResource<T>(
  load: (signal: AbortSignal) => Promise<T> | null,
  deps: React.DependencyList
): IResource<T> {
  const nbship = useNbship();
  const visible = useVisible();
  const [state, setState] = React.useState<Omit<IResource<T>, 'reload'>>(NOTHING);
  const [turn, reload] = React.useReducer((count: number) => count + 1, 0);
  const latest = React.useRef(load);
  latest.current = load;
  const wanted = useVersion([...deps, turn]);
  const done = React.useRef(-1);

  useSignalCall(nbship.refreshed, reload);

  React.useEffect(() => {
    if (!visible || done.current === wanted) {
      return;
    }
    const abort = new AbortController();
    const answer = latest.current(abort.signal);
    if (!answer) {
      done.current = wanted;
      setState(NOTHING);
      return;
    }
    setState(old => ({ ...old, loading: true }));
    answer.then(
      data => {
        if (!abort.signal.aborted) {
          done.current = wanted;
          setState({ data, error: null, loading: false });
        }
      },
      (thrown: unknown) => {
        if (!abort.signal.aborted && !isAbort(thrown)) {
          done.current = wanted;
          setState(old => ({ ...old, error: asApiError(thrown, nbship.trans), loading: false }));
        }
      }
    );
    return () => abort.abort();
  }, [nbship, visible, wanted]);

  return { ...state, reload };
}

const NOTHING = { data: null, error: null, loading: false };
