import * as React from 'react';

import { EmptyState, ErrorNote } from '../../components';
import { useActive, useLive, useNbship, useSignal } from '../../core/context';
import { TrackCommandIDs } from '../../tracking/commands';
import { trackIcon } from '../../tracking/icons';
import type { NotebookTracking } from '../../tracking/notebook';
import { useTrackSettings } from '../../tracking/settings';
import type { Trackings } from '../../tracking/trackings';
import { Captured } from './Captured';
import { CellPreview } from './CellPreview';
import { CurrentRun } from './CurrentRun';
import { LastRuns } from './LastRuns';
import { currentRuns, sessionsOf } from './notebook-runs';
import { Part } from './Part';
import { SessionSwitch } from './SessionSwitch';
import { StoreState } from './StoreState';

/** Tracking in the active notebook. */
export default function TrackSection({ trackings }: { trackings: Trackings }): React.ReactElement {
  const active = useActive();
  const live = useLive();
  useSignal(trackings.changed);
  const tracking = trackings.current;
  return (
    <div className="jp-nbship-Track">
      {live.error && <ErrorNote error={live.error} onRetry={() => live.refresh()} />}
      {tracking && active.path !== null ? (
        <InNotebook key={tracking.panel.id} tracking={tracking} path={active.path} />
      ) : (
        <NoNotebook remote={tracking !== null} />
      )}
      <StoreState />
    </div>
  );
}

function NoNotebook({ remote }: { remote: boolean }): React.ReactElement {
  const { commands, trans } = useNbship();
  return (
    <EmptyState
      icon={trackIcon}
      title={remote ? trans.__('This notebook lies elsewhere') : trans.__('No notebook is open')}
      text={
        remote
          ? trans.__('It is no file of this Jupyter server, so nothing is known of its runs here.')
          : trans.__(
              'Open a notebook to track its cells: code, parameters, data, metrics and the model of each run are kept. Or take the tour, on real data.'
            )
      }
      action={
        commands.hasCommand(TrackCommandIDs.startTour)
          ? {
              label: trans.__('Start the tour'),
              onClick: () => void commands.execute(TrackCommandIDs.startTour)
            }
          : undefined
      }
    />
  );
}

function InNotebook(props: { tracking: NotebookTracking; path: string }): React.ReactElement {
  const { tracking, path } = props;
  const { trans } = useNbship();
  const { preview } = useTrackSettings();
  const live = useLive();
  useSignal(tracking.changed);
  const sessions = sessionsOf(live.data, path, tracking.answer?.pid ?? null);
  const runs = currentRuns(sessions);
  return (
    <>
      <SessionSwitch tracking={tracking} />
      {runs.length > 0 && (
        <Part id="now" title={trans.__('Now')}>
          {runs.slice(0, SHOWN).map(run => (
            <CurrentRun
              key={run.run}
              run={run}
              session={sessions.find(each => each.runs.includes(run)) ?? sessions[0]}
            />
          ))}
        </Part>
      )}
      {preview && tracking.state !== 'not-python' && (
        <CellPreview panel={tracking.panel} tracking={tracking} />
      )}
      <LastRuns path={path} />
      <Captured path={path} />
    </>
  );
}

/** So many runs of now are shown. */
const SHOWN = 4;
