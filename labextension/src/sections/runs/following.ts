import * as React from 'react';

import { useJobFinished, useNbship, useViewer, useVisible } from '../../core/context';
import type { LiveJson } from '../../core/live';
import type { RunList } from './run-list';

/** Keep a list of runs up to date while it can be seen: when it comes into view, a run begins or ends, a job ends. */
export function useFollowing(list: RunList): void {
  const { live, refreshed } = useNbship();
  const visible = useVisible();
  useViewer(live.viewers);
  useJobFinished(() => visible && list.refresh());

  React.useEffect(() => {
    if (!visible) {
      return;
    }
    let known = liveState(live.data);
    const onLive = () => {
      const now = liveState(live.data);
      if (now !== known) {
        known = now;
        list.refresh();
      }
    };
    const onRefreshed = () => list.refresh();
    list.refresh();
    live.changed.connect(onLive);
    refreshed.connect(onRefreshed);
    return () => {
      live.changed.disconnect(onLive);
      refreshed.disconnect(onRefreshed);
    };
  }, [list, live, refreshed, visible]);
}

/** Return what of the live state the list depends on, as a text that can be compared. */
export function liveState(data: LiveJson | null): string {
  const runs = (data?.sessions ?? []).flatMap(session =>
    session.runs.map(run => [run.run, run.status, run.store_run_id, run.arrived, session.alive])
  );
  return JSON.stringify([runs, data?.outage != null]);
}
