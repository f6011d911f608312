import * as React from 'react';

export interface IKeyValueRow {
  key: string;
  value: React.ReactNode;
  /** The tooltip of the value. */
  title?: string;
}

export interface IKeyValueProps {
  /** What the table is about, for screen readers. */
  label: string;
  rows: readonly IKeyValueRow[];
}

/** A table of names and values. */
export function KeyValue({ label, rows }: IKeyValueProps): React.ReactElement {
  return (
    <table className="jp-nbship-KeyValue" aria-label={label}>
      <tbody>
        {rows.map(row => (
          <tr key={row.key}>
            <th scope="row">{row.key}</th>
            <td title={row.title}>{row.value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
