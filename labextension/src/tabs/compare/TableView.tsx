import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { useNbship } from '../../core/context';
import { Figures } from './Figures';
import { Part } from './Part';
import { RunLink, RunStatus } from './RunCard';
import { sortedRuns, type ISort } from './sorting';

type RunsComparisonJson = Schemas['RunsComparisonJson'];

const PAGE = 200;
/** So many columns at first: a run may have thousands of metrics, and a table of all of them takes seconds. */
const COLUMNS = 60;
const PAIR = 2;

/** What varies over many runs, as a table; with `all`, what they share too. */
export function TableView(props: { table: RunsComparisonJson; all: boolean }): React.ReactElement {
  const { trans } = useNbship();
  const { table, all } = props;
  const constants = Object.entries(table.constant);
  return (
    <>
      <Part
        title={trans.__('Runs')}
        note={trans._n('%1 column differs', '%1 columns differ', differing(table))}
      >
        <RunsTable table={table} constants={all ? constants : []} />
        {!all && constants.length > 0 && (
          <p className="jp-nbship-Muted jp-nbship-Compare-legend">
            {trans._n(
              '%1 parameter is the same in all runs.',
              '%1 parameters are the same in all runs.',
              constants.length
            )}
          </p>
        )}
      </Part>
      <Figures runs={table.runs.map(run => run.id)} />
      {table.lacks.length > 0 && (
        <footer className="jp-nbship-Compare-foot">
          {table.lacks.map(text => (
            <p key={text}>{trans.__('Note: %1', text)}</p>
          ))}
        </footer>
      )}
    </>
  );
}

function RunsTable(props: {
  table: RunsComparisonJson;
  constants: readonly [string, string][];
}): React.ReactElement {
  const { tabs, trans } = useNbship();
  const { table, constants } = props;
  const [sort, setSort] = React.useState<ISort | null>(null);
  const [picked, pick] = React.useState<ReadonlySet<string>>(new Set());
  const [shown, show] = React.useState(PAGE);
  const [width, widen] = React.useState(COLUMNS);
  const columns = table.columns.slice(0, width);
  const order = React.useMemo(() => sortedRuns(table, sort), [table, sort]);
  const toggle = (id: string) => {
    const next = new Set(picked);
    if (!next.delete(id)) {
      next.add(id);
    }
    pick(next);
  };
  return (
    <>
      <div className="jp-nbship-Compare-scroll">
        <table className="jp-nbship-Table jp-nbship-RunsTable" aria-label={trans.__('Runs')}>
          <thead>
            <tr>
              <th scope="col">
                <span className="jp-nbship-Compare-hidden">{trans.__('Choose')}</span>
              </th>
              <th scope="col">{trans.__('Run')}</th>
              {columns.map((column, at) => (
                <ColumnHead key={at} column={column} at={at} sort={sort} onSort={setSort} />
              ))}
              {constants.map(([name]) => (
                <th key={name} scope="col" className="jp-mod-equal">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {order.slice(0, shown).map(index => {
              const run = table.runs[index];
              return (
                <tr key={run.id} className={picked.has(run.id) ? 'jp-mod-selected' : undefined}>
                  <td>
                    <input
                      type="checkbox"
                      checked={picked.has(run.id)}
                      onChange={() => toggle(run.id)}
                      aria-label={trans.__('Choose %1', run.name)}
                    />
                  </td>
                  <th scope="row">
                    <span className="jp-nbship-Muted">#{index + 1}</span> <RunLink run={run} />{' '}
                    <RunStatus status={run.status} />
                  </th>
                  {columns.map((column, at) => (
                    <td
                      key={at}
                      className={`${column.numeric ? 'jp-mod-number' : ''}${column.best === index ? ' jp-mod-best' : ''}`}
                      title={column.best === index ? trans.__('the best') : undefined}
                    >
                      {column.texts[index]}
                    </td>
                  ))}
                  {constants.map(([name, value]) => (
                    <td key={name} className="jp-mod-equal">
                      {value}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <div className="jp-nbship-Compare-under">
        {order.length > shown && (
          <button type="button" className="jp-nbship-Button" onClick={() => show(order.length)}>
            {trans.__('Show all %1 runs', order.length)}
          </button>
        )}
        {table.columns.length > width && (
          <button
            type="button"
            className="jp-nbship-Button"
            onClick={() => widen(table.columns.length)}
          >
            {trans.__('Show all %1 columns', table.columns.length)}
          </button>
        )}
        {picked.size >= PAIR && picked.size < table.runs.length && (
          <button
            type="button"
            className="jp-nbship-Button"
            onClick={() => void tabs.open('compare', { runs: inOrder(table, picked) })}
          >
            {trans.__('Compare the %1 chosen runs', picked.size)}
          </button>
        )}
      </div>
    </>
  );
}

function ColumnHead(props: {
  column: Schemas['RunsColumnJson'];
  at: number;
  sort: ISort | null;
  onSort: (sort: ISort | null) => void;
}): React.ReactElement {
  const { trans } = useNbship();
  const { column, at, sort, onSort } = props;
  const direction = sort?.column === at ? sort.direction : 0;
  const next: ISort['direction'] = direction === -1 ? 1 : -1;
  return (
    <th
      scope="col"
      className={column.numeric ? 'jp-mod-number' : undefined}
      aria-sort={direction === 1 ? 'ascending' : direction === -1 ? 'descending' : 'none'}
    >
      <button
        type="button"
        className="jp-nbship-Compare-sort"
        title={trans.__('Sort by %1', column.name)}
        onClick={() => onSort(direction === 1 ? null : { column: at, direction: next })}
      >
        {column.name}
        <span aria-hidden="true">{direction === 1 ? ' ▲' : direction === -1 ? ' ▼' : ''}</span>
      </button>
    </th>
  );
}

function inOrder(table: RunsComparisonJson, picked: ReadonlySet<string>): string[] {
  return table.runs.map(run => run.id).filter(id => picked.has(id));
}

function differing(table: RunsComparisonJson): number {
  return table.columns.filter(column => column.kind !== '').length;
}
