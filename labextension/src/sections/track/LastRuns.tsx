import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { Ago, ErrorNote, Loading } from '../../components';
import { useActive, useLive, useNbship, useSignalCall } from '../../core/context';
import { useResource } from '../../core/resource';
import { useTrackSettings } from '../../tracking/settings';
import { RunSign } from './CurrentRun';
import { sessionsOf } from './notebook-runs';
import { Part } from './Part';

/** The last runs of the active notebook. */
export function LastRuns({ path }: { path: string }): React.ReactElement | null {
  const nbship = useNbship();
  const { lastRuns } = useTrackSettings();
  return lastRuns === 0 ? null : (
    <Part
      id="runs"
      title={nbship.trans.__('Last runs')}
      tools={
        <button
          type="button"
          className="jp-nbship-Track-link"
          onClick={() => nbship.sections.reveal('runs')}
        >
          {nbship.trans.__('All runs')}
        </button>
      }
    >
      <Rows key={path} path={path} limit={lastRuns} />
    </Part>
  );
}

function Rows(props: { path: string; limit: number }): React.ReactElement {
  const { path, limit } = props;
  const { api, trans } = useNbship();
  const active = useActive();
  const live = useLive();
  // A run is in the store some time after it ended; until then the store is asked again when the journals change.
  const arrived = sessionsOf(live.data, path, null)
    .flatMap(session => session.runs)
    .map(run => `${run.run} ${run.store_run_id} ${run.arrived} ${run.status}`)
    .join('\n');
  const { data, error, reload } = useResource(
    signal => api.get('/runs', { query: { path, notebook: true, limit }, signal }),
    [path, limit, arrived]
  );
  useSignalCall(active.changed, reload);
  if (error && !data) {
    return <ErrorNote error={error} onRetry={reload} />;
  }
  if (!data) {
    return <Loading label={trans.__('Loading runs…')} />;
  }
  if (data.runs.length === 0) {
    return (
      <p className="jp-nbship-Muted">
        {trans.__('None yet. Track a cell, or switch on tracking, and run it.')}
      </p>
    );
  }
  return (
    <ul className="jp-nbship-Track-runs" aria-label={trans.__('Last runs of this notebook')}>
      {data.runs.map(run => (
        <Row key={run.id} run={run} />
      ))}
    </ul>
  );
}

function Row({ run }: { run: Schemas['RunJson'] }): React.ReactElement {
  const { tabs, trans } = useNbship();
  return (
    <li>
      <RunSign status={run.status} />
      <button
        type="button"
        className="jp-nbship-Track-link jp-nbship-Cut"
        title={trans.__('Open run %1', run.name)}
        onClick={() => tabs.open('run', { run: run.id })}
      >
        {run.name}
      </button>
      <span className="jp-nbship-Muted jp-nbship-Track-time">
        <Ago at={run.started} />
      </span>
    </li>
  );
}
