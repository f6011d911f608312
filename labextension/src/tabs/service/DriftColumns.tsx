import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { Badge, formatNumber, type BadgeKind } from '../../components';
import { useNbship } from '../../core/context';

/** How far what is asked is from what the model learnt from, column by column. */
export function DriftColumns({ data }: { data: Schemas['ServiceJson'] }): React.ReactElement {
  const { locale, sections, trans } = useNbship();
  const drift = data.reading?.drift;
  if (!drift || drift.problem) {
    return (
      <p className="jp-nbship-Service-part jp-nbship-Muted">
        {drift?.problem
          ? trans.__('Drift is not watched: %1.', drift.problem)
          : trans.__('The server does not say.')}
      </p>
    );
  }
  const columns = drift.columns ?? [];
  const few = drift.rows < data.least_rows;
  return (
    <div className="jp-nbship-Service-part">
      <p className="jp-nbship-Muted">
        {few
          ? trans.__(
              'The newest %1 of %2 rows that are needed to tell drift from chance.',
              drift.rows,
              data.least_rows
            )
          : trans.__(
              'The newest %1 rows against the training data. A Jensen-Shannon distance of %2 or more is far.',
              drift.rows.toLocaleString(locale),
              data.far
            )}
      </p>
      <table className="jp-nbship-Table" aria-label={trans.__('Drift by column')}>
        <thead>
          <tr>
            <th scope="col">{trans.__('Column')}</th>
            <th scope="col">{trans.__('State')}</th>
            <th scope="col" className="jp-mod-number">
              {trans.__('Distance')}
            </th>
            <th scope="col" aria-hidden="true" />
            <th scope="col" className="jp-mod-number">
              {PSI}
            </th>
            <th scope="col" className="jp-mod-number">
              {KS}
            </th>
            <th scope="col" className="jp-mod-number">
              {trans.__('Missing')}
            </th>
          </tr>
        </thead>
        <tbody>
          {columns.map(column => {
            const distances = column.distances ?? {};
            const distance = distances.jensen_shannon;
            return (
              <tr key={column.name}>
                <th scope="row" className="jp-nbship-Service-column" title={column.name}>
                  {column.name}
                </th>
                <td>
                  <Standing state={data.standing[column.name]} />
                </td>
                <td className="jp-mod-number">{formatNumber(round(distance), locale)}</td>
                <td aria-hidden="true">
                  <span className="jp-nbship-Service-bar">
                    <span style={{ width: `${Math.min(distance ?? 0, 1) * 100}%` }} />
                    <i style={{ left: `${data.far * 100}%` }} />
                  </span>
                </td>
                <td className="jp-mod-number">{formatNumber(round(distances.psi), locale)}</td>
                <td className="jp-mod-number">{formatNumber(round(distances.ks), locale)}</td>
                <td className="jp-mod-number">
                  {column.missing == null
                    ? '–'
                    : column.missing.toLocaleString(locale, { style: 'percent' })}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {drift.prediction?.jensen_shannon !== undefined && (
        <p>
          {trans.__(
            'The answers are at a distance of %1 from the known ones.',
            formatNumber(round(drift.prediction.jensen_shannon), locale)
          )}
        </p>
      )}
      <p className="jp-nbship-Muted">
        {trans.__('A report on the whole prediction log, with tests and charts:')}{' '}
        <button
          type="button"
          className="jp-nbship-Ship-link"
          onClick={() => sections.reveal('drift')}
        >
          {trans.__('check its log in the Drift section')}
        </button>
      </p>
    </div>
  );
}

function Standing({ state }: { state: string | undefined }): React.ReactElement {
  const { trans } = useNbship();
  const looks: Record<string, [BadgeKind, string]> = {
    near: ['ok', trans.__('as in training')],
    far: ['warn', trans.__('far')],
    few: ['neutral', trans.__('too few rows')],
    unknown: ['neutral', trans.__('not known')]
  };
  const [kind, label] = looks[state ?? 'unknown'] ?? looks.unknown;
  return <Badge kind={kind} label={label} />;
}

function round(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value * 1000) / 1000;
}

const PSI = 'PSI';
const KS = 'KS';
