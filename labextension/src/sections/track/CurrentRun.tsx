import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Badge, Duration, Elapsed, type BadgeKind } from '../../components';
import { useNbship } from '../../core/context';
import { LiveCells } from './LiveCells';
import { LiveMetrics } from './LiveMetrics';
import { openId, type LiveRun, type LiveSession } from './notebook-runs';

/** A run that goes on or has just ended: cells, metrics as they arrive, data and warnings. */
export function CurrentRun(props: { run: LiveRun; session: LiveSession }): React.ReactElement {
  const { run, session } = props;
  const { tabs, trans } = useNbship();
  const lost = run.status === 'RUNNING' && !session.alive;
  return (
    <article className="jp-nbship-Track-run" aria-label={trans.__('Run %1', run.name)}>
      <header className="jp-nbship-Track-runHead">
        <button
          type="button"
          className="jp-nbship-Track-link jp-nbship-Cut"
          title={trans.__('Open run %1', run.name)}
          onClick={() => tabs.open('run', { run: openId(run) })}
        >
          {run.name}
        </button>
        <RunBadge status={run.status} lost={lost} reason={run.reason} />
        <span className="jp-nbship-Track-time">
          {run.ended_ms === null ? (
            lost ? null : (
              <Elapsed since={run.started_ms} />
            )
          ) : (
            <Duration seconds={(run.ended_ms - run.started_ms) / 1000} />
          )}
        </span>
      </header>
      {lost && (
        <p className="jp-nbship-Muted">
          {trans.__('The kernel is gone; the recorder ends the run.')}
        </p>
      )}
      {run.reason && <p className="jp-nbship-Track-reason">{run.reason}</p>}
      <LiveCells run={run} />
      <LiveMetrics run={run} />
      <Facts run={run} />
      {run.warnings.map((warning, index) => (
        <p key={index} className="jp-nbship-Track-warning">
          <span aria-hidden="true">▲ </span>
          {warning}
        </p>
      ))}
    </article>
  );
}

const KINDS: Record<string, BadgeKind> = {
  RUNNING: 'running',
  SCHEDULED: 'neutral',
  FINISHED: 'ok',
  FAILED: 'failed',
  KILLED: 'warn'
};

const SIGNS: Record<string, string> = {
  RUNNING: '●',
  SCHEDULED: '○',
  FINISHED: '✓',
  FAILED: '✕',
  KILLED: '■'
};

function wordOf(status: string, trans: TranslationBundle): string {
  const words: Record<string, string> = {
    RUNNING: trans.__('running'),
    SCHEDULED: trans.__('scheduled'),
    FINISHED: trans.__('finished'),
    FAILED: trans.__('failed'),
    KILLED: trans.__('stopped')
  };
  return words[status] ?? status;
}

/** The state of a run as a sign, for a row of a list. */
export function RunSign({ status }: { status: LiveRun['status'] }): React.ReactElement {
  const { trans } = useNbship();
  const label = wordOf(status, trans);
  const kind = KINDS[status] ?? 'neutral';
  return (
    <span
      className={`jp-nbship-Track-sign jp-mod-${kind}`}
      role="img"
      aria-label={label}
      title={label}
    >
      {SIGNS[status] ?? '?'}
    </span>
  );
}

function RunBadge(props: {
  status: LiveRun['status'];
  lost: boolean;
  reason: string;
}): React.ReactElement {
  const { trans } = useNbship();
  if (props.lost) {
    return <Badge kind="warn" label={trans.__('interrupted')} />;
  }
  const label = wordOf(props.status, trans);
  return (
    <Badge kind={KINDS[props.status] ?? 'neutral'} label={label} title={props.reason || label} />
  );
}

/** What the run is made of, in a line: data, parameters, model. */
function Facts({ run }: { run: LiveRun }): React.ReactElement | null {
  const { locale, trans } = useNbship();
  const parts: React.ReactNode[] = [];
  if (run.param_count > 0) {
    const text = Object.entries(run.params).map(([name, value]) => `${name} = ${value}`);
    parts.push(
      <span key="params" title={text.join('\n')}>
        {trans._n('%1 parameter', '%1 parameters', run.param_count)}
      </span>
    );
  }
  for (const dataset of run.datasets.slice(0, MOST_DATASETS)) {
    const rows = dataset.rows ?? null;
    parts.push(
      <span key={`${dataset.name} ${dataset.digest}`} title={dataset.digest}>
        {rows === null
          ? dataset.name
          : trans._n(
              '%2 (%3 row)',
              '%2 (%3 rows)',
              rows,
              dataset.name,
              rows.toLocaleString(locale)
            )}
      </span>
    );
  }
  if (run.dataset_count > MOST_DATASETS) {
    const more = run.dataset_count - MOST_DATASETS;
    parts.push(<span key="more">{trans._n('%1 more dataset', '%1 more datasets', more)}</span>);
  }
  if (run.model) {
    parts.push(<span key="model">{trans.__('model %1', run.model)}</span>);
  }
  return parts.length === 0 ? null : <div className="jp-nbship-Track-facts">{parts}</div>;
}

const MOST_DATASETS = 4;
