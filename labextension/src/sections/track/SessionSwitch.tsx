import { PathExt } from '@jupyterlab/coreutils';
import * as React from 'react';

import { CopyButton } from '../../components';
import { useActive, useNbship, useSignal } from '../../core/context';
import type { NotebookTracking } from '../../tracking/notebook';
import { pendingText, whyNot } from '../../tracking/words';

const INSTALL = '%pip install nbship';

/** The name of the active notebook, and the switch that tracks its session. */
export function SessionSwitch({ tracking }: { tracking: NotebookTracking }): React.ReactElement {
  const { trans } = useNbship();
  const active = useActive();
  useSignal(tracking.changed);
  const id = React.useId();
  const { state, pending } = tracking;
  const on = state === 'on' || state === 'step';
  const blocked = pending !== null || whyNot(state, trans) !== '';
  const path = active.path ?? '';
  return (
    <div className="jp-nbship-Track-session">
      <div className="jp-nbship-Track-switchRow">
        <span id={`${id}-label`} className="jp-nbship-Track-switchLabel">
          {trans.__('Track every cell')}
          <span className="jp-nbship-Muted jp-nbship-Cut" title={path}>
            {PathExt.basename(path)}
          </span>
        </span>
        <button
          type="button"
          role="switch"
          className="jp-nbship-Switch"
          aria-checked={on}
          aria-labelledby={`${id}-label`}
          aria-describedby={`${id}-note`}
          aria-busy={pending !== null}
          disabled={blocked}
          onClick={() => void tracking.switch(!on)}
        >
          <span className="jp-nbship-Switch-knob" aria-hidden="true" />
          <span className="jp-nbship-Switch-word" aria-hidden="true">
            {state === 'unknown' ? '…' : on ? trans.__('on') : trans.__('off')}
          </span>
        </button>
      </div>
      <div id={`${id}-note`} className="jp-nbship-Muted" role="status">
        <Note tracking={tracking} />
      </div>
    </div>
  );
}

function Note({ tracking }: { tracking: NotebookTracking }): React.ReactElement {
  const { trans } = useNbship();
  const { state, pending, message, ended } = tracking;
  if (pending) {
    return <>{pendingText(tracking, trans)}</>;
  }
  if (state === 'missing') {
    return <NotInstalled />;
  }
  if (message) {
    return (
      <span className="jp-nbship-Track-warning" role="alert">
        {message}
      </span>
    );
  }
  const why = whyNot(state, trans);
  if (why) {
    return <>{why}</>;
  }
  if (state === 'on') {
    return (
      <>
        {trans.__(
          'Every cell belongs to run %1 until you switch it off.',
          tracking.answer?.name ?? ''
        )}
      </>
    );
  }
  if (ended) {
    return (
      <>
        {trans._n(
          'Run %2 ended with %1 cell.',
          'Run %2 ended with %1 cells.',
          ended.cells,
          ended.name
        )}{' '}
        {ended.reason}
      </>
    );
  }
  return (
    <>{trans.__('Off: only cells marked %1 are recorded, each as a run of its own.', '%%track')}</>
  );
}

function NotInstalled(): React.ReactElement {
  const { trans } = useNbship();
  return (
    <>
      {trans.__('nbship is not installed in the environment of this kernel. Run this in a cell:')}
      <span className="jp-nbship-Track-command">
        <code>{INSTALL}</code>
        <CopyButton text={INSTALL} label={trans.__('Copy the command')} />
      </span>
    </>
  );
}
