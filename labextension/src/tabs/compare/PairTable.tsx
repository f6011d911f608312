import * as React from 'react';

import { useNbship } from '../../core/context';

export interface IPair {
  name: string;
  left: string | null;
  right: string | null;
}

/** Names with a value in each run. */
export function PairTable(props: {
  label: string;
  rows: readonly IPair[];
  /** Rows that are the same in both; shown behind the others. */
  equal?: readonly IPair[];
  /** What stands for a value that a run does not have. */
  missing: string;
}): React.ReactElement {
  const { trans } = useNbship();
  const { label, rows, equal = [], missing } = props;
  return (
    <div className="jp-nbship-Compare-scroll">
      <table className="jp-nbship-Table jp-nbship-PairTable" aria-label={label}>
        <thead>
          <tr>
            <th scope="col">{trans.__('Name')}</th>
            <th scope="col">{trans.__('A')}</th>
            <th scope="col">{trans.__('B')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={row.name}>
              <th scope="row">{row.name}</th>
              <Value text={row.left} missing={missing} />
              <Value text={row.right} missing={missing} />
            </tr>
          ))}
          {equal.map(row => (
            <tr key={row.name} className="jp-mod-equal">
              <th scope="row">{row.name}</th>
              <td colSpan={2}>
                <span className="jp-nbship-Compare-sign" title={trans.__('the same in both')}>
                  =
                </span>
                {row.left}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Value({ text, missing }: { text: string | null; missing: string }): React.ReactElement {
  if (text === null) {
    return <td className="jp-nbship-Muted jp-mod-missing">{missing}</td>;
  }
  return <td>{text === '' ? "''" : text}</td>;
}
