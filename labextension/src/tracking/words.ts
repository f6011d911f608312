import type { TranslationBundle } from '@jupyterlab/translation';

import { TRACK, type CellTracking } from './cell';
import type { NotebookTracking, TrackingState } from './notebook';

/** Say why session tracking cannot be switched now; empty where it can. */
export function whyNot(state: TrackingState, trans: TranslationBundle): string {
  switch (state) {
    case 'no-kernel':
      return trans.__('This notebook has no kernel. Start one to track its cells.');
    case 'starting':
      return trans.__('The kernel is starting.');
    case 'dead':
      return trans.__('The kernel is dead. Restart it to track its cells.');
    case 'not-python':
      return trans.__('The kernel of this notebook is not Python; nbship tracks Python.');
    case 'missing':
      return trans.__('nbship is not installed in the environment of this kernel.');
    case 'step':
      return trans.__('This notebook is executed as a step; every cell of it is recorded.');
    case 'unknown':
      return trans.__('Waits for the kernel to say whether it tracks…');
    default:
      return '';
  }
}

/** Say what a press on the switch does, or why it does nothing. */
export function switchLabel(tracking: NotebookTracking | null, trans: TranslationBundle): string {
  if (!tracking) {
    return trans.__('Track Session');
  }
  if (tracking.pending) {
    return pendingText(tracking, trans);
  }
  return (
    whyNot(tracking.state, trans) ||
    (tracking.state === 'on'
      ? trans.__('Stop tracking this session (it is run %1)', tracking.answer?.name ?? '')
      : trans.__('Track every cell of this session from here on'))
  );
}

/** Say what is being done. */
export function pendingText(tracking: NotebookTracking, trans: TranslationBundle): string {
  if (tracking.kernel?.status === 'busy') {
    return trans.__('Waits for the cell that is running…');
  }
  return tracking.pending === 'turn_off'
    ? trans.__('Ending the run…')
    : trans.__('Loading nbship in the kernel…');
}

/** Say why a cell cannot be tracked; empty where it can. */
export function whyNotCell(cell: CellTracking, trans: TranslationBundle): string {
  switch (cell.kind) {
    case 'no-code':
      return trans.__('Only code cells can be tracked.');
    case 'read-only':
      return trans.__('This cell cannot be edited.');
    case 'other-language':
      return trans.__(
        'This is a %1 cell: %2 finds parameters, data and metrics in Python.',
        `%%${cell.magic}`,
        TRACK
      );
    default:
      return '';
  }
}
