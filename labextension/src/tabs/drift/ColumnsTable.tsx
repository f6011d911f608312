import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { TwoDistributions } from '../../components/TwoDistributions';
import { useNbship } from '../../core/context';

type DriftReportJson = Schemas['DriftReportJson'];
type DriftColumnJson = Schemas['DriftColumnJson'];

const PAGE = 100;
const QUIET = ['stable', 'skipped'];

/** The columns of a report: what became of each, how far it moved, and why. A row opens to tell more. */
export function ColumnsTable({ report }: { report: DriftReportJson }): React.ReactElement {
  const { trans } = useNbship();
  const { columns } = report;
  const loud = columns.filter(column => !QUIET.includes(column.state)).length;
  const [search, setSearch] = React.useState('');
  const [onlyLoud, setOnlyLoud] = React.useState(false);
  const [shown, show] = React.useState(PAGE);
  const weighed = columns.some(column => column.importance !== null);
  const wanted = columns.filter(
    column =>
      (!onlyLoud || !QUIET.includes(column.state)) &&
      column.name.toLowerCase().includes(search.trim().toLowerCase())
  );
  return (
    <div className="jp-nbship-DriftTab-columns">
      <div className="jp-nbship-DriftTab-filter">
        <input
          className="jp-nbship-Input"
          type="search"
          placeholder={trans.__('Find a column')}
          aria-label={trans.__('Find a column')}
          value={search}
          onChange={event => setSearch(event.target.value)}
        />
        <label className="jp-nbship-Compare-switch">
          <input
            type="checkbox"
            checked={onlyLoud}
            disabled={loud === 0}
            onChange={event => setOnlyLoud(event.target.checked)}
          />
          {trans.__('Only what changed (%1)', loud)}
        </label>
        <span className="jp-nbship-Muted">
          {trans.__('Drawings: reference is the outline, current is filled.')}
        </span>
      </div>
      <div className="jp-nbship-Compare-scroll">
        <table className="jp-nbship-Table jp-nbship-DriftTable" aria-label={trans.__('Columns')}>
          <thead>
            <tr>
              <th scope="col">{trans.__('State')}</th>
              <th scope="col">{trans.__('Column')}</th>
              <th scope="col">{trans.__('Distribution')}</th>
              <th scope="col" title={trans.__('Effect over threshold: above 1 it matters')}>
                {trans.__('Effect')}
              </th>
              {weighed && <th scope="col">{trans.__('Importance')}</th>}
              <th scope="col">{trans.__('Reason')}</th>
            </tr>
          </thead>
          <tbody>
            {wanted.slice(0, shown).map(column => (
              <Column key={`${column.role} ${column.name}`} column={column} weighed={weighed} />
            ))}
          </tbody>
        </table>
      </div>
      {wanted.length === 0 && (
        <p className="jp-nbship-Muted" role="status">
          {trans.__('No column is called so.')}
        </p>
      )}
      {wanted.length > shown && (
        <button type="button" className="jp-nbship-Button" onClick={() => show(shown + 4 * PAGE)}>
          {trans.__('Show more: %1 of %2 columns are shown', shown, wanted.length)}
        </button>
      )}
    </div>
  );
}

function Column(props: { column: DriftColumnJson; weighed: boolean }): React.ReactElement {
  const { trans } = useNbship();
  const { column, weighed } = props;
  return (
    <tr className={`jp-mod-${column.state.replace(/ /g, '-')}`}>
      <td className="jp-nbship-DriftTable-state">
        <span className="jp-nbship-Compare-sign" aria-hidden="true">
          {column.sign}
        </span>
        {column.word}
      </td>
      <th scope="row">
        {column.name}
        {column.role !== 'feature' && <span className="jp-nbship-Muted"> {column.role}</span>}
      </th>
      <td>
        {column.distribution && (
          <TwoDistributions
            distribution={column.distribution}
            label={trans.__('Distribution of %1 on both sides', column.name)}
          />
        )}
      </td>
      <td title={column.measure}>
        <Effect column={column} />
      </td>
      {weighed && <td>{column.importance_text}</td>}
      <td className="jp-nbship-DriftTable-reason">
        {column.details.length > 0 ? (
          <details>
            <summary>{column.reason}</summary>
            {column.details.map(detail => (
              <p key={detail}>{detail}</p>
            ))}
          </details>
        ) : (
          column.reason
        )}
      </td>
    </tr>
  );
}

// The threshold stands here, so that bars of all columns can be compared.
const THRESHOLD_SHARE = 1 / 3;

function Effect({ column }: { column: DriftColumnJson }): React.ReactElement | null {
  if (column.ratio === null) {
    return null;
  }
  const share = Math.min(column.ratio * THRESHOLD_SHARE, 1);
  return (
    <span className="jp-nbship-DriftTable-effect">
      <span className="jp-nbship-DriftTable-bar" aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </span>
      {column.ratio_text}
    </span>
  );
}
