import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { EmptyState, ErrorNote, Loading } from '../../components';
import { Lazy } from '../../components/Lazy';
import { useNbship } from '../../core/context';
import { CellView } from './CellView';
import { usePart } from './parts';

export type RunCell = Schemas['RunCellJson'];

/** Which cells are shown. */
type Choice = 'all' | 'needed' | 'failed';

const PAGE = 50;
// What a cell takes before it is known how much it takes.
const CELL_PIXELS = 120;

/** The cells that a run executed, in the order in which they ran. */
export function CellsPart(): React.ReactElement {
  const { trans } = useNbship();
  const [choice, setChoice] = React.useState<Choice>('all');
  const first = usePage(0);
  if (!first.data) {
    return first.error ? (
      <ErrorNote error={first.error} onRetry={first.reload} />
    ) : (
      <Loading label={trans.__('Loading cells…')} />
    );
  }
  const { total } = first.data;
  if (total === 0) {
    return (
      <EmptyState
        title={trans.__('No cells')}
        text={
          first.data.lacks.length > 0
            ? first.data.lacks.join('\n')
            : trans.__('Nothing is known of the cells of this run.')
        }
      />
    );
  }
  const pages = Array.from({ length: Math.ceil(total / PAGE) }, (_, page) => page);
  return (
    <div className="jp-nbship-Run-cells">
      <div className="jp-nbship-Run-cellsHead">
        <Choices choice={choice} onChoose={setChoice} />
        <span className="jp-nbship-Muted">
          {trans._n('%1 execution, in true order', '%1 executions, in true order', total, total)}
        </span>
      </div>
      <ol aria-label={trans.__('Cells in the order in which they ran')}>
        {pages.map(page => (
          <Lazy key={page} height={sizeOf(page, total) * CELL_PIXELS}>
            {() => <Page page={page} choice={choice} size={sizeOf(page, total)} />}
          </Lazy>
        ))}
      </ol>
    </div>
  );
}

function usePage(page: number) {
  const { api } = useNbship();
  return usePart(`cells ${page}`, ask =>
    api.get('/runs/{run}/cells', {
      ...ask,
      query: { ...ask.query, offset: page * PAGE, limit: PAGE }
    })
  );
}

function sizeOf(page: number, total: number): number {
  return Math.min(PAGE, total - page * PAGE);
}

function Page(props: { page: number; choice: Choice; size: number }): React.ReactElement {
  const { trans } = useNbship();
  const { page, choice, size } = props;
  const { data, error, reload } = usePage(page);
  if (!data) {
    return error ? (
      <ErrorNote error={error} onRetry={reload} />
    ) : (
      <div style={{ minHeight: size * CELL_PIXELS }}>
        <Loading label={trans.__('Loading cells…')} />
      </div>
    );
  }
  const shown = data.cells.filter(cell => isChosen(cell, choice));
  return (
    <>
      {shown.map(cell => (
        <CellView key={cell.index} cell={cell} />
      ))}
    </>
  );
}

function isChosen(cell: RunCell, choice: Choice): boolean {
  switch (choice) {
    case 'all':
      return true;
    case 'needed':
      return cell.needed;
    case 'failed':
      return cell.error !== null || ['error', 'interrupted', 'killed'].includes(cell.status);
  }
}

function Choices(props: {
  choice: Choice;
  onChoose: (choice: Choice) => void;
}): React.ReactElement {
  const { trans } = useNbship();
  const choices: [Choice, string, string][] = [
    ['all', trans.__('All'), trans.__('Every execution of a cell')],
    ['needed', trans.__('Needed'), trans.__('What the result of the run depends on')],
    ['failed', trans.__('Failed'), trans.__('What ended with an error')]
  ];
  return (
    <div className="jp-nbship-Run-choices" role="group" aria-label={trans.__('Which cells')}>
      {choices.map(([choice, label, title]) => (
        <button
          key={choice}
          type="button"
          aria-pressed={choice === props.choice}
          title={title}
          onClick={() => props.onChoose(choice)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
