import { PathExt } from '@jupyterlab/coreutils';

import type { Schemas } from '../../api/operations';
import type { LiveJson } from '../../core/live';

export type LiveRun = Schemas['LiveRunJson'];
export type LiveSession = Schemas['LiveSessionJson'];

/**
 * Return the sessions of a notebook: of its kernel, and of what executes it as a step.
 *
 * Sessions know no more of a notebook than its file name, so where several have the same name, the process of the
 * kernel tells which one it is; null while the kernel has not told it.
 */
export function sessionsOf(live: LiveJson | null, path: string, pid: number | null): LiveSession[] {
  const name = PathExt.basename(path);
  return (live?.sessions ?? []).filter(
    session =>
      session.source === name &&
      (pid === null || session.pid === pid || session.holder === 'runner')
  );
}

/** Return what these sessions work on now, the newest first, and the run that has ended last. */
export function currentRuns(sessions: readonly LiveSession[]): LiveRun[] {
  const runs = sessions.flatMap(session => session.runs);
  const open = runs.filter(run => run.status === 'RUNNING');
  const ended = runs.filter(run => run.status !== 'RUNNING');
  ended.sort((a, b) => (b.ended_ms ?? 0) - (a.ended_ms ?? 0));
  return [...open.sort((a, b) => b.started_ms - a.started_ms), ...ended.slice(0, 1)];
}

/** Return the id by which a run is opened: the store's, or its own until it is there. */
export function openId(run: LiveRun): string {
  return run.store_run_id ?? run.run;
}
