import type { ISignal } from '@lumino/signaling';
import * as React from 'react';

import type { INbship } from '../tokens';
import type { JobJson } from './jobs';
import type { LiveModel } from './live';
import type { JobsModel } from './jobs';
import type { Viewers, Visibility } from './visibility';

/** Gives nbship to the components below. */
export const NbshipContext = React.createContext<INbship | null>(null);

/** Tells the components below whether they can be seen. */
export const VisibilityContext = React.createContext<Visibility | null>(null);

/** Return nbship: its server, models, tabs and translations. */
export function useNbship(): INbship {
  const nbship = React.useContext(NbshipContext);
  if (!nbship) {
    throw new Error('useNbship needs a NbshipContext above it.');
  }
  return nbship;
}

/** Render again whenever a signal is emitted; return what `read` gives then. */
export function useSignal<S, A>(signal: ISignal<S, A> | null | undefined): void;
export function useSignal<S, A, V>(signal: ISignal<S, A> | null | undefined, read: () => V): V;
export function useSignal<S, A, V>(
  signal: ISignal<S, A> | null | undefined,
  read?: () => V
): V | undefined {
  const [, render] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    const slot = () => render();
    // What changed between the first render and now would be missed otherwise.
    render();
    signal?.connect(slot);
    return () => void signal?.disconnect(slot);
  }, [signal]);
  return read?.();
}

/** Return whether the section or tab around can be seen. */
export function useVisible(): boolean {
  const visibility = React.useContext(VisibilityContext);
  return useSignal(visibility?.changed, () => visibility?.visible ?? true);
}

/** Return the jobs of this project, kept up to date while this can be seen. */
export function useJobs(): JobsModel {
  const { jobs } = useNbship();
  useViewer(jobs.viewers);
  useSignal(jobs.changed);
  return jobs;
}

/** Return what runs now, kept up to date while this can be seen. */
export function useLive(): LiveModel {
  const { live } = useNbship();
  useViewer(live.viewers);
  useSignal(live.changed);
  return live;
}

/** Return the active notebook; rendered again when it is another one or its kernel's status changes. */
export function useActive(): INbship['active'] {
  const { active } = useNbship();
  useSignal(active.changed);
  useSignal(active.statusChanged);
  return active;
}

/** Call a function when a job ends. */
export function useJobFinished(call: (job: JobJson) => void): void {
  useSignalCall(useNbship().jobs.finished, call);
}

/** Call a function whenever a signal is emitted. */
export function useSignalCall<A>(
  signal: ISignal<unknown, A> | null | undefined,
  call: (args: A) => void
): void {
  const latest = React.useRef(call);
  latest.current = call;
  React.useEffect(() => {
    const slot = (_: unknown, args: A) => latest.current(args);
    signal?.connect(slot);
    return () => void signal?.disconnect(slot);
  }, [signal]);
}

/** Return a number that is another one whenever one of the values is another one. */
export function useVersion(values: React.DependencyList): number {
  const last = React.useRef({ values, number: 0 });
  const same =
    values.length === last.current.values.length &&
    values.every((value, index) => Object.is(value, last.current.values[index]));
  if (!same) {
    last.current = { values, number: last.current.number + 1 };
  }
  return last.current.number;
}

/** Look at a model while this can be seen. */
export function useViewer(viewers: Viewers): void {
  const visible = useVisible();
  React.useEffect(() => {
    if (!visible) {
      return;
    }
    const looking = viewers.acquire();
    return () => looking.dispose();
  }, [viewers, visible]);
}
