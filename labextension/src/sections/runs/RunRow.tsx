import * as React from 'react';

import { Badge, Elapsed, formatAgo, formatDuration } from '../../components';
import { formatNumber } from '../../components/numbers';
import { useNbship } from '../../core/context';
import type { IRunRow, RunJson } from './run-list';
import { RunStatus } from './RunStatus';

/** The metric or parameter whose value is shown. */
export interface IShownValue {
  metric: string | null;
  param: string | null;
}

export interface IRunRowProps {
  row: IRunRow;
  selected: boolean;
  shown: IShownValue;
  /** The time, for how long ago it was. */
  now: number;
  /** Called on a press on the box before it. */
  onCheck: (id: string) => void;
  onOpen: (id: string) => void;
  onMenu: (id: string, event: React.MouseEvent) => void;
}

export const ROW_HEIGHT = 42;

/** A run, in two lines: what it is and its value; when it was and what became of it. */
export const RunRow = React.memo(function RunRow(props: IRunRowProps): React.ReactElement {
  const { row, selected, shown, onCheck, onOpen, onMenu } = props;
  const { run } = row;
  const { locale } = useNbship();
  const value = valueOf(run, shown, locale);
  const open = (event: React.MouseEvent) => {
    if (!event.shiftKey && !event.ctrlKey && !event.metaKey) {
      onOpen(run.id);
    }
  };
  const check = (event: React.MouseEvent) => {
    event.stopPropagation();
    onCheck(run.id);
  };
  return (
    <div
      className="jp-nbship-RunRow"
      title={run.name}
      onClick={open}
      onContextMenu={event => onMenu(run.id, event)}
    >
      {/* A row is an option of a list, which says by itself whether it is selected: the box is for the mouse. */}
      <span className="jp-nbship-RunRow-check" aria-hidden="true" onClick={check}>
        {!row.arriving && <input type="checkbox" checked={selected} readOnly tabIndex={-1} />}
      </span>
      <RunStatus status={run.status} />
      <span className="jp-nbship-RunRow-line">
        <span className="jp-nbship-RunRow-name">{run.name}</span>
        {value && (
          <span className="jp-nbship-RunRow-value" title={`${value.name}: ${value.text}`}>
            {value.text}
          </span>
        )}
      </span>
      <span className="jp-nbship-RunRow-line">
        <span className="jp-nbship-RunRow-when">
          <When run={run} now={props.now} />
        </span>
        <Badges row={row} />
      </span>
    </div>
  );
});

function When({ run, now }: { run: RunJson; now: number }): React.ReactElement {
  const { locale, trans } = useNbship();
  const started = new Date(run.started);
  const notebook = run.tags['mlflow.source.name'];
  return (
    <>
      <time dateTime={run.started} title={started.toLocaleString(locale)}>
        {formatAgo(started, now, locale)}
      </time>
      {' · '}
      {run.status === 'RUNNING' && run.duration_seconds === null ? (
        <Elapsed since={run.started} />
      ) : (
        formatDuration(run.duration_seconds, trans)
      )}
      {notebook && ` · ${notebook.slice(notebook.lastIndexOf('/') + 1)}`}
    </>
  );
}

function Badges({ row }: { row: IRunRow }): React.ReactElement {
  const { trans } = useNbship();
  const { badges, run, arriving } = row;
  return (
    <span className="jp-nbship-RunRow-badges">
      {arriving && run.status !== 'RUNNING' && (
        <Badge
          kind="neutral"
          label={trans.__('on its way')}
          title={trans.__('Kept on this machine until the store has it')}
        />
      )}
      {badges?.data_changed && (
        <Badge
          kind="warn"
          label={trans.__('data')}
          title={trans.__('Its data differ from those of the previous run of this notebook')}
        />
      )}
      {badges?.served ? (
        <Badge
          kind="running"
          label={trans.__('served')}
          title={trans.__('The service "%1" answers with its model', badges.served)}
        />
      ) : (
        badges?.packaged && (
          <Badge
            kind="info"
            label={trans.__('packaged')}
            title={trans.__('Its model is packaged as %1', badges.packaged)}
          />
        )
      )}
      {run.tags['nbship.archived'] === 'true' && (
        <Badge kind="neutral" label={trans.__('archived')} />
      )}
    </span>
  );
}

function valueOf(
  run: RunJson,
  { metric, param }: IShownValue,
  locale: string
): { name: string; text: string } | null {
  if (param !== null) {
    return param in run.params ? { name: param, text: run.params[param] } : null;
  }
  if (metric === null || !(metric in run.metrics)) {
    return null;
  }
  return { name: metric, text: formatNumber(run.metrics[metric], locale) };
}
