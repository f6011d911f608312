import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { useNbship } from '../../core/context';
import type { RunJson } from './run-list';

type Status = RunJson['status'];

// The signs of the library's own tables; colour is never the only signal.
const SIGNS: Record<Status, string> = {
  FINISHED: '✓',
  FAILED: '✕',
  KILLED: '■',
  RUNNING: '●',
  SCHEDULED: '○'
};

/** How a run stands: a sign, with its word for pointers and screen readers. */
export function RunStatus({ status }: { status: Status }): React.ReactElement {
  const { trans } = useNbship();
  const word = statusWord(status, trans);
  return (
    <span className={`jp-nbship-RunStatus jp-mod-${status.toLowerCase()}`} title={word}>
      <span aria-hidden="true">{SIGNS[status]}</span>
      <span className="jp-nbship-Hidden">{word}</span>
    </span>
  );
}

export function statusWord(status: Status, trans: TranslationBundle): string {
  const words: Record<Status, string> = {
    FINISHED: trans.__('Finished'),
    FAILED: trans.__('Failed'),
    KILLED: trans.__('Stopped'),
    RUNNING: trans.__('Running'),
    SCHEDULED: trans.__('Scheduled')
  };
  return words[status];
}
