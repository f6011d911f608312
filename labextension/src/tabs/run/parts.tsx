import * as React from 'react';

import { useActive, useNbship } from '../../core/context';
import { useResource, type IResource } from '../../core/resource';

/** The run that a tab shows. */
export interface IShownRun {
  id: string;
  /** The notebook or folder by which the server finds the project of the run. */
  place: string;
  /** Another number whenever the run has gone on. */
  turn: number;
  /** What was loaded of it, by part: a tab that is opened again shows it at once. */
  kept: Map<string, unknown>;
}

const RunContext = React.createContext<IShownRun | null>(null);

export const RunProvider = RunContext.Provider;

/** Return the run around. */
export function useRun(): IShownRun {
  const run = React.useContext(RunContext);
  if (!run) {
    throw new Error('useRun needs a RunProvider above it.');
  }
  return run;
}

/** Where a part of a run is asked for: parameters of the path, and the place. */
export interface IAsk {
  path: { run: string };
  query: { path: string };
  signal: AbortSignal;
}

/** Load a part of the run around; again when the run has gone on. */
export function usePart<T>(
  part: string,
  load: (ask: IAsk) => Promise<T> | null,
  deps: React.DependencyList = []
): IResource<T> {
  const { id, place, turn, kept } = useRun();
  const found = useResource(
    signal => load({ path: { run: id }, query: { path: place }, signal }),
    [id, place, turn, part, ...deps]
  );
  if (found.data !== null) {
    kept.set(part, found.data);
  }
  return { ...found, data: found.data ?? (kept.get(part) as T | undefined) ?? null };
}

/**
 * Return the place of the notebook that was active when the tab was opened: the run stays in its project, whatever
 * the user turns to. `lost` says that the run is not there, so that the next notebook may know better.
 */
export function usePlace(lost: boolean): string {
  const path = useActive().path ?? '';
  const [place, setPlace] = React.useState(path);
  React.useEffect(() => {
    if (lost && path !== '') {
      setPlace(path);
    }
  }, [lost, path]);
  return place;
}

/** Open the page of another run. */
export function useOpenRun(): (run: string) => void {
  const { tabs } = useNbship();
  return run => void tabs.open('run', { run });
}
