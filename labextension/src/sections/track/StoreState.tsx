import * as React from 'react';

import { asApiError, type ApiError } from '../../api/error';
import type { LiveJson } from '../../core/live';
import { Ago, ErrorNote } from '../../components';
import { useLive, useNbship } from '../../core/context';
import { TrackCommandIDs } from '../../tracking/commands';
import { Part } from './Part';

/** Where runs go, what waits for the store, and whether the store answers. */
export function StoreState(): React.ReactElement | null {
  const { commands, trans } = useNbship();
  const { data } = useLive();
  if (!data) {
    return null;
  }
  return (
    <Part
      id="store"
      title={trans.__('Store')}
      note={waitingText(data, trans)}
      tools={
        <button
          type="button"
          className="jp-nbship-Track-link"
          title={trans.__('See what works on this machine')}
          onClick={() => void commands.execute(TrackCommandIDs.openDoctor)}
        >
          {trans.__('Check')}
        </button>
      }
    >
      <dl className="jp-nbship-Track-foreseen">
        <dt>{trans.__('Runs go to')}</dt>
        <dd className="jp-nbship-Cut" title={data.tracking_uri}>
          {data.tracking_uri}
        </dd>
        <dt>{trans.__('Experiment')}</dt>
        <dd className="jp-nbship-Cut" title={data.experiment}>
          {data.experiment}
        </dd>
        <dt>{trans.__('Recorder')}</dt>
        <dd>
          {data.spool.recorder_pid === null
            ? trans.__('rests')
            : trans.__('works (process %1)', data.spool.recorder_pid)}
        </dd>
      </dl>
      <Outage live={data} />
      <Problems live={data} />
    </Part>
  );
}

function waitingText(live: LiveJson, trans: ReturnType<typeof useNbship>['trans']): string {
  if (live.outage) {
    return trans.__('▲ does not answer');
  }
  return live.spool.drained
    ? trans.__('everything is there')
    : trans._n('%1 event waits', '%1 events wait', live.spool.events);
}

/** Shown while the store does not answer or something waits that no recorder brings. */
function Outage({ live }: { live: LiveJson }): React.ReactElement | null {
  const { trans } = useNbship();
  const { outage, spool } = live;
  // A recorder needs a moment to start; only what still waits afterwards is news.
  const stuck = useLasting(!spool.drained && spool.recorder_pid === null, RECORDER_STARTS_MS);
  if (!outage && !stuck) {
    return null;
  }
  return (
    <div className="jp-nbship-Track-hint">
      {outage ? (
        <>
          <p className="jp-nbship-Track-warning" role="alert">
            {trans.__('The store does not answer:')} {outage.text}
          </p>
          <p className="jp-nbship-Muted">
            {trans.__('Since')} <Ago at={outage.since_ms} />.{' '}
            {trans._n(
              '%1 event is kept on this machine until it answers.',
              '%1 events are kept on this machine until it answers.',
              spool.events
            )}
          </p>
        </>
      ) : (
        <p>
          {trans._n('%1 event waits for the store.', '%1 events wait for the store.', spool.events)}
        </p>
      )}
      <SyncButton />
    </div>
  );
}

const RECORDER_STARTS_MS = 5000;

/** Return whether something has been so for a while. */
function useLasting(now: boolean, milliseconds: number): boolean {
  const [lasting, setLasting] = React.useState(false);
  React.useEffect(() => {
    const timer = setTimeout(() => setLasting(now), now ? milliseconds : 0);
    return () => clearTimeout(timer);
  }, [now, milliseconds]);
  return now && lasting;
}

function SyncButton(): React.ReactElement {
  const { api, live, trans } = useNbship();
  const [busy, setBusy] = React.useState(false);
  const [error, setError] = React.useState<ApiError | null>(null);
  const sync = async () => {
    setBusy(true);
    setError(null);
    try {
      await api.post('/sync', { body: {} });
      live.refresh();
    } catch (thrown) {
      setError(asApiError(thrown, trans));
    }
    setBusy(false);
  };
  return (
    <>
      <button
        type="button"
        className="jp-nbship-Button"
        disabled={busy}
        aria-busy={busy}
        onClick={() => void sync()}
      >
        {busy ? trans.__('Trying…') : trans.__('Try again now')}
      </button>
      {error && <ErrorNote error={error} />}
    </>
  );
}

function Problems({ live }: { live: LiveJson }): React.ReactElement | null {
  const { trans } = useNbship();
  const { set_aside, left_alone } = live.spool;
  return (
    <>
      {left_alone.map((why, index) => (
        <p key={index} className="jp-nbship-Muted">
          {trans.__('Left alone: %1', why)}
        </p>
      ))}
      {set_aside.map(path => (
        <p key={path} className="jp-nbship-Track-warning jp-nbship-Track-path">
          {trans.__('Could not be read, and is kept: %1', path)}
        </p>
      ))}
    </>
  );
}
