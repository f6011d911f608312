import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { useNbship } from '../../core/context';
import { CellDiff } from './CellDiff';
import { CHANGE_SIGNS, cellName } from './signs';

type CellDiffJson = Schemas['CellDiffJson'];

const OPEN_CELLS = 30;
const OPEN_LINES = 80;
const PAGE = 60;

/** The code of two runs, cell by cell. */
export function CodeDiff({ cells }: { cells: readonly CellDiffJson[] }): React.ReactElement {
  const { trans } = useNbship();
  const moved = cells.filter(onlyMoved);
  const changed = cells.filter(cell => !onlyMoved(cell));
  const [shown, show] = React.useState(PAGE);
  return (
    <>
      {moved.length > 0 && (
        <p className="jp-nbship-Compare-moved">
          <span className="jp-nbship-Compare-sign" aria-hidden="true">
            {CHANGE_SIGNS.moved}
          </span>
          {trans.__('Moved, text unchanged: %1', movedNames(moved, trans))}
        </p>
      )}
      {changed.slice(0, shown).map((cell, at) => (
        <CellDiff key={at} cell={cell} open={at < OPEN_CELLS && cell.lines.length <= OPEN_LINES} />
      ))}
      {changed.length > shown && (
        <button
          type="button"
          className="jp-nbship-Button jp-nbship-Compare-more"
          onClick={() => show(shown + PAGE)}
        >
          {trans.__('Show more: %1 of %2 cells are shown', shown, changed.length)}
        </button>
      )}
    </>
  );
}

const MOST_MOVED = 20;

function movedNames(
  cells: readonly CellDiffJson[],
  trans: ReturnType<typeof useNbship>['trans']
): string {
  const names = cells.slice(0, MOST_MOVED).map(cell => cellName(cell, trans));
  return names.join(', ') + (cells.length > MOST_MOVED ? ', …' : '');
}

function onlyMoved(cell: CellDiffJson): boolean {
  return (
    cell.change === 'moved' && cell.lines.every(line => line.sign !== '+' && line.sign !== '-')
  );
}
