import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { useNbship } from '../../core/context';
import type { Dataset } from './DataPart';
import { Filtered } from './Filtered';
import { Histogram } from './Histogram';

type Summary = Schemas['ColumnSummaryJson'];
type Fingerprint = Schemas['ColumnFingerprint'];

interface IColumn {
  name: string;
  fingerprint: Fingerprint | null;
  summary: Summary | null;
  isIndex: boolean;
}

/** The columns of a dataset: type, fingerprint, and what its profile says. */
export function ColumnsTable({ dataset }: { dataset: Dataset }): React.ReactElement {
  const { trans } = useNbship();
  const columns = React.useMemo(() => columnsOf(dataset), [dataset]);
  const profiled = dataset.summary !== null;
  return (
    <Filtered
      items={columns}
      text={column => `${column.name} ${column.fingerprint?.dtype ?? ''}`}
      placeholder={trans.__('Filter columns')}
    >
      {shown => (
        <div className="jp-nbship-Run-scroll" tabIndex={0} role="region" aria-label={dataset.name}>
          <table className="jp-nbship-Table jp-nbship-Run-columns">
            <thead>
              <tr>
                <th scope="col">{trans.__('Column')}</th>
                <th scope="col">{trans.__('Type')}</th>
                {profiled && (
                  <>
                    <th scope="col">{trans.__('Distribution')}</th>
                    <th scope="col">{trans.__('Missing')}</th>
                    <th scope="col">{trans.__('Minimum')}</th>
                    <th scope="col">{trans.__('Mean')}</th>
                    <th scope="col">{trans.__('Maximum')}</th>
                  </>
                )}
                <th scope="col">{trans.__('Fingerprint')}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((column, at) => (
                <Row
                  key={at}
                  column={column}
                  profiled={profiled}
                  target={column.name === dataset.target}
                />
              ))}
            </tbody>
          </table>
          {dataset.summary?.notes.map((note, at) => (
            <p key={at} className="jp-nbship-Muted">
              {note}
            </p>
          ))}
        </div>
      )}
    </Filtered>
  );
}

function Row(props: { column: IColumn; profiled: boolean; target: boolean }): React.ReactElement {
  const { trans } = useNbship();
  const { column, profiled, target } = props;
  const { fingerprint, summary } = column;
  return (
    <tr>
      <th scope="row" title={column.name}>
        {column.name}
        {column.isIndex && <span className="jp-nbship-Muted"> {trans.__('(index)')}</span>}
        {target && <span className="jp-nbship-Muted"> {trans.__('(target)')}</span>}
      </th>
      <td className="jp-nbship-Muted">{fingerprint?.dtype ?? summary?.dtype}</td>
      {profiled && (
        <>
          <td>{summary && <Histogram column={summary} />}</td>
          <td className="jp-nbship-Run-number">{summary?.missing || (summary ? '0 %' : '')}</td>
          {summary && summary.levels.length > 0 ? (
            <td colSpan={3} className="jp-nbship-Run-words" title={summary.words}>
              {summary.words}
            </td>
          ) : (
            <>
              <td className="jp-nbship-Run-number">{summary?.minimum}</td>
              <td className="jp-nbship-Run-number" title={summary?.words}>
                {summary?.mean}
              </td>
              <td className="jp-nbship-Run-number">{summary?.maximum}</td>
            </>
          )}
        </>
      )}
      <td>
        {fingerprint && (
          <code className="jp-nbship-Muted" title={fingerprint.digest}>
            {fingerprint.digest.slice(0, 12)}
            {fingerprint.weak ? '~' : ''}
          </code>
        )}
      </td>
    </tr>
  );
}

/** Return index and columns, each with what the profile says of it; names may occur twice, so place decides. */
export function columnsOf(dataset: Dataset): IColumn[] {
  const summaries = new Map(dataset.summary?.columns.map(column => [column.name, column]));
  const seen = new Map<string, number>();
  const fingerprints = [
    ...dataset.index.map(fingerprint => ({ fingerprint, isIndex: true })),
    ...dataset.columns.map(fingerprint => ({ fingerprint, isIndex: false }))
  ];
  const columns: IColumn[] = fingerprints.map(({ fingerprint, isIndex }) => {
    const { name } = fingerprint;
    const times = isIndex ? 0 : (seen.get(name) ?? 0) + 1;
    if (!isIndex) {
      seen.set(name, times);
    }
    // A profile calls the second column of a name "name [2]".
    const summary = isIndex
      ? null
      : (summaries.get(times > 1 ? `${name} [${times}]` : name) ?? null);
    return { name, fingerprint, summary, isIndex };
  });
  if (columns.length > 0) {
    return columns;
  }
  return [...summaries.values()].map(summary => ({
    name: summary.name,
    fingerprint: null,
    summary,
    isIndex: false
  }));
}
