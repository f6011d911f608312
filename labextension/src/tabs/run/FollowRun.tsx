import * as React from 'react';

import { useLive, useVisible } from '../../core/context';
import type { LiveJson } from '../../core/live';
import type { RunDetail } from './RunTab';

// What a run has recorded is asked for at most so often: it comes from the store, by way of the recorder.
const PAUSE_MS = 2000;

/** Has the page about a run loaded again while the run goes on. Shows nothing. */
export function FollowRun(props: { run: RunDetail; onChange: () => void }): null {
  const { run, onChange } = props;
  const visible = useVisible();
  const sign = signOf(useLive().data, run);
  const last = React.useRef(sign);
  React.useEffect(() => {
    if (!visible || sign === last.current) {
      return;
    }
    const timer = setTimeout(() => {
      last.current = sign;
      onChange();
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [sign, visible, onChange]);
  return null;
}

/** Return what changes when a run goes on; empty for one that no kernel here works on. */
export function signOf(live: LiveJson | null, run: Pick<RunDetail, 'id' | 'tags'>): string {
  const found = live?.sessions
    .flatMap(session => session.runs)
    .find(each => each.store_run_id === run.id || each.run === run.tags['nbship.run']);
  return found
    ? JSON.stringify([
        found.status,
        found.arrived,
        found.cells,
        found.params,
        found.metrics,
        found.dataset_count,
        found.warning_count
      ])
    : '';
}
