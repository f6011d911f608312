import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { Duration, Elapsed } from '../../components';
import { useNbship } from '../../core/context';
import type { LiveRun } from './notebook-runs';

type LiveCell = Schemas['LiveCell'];

/** So many cells are shown, the newest. */
const SHOWN = 6;

/** The newest cells of a run, each with its state. */
export function LiveCells({ run }: { run: LiveRun }): React.ReactElement | null {
  const { trans } = useNbship();
  if (run.cell_list.length === 0) {
    return null;
  }
  const hidden = run.cells - Math.min(SHOWN, run.cell_list.length);
  return (
    <ul className="jp-nbship-Track-cells" aria-label={trans.__('Cells of run %1', run.name)}>
      {hidden > 0 && (
        <li className="jp-nbship-Muted">
          {trans._n('%1 earlier cell', '%1 earlier cells', hidden)}
        </li>
      )}
      {run.cell_list.slice(-SHOWN).map(cell => (
        <Cell key={cell.index} cell={cell} ended={run.ended_ms !== null} />
      ))}
    </ul>
  );
}

function Cell(props: { cell: LiveCell; ended: boolean }): React.ReactElement {
  const { cell, ended } = props;
  const { trans } = useNbship();
  const { sign, word } = look(cell, trans);
  const going = cell.status === 'running' && !ended;
  return (
    <li
      className={`jp-nbship-Track-cell jp-mod-${cell.status}`}
      title={cell.error || cell.first_line}
    >
      <span className="jp-nbship-Track-cellSign" role="img" aria-label={word}>
        {sign}
      </span>
      <span className="jp-nbship-Track-cellCount">[{cell.execution_count ?? ' '}]</span>
      <code className="jp-nbship-Cut">{cell.first_line}</code>
      <span className="jp-nbship-Track-time">
        {going ? (
          <Elapsed since={cell.started_ms ?? 0} />
        ) : (
          cell.seconds != null && <Duration seconds={cell.seconds} />
        )}
      </span>
      {cell.error && <span className="jp-nbship-Track-cellError">{cell.error}</span>}
    </li>
  );
}

function look(cell: LiveCell, trans: TranslationBundle): { sign: string; word: string } {
  switch (cell.status) {
    case 'ok':
      return { sign: '✓', word: trans.__('done') };
    case 'error':
      return { sign: '✕', word: trans.__('failed') };
    case 'running':
      return { sign: '●', word: trans.__('running') };
    case 'unobserved':
      return { sign: '○', word: trans.__('ran before nbship was loaded') };
    default:
      return { sign: '■', word: trans.__('interrupted') };
  }
}
