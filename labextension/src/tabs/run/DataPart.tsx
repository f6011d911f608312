import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { Badge, CopyButton, EmptyState, ErrorNote, Loading } from '../../components';
import { formatBytes } from '../../components/numbers';
import { useNbship } from '../../core/context';
import { ColumnsTable } from './ColumnsTable';
import { DataChanges } from './DataChanges';
import { Lacks } from './Lacks';
import { Part } from './Part';
import { usePart } from './parts';
import type { RunDetail } from './RunTab';

export type Dataset = Schemas['RunDatasetJson'];

/** The data that a run read, down to the column. */
export function DataPart({ run }: { run: RunDetail }): React.ReactElement {
  const { api, trans } = useNbship();
  const { data, error, reload } = usePart('data', ask => api.get('/runs/{run}/data', ask));
  if (!data) {
    return error ? (
      <ErrorNote error={error} onRetry={reload} />
    ) : (
      <Loading label={trans.__('Loading data…')} />
    );
  }
  const tables = data.datasets.filter(dataset => dataset.columns.length > 0).length;
  return (
    <div className="jp-nbship-Run-stack">
      <DataChanges run={run} />
      {data.datasets.length === 0 && data.lacks.length === 0 && (
        <EmptyState
          title={trans.__('No data')}
          text={trans.__(
            'Tables, arrays and files that the tracked cells read are fingerprinted by themselves; this run has read none.'
          )}
        />
      )}
      {data.datasets.map((dataset, at) => (
        <DatasetView key={at} dataset={dataset} open={tables <= 3} />
      ))}
      <Lacks lacks={data.lacks} />
    </div>
  );
}

function DatasetView(props: { dataset: Dataset; open: boolean }): React.ReactElement {
  const { locale, trans } = useNbship();
  const { dataset } = props;
  const [open, setOpen] = React.useState(props.open);
  const columns = dataset.columns.length > 0 || (dataset.summary?.columns.length ?? 0) > 0;
  return (
    <Part
      title={dataset.name}
      wide
      tools={
        columns && (
          <button
            type="button"
            className="jp-nbship-Button"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {open ? trans.__('Hide columns') : trans.__('Show columns')}
          </button>
        )
      }
    >
      <p className="jp-nbship-Run-line">
        <span>{sizeWords(dataset, locale, trans)}</span>
        {dataset.type && dataset.type !== dataset.kind && <code>{dataset.type}</code>}
        {dataset.size_bytes > 0 && <span>{formatBytes(dataset.size_bytes, locale)}</span>}
        <span className="jp-nbship-Run-copied">
          <code title={trans.__('Digest of the whole content: %1', dataset.digest)}>
            {dataset.digest}
          </code>
          <CopyButton text={dataset.digest} label={trans.__('Copy the digest')} />
        </span>
        {dataset.produced_by !== null && (
          <span className="jp-nbship-Muted">
            {trans.__('made by cell %1', dataset.produced_by + 1)}
          </span>
        )}
        {dataset.target && (
          <Badge
            kind="info"
            label={trans.__('target: %1', dataset.target)}
            title={trans.__('The column that the model learnt to predict')}
          />
        )}
        {dataset.weak && (
          <Badge
            kind="warn"
            label={trans.__('Weak digest')}
            title={trans.__(
              'Some values had to be hashed through their pickle: equal digests are certain, other ones may be an accident'
            )}
          />
        )}
      </p>
      {open && columns && <ColumnsTable dataset={dataset} />}
    </Part>
  );
}

function sizeWords(
  dataset: Dataset,
  locale: string,
  trans: ReturnType<typeof useNbship>['trans']
): string {
  const write = (count: number) => count.toLocaleString(locale);
  const [rows, columns] = dataset.shape;
  if (dataset.kind === 'table' && rows !== undefined && columns !== undefined) {
    return trans.__('%1 rows × %2 columns', write(rows), write(columns));
  }
  if (dataset.kind === 'folder' && dataset.rows !== null) {
    return trans._n('folder of %2 file', 'folder of %2 files', dataset.rows, write(dataset.rows));
  }
  if (dataset.shape.length > 0) {
    return trans.__('array of %1', dataset.shape.map(write).join(' × '));
  }
  return dataset.rows !== null
    ? trans._n('%2 row', '%2 rows', dataset.rows, write(dataset.rows))
    : dataset.kind || trans.__('of unknown size');
}
