import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { formatNumber } from '../../components';
import { useNbship } from '../../core/context';

type ServedDriftJson = Schemas['ServedDriftJson'];

const SHOWN = 3;

/** What a running service says of its requests by itself. */
export function ServedDrift(props: {
  served: ServedDriftJson;
  /** Makes a report on its log. */
  onCheck: () => void;
}): React.ReactElement {
  const { trans } = useNbship();
  const { served, onCheck } = props;
  return (
    <li className="jp-nbship-Drift-state">
      <div className="jp-nbship-Drift-line">
        <span className="jp-nbship-Drift-service jp-nbship-Cut" title={served.service}>
          {served.service}
        </span>
        {served.logged && (
          <button type="button" className="jp-nbship-Button" onClick={onCheck}>
            {trans.__('Check its log')}
          </button>
        )}
      </div>
      <p className="jp-nbship-Muted">{rowsWords(served, trans)}</p>
      {served.rows > 0 && served.columns.length > 0 && (
        <table
          className="jp-nbship-Drift-served"
          aria-label={trans.__(
            'Distance of the requests of %1 from its training data',
            served.service
          )}
        >
          <tbody>
            {served.columns.slice(0, SHOWN).map(column => (
              <Distance key={column.name} name={column.name} value={column.distance} />
            ))}
            {served.prediction !== null && (
              <Distance name={trans.__('prediction')} value={served.prediction} quiet />
            )}
          </tbody>
        </table>
      )}
    </li>
  );
}

function Distance(props: {
  name: string;
  value: number | null;
  quiet?: boolean;
}): React.ReactElement {
  const { locale, trans } = useNbship();
  const { name, value, quiet } = props;
  const words = value === null ? '–' : formatNumber(Math.round(value * 1000) / 1000, locale);
  return (
    <tr>
      <th scope="row" className={quiet ? 'jp-nbship-Muted' : undefined} title={name}>
        {name}
      </th>
      <td>
        <span
          className="jp-nbship-Drift-bar"
          title={trans.__('Jensen–Shannon distance, from 0 (alike) to 1')}
        >
          <span style={{ width: `${Math.min(value ?? 0, 1) * 100}%` }} />
        </span>
      </td>
      <td>{words}</td>
    </tr>
  );
}

function rowsWords(served: ServedDriftJson, trans: ReturnType<typeof useNbship>['trans']): string {
  if (served.problem) {
    return trans.__('No live drift: %1.', served.problem);
  }
  if (served.rows === 0) {
    return trans.__('It was not asked yet.');
  }
  return trans._n(
    'The farthest of %2 columns, over the newest %1 row',
    'The farthest of %2 columns, over the newest %1 rows',
    served.rows,
    served.watched
  );
}
