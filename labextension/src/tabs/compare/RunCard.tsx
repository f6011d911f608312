import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { Ago, Badge, Duration, type BadgeKind } from '../../components';
import { useNbship } from '../../core/context';

type RunJson = Schemas['RunJson'];

/** The name of a run, which opens it. */
export function RunLink({ run }: { run: Pick<RunJson, 'id' | 'name'> }): React.ReactElement {
  const { tabs, trans } = useNbship();
  return (
    <button
      type="button"
      className="jp-nbship-Compare-link"
      title={trans.__('Open run %1', `${run.name} (${run.id})`)}
      onClick={() => void tabs.open('run', { run: run.id })}
    >
      <bdi>{run.name || run.id.slice(0, 8)}</bdi>
    </button>
  );
}

/** One of two runs: its letter, name, state and time. */
export function RunCard({ letter, run }: { letter: string; run: RunJson }): React.ReactElement {
  return (
    <div className="jp-nbship-Compare-run">
      <span className="jp-nbship-Compare-letter">{letter}</span>
      <RunLink run={run} />
      <code className="jp-nbship-Muted">{run.id.slice(0, 8)}</code>
      <RunStatus status={run.status} />
      <span className="jp-nbship-Muted">
        <Ago at={run.started} />
        {run.duration_seconds !== null && (
          <>
            {' · '}
            <Duration seconds={run.duration_seconds} />
          </>
        )}
      </span>
    </div>
  );
}

/** How a run ended, where it did not end well; nothing more is to say of the others. */
export function RunStatus({ status }: { status: RunJson['status'] }): React.ReactElement | null {
  const { trans } = useNbship();
  const looks: Partial<Record<string, [BadgeKind, string]>> = {
    FAILED: ['failed', trans.__('failed')],
    KILLED: ['warn', trans.__('stopped')],
    RUNNING: ['running', trans.__('running')],
    SCHEDULED: ['neutral', trans.__('scheduled')]
  };
  const look = looks[status];
  return look ? <Badge kind={look[0]} label={look[1]} /> : null;
}
