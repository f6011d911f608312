import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { Badge } from '../../components';
import { TwoDistributions } from '../../components/TwoDistributions';
import { useNbship } from '../../core/context';
import { CHANGE_SIGNS, changeWord } from './signs';

type DatasetDiffJson = Schemas['DatasetDiffJson'];

/** The data of two runs, dataset by dataset and column by column. */
export function DataDiff(props: {
  datasets: readonly DatasetDiffJson[];
  equal: readonly string[];
}): React.ReactElement {
  const { trans } = useNbship();
  const drawn = props.datasets.some(dataset =>
    dataset.columns?.some(column => column.drift?.distribution)
  );
  return (
    <>
      {props.datasets.map((dataset, at) => (
        <Dataset key={at} dataset={dataset} />
      ))}
      {props.equal.map(name => (
        <p key={name} className="jp-nbship-Compare-dataset jp-mod-equal">
          <span className="jp-nbship-Compare-sign" aria-hidden="true">
            {CHANGE_SIGNS.same}
          </span>
          <b>{name}</b> {changeWord('same', trans)}
        </p>
      ))}
      {drawn && (
        <p className="jp-nbship-Muted jp-nbship-Compare-legend">
          {trans.__('Drawings: A is the outline, B is filled.')}
        </p>
      )}
    </>
  );
}

const PAGE = 50;

function Dataset({ dataset }: { dataset: DatasetDiffJson }): React.ReactElement {
  const { trans } = useNbship();
  const [shown, show] = React.useState(PAGE);
  const columns = dataset.columns ?? [];
  return (
    <div className="jp-nbship-Compare-dataset">
      <p>
        <span className="jp-nbship-Compare-sign" aria-hidden="true">
          {CHANGE_SIGNS[dataset.change] ?? '~'}
        </span>
        <b>{dataset.name}</b>{' '}
        <span className="jp-nbship-Muted">{changeWord(dataset.change, trans)}</span>{' '}
        {arrows(dataset.text)}
      </p>
      {columns.length > 0 && (
        <div className="jp-nbship-Compare-scroll">
          <table
            className="jp-nbship-Table jp-nbship-ColumnTable"
            aria-label={trans.__('Columns of %1', dataset.name)}
          >
            <thead>
              <tr>
                <th scope="col">{trans.__('Column')}</th>
                <th scope="col">{trans.__('Change')}</th>
                <th scope="col">{trans.__('Distribution')}</th>
                <th scope="col">{trans.__('What changed')}</th>
              </tr>
            </thead>
            <tbody>
              {columns.slice(0, shown).map(column => (
                <Column key={column.name} column={column} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {columns.length > shown && (
        <button type="button" className="jp-nbship-Button" onClick={() => show(shown + 4 * PAGE)}>
          {trans.__('Show more: %1 of %2 columns are shown', shown, columns.length)}
        </button>
      )}
    </div>
  );
}

function Column({ column }: { column: Schemas['ColumnChange'] }): React.ReactElement {
  const { trans } = useNbship();
  const distribution = column.drift?.distribution;
  return (
    <tr>
      <th scope="row">{column.name}</th>
      <td>
        {column.drift?.drifted ? (
          <Badge
            kind="warn"
            label={trans.__('drifted')}
            title={trans.__('Its values are distributed differently, beyond chance.')}
          />
        ) : (
          <span className="jp-nbship-Muted">{changeWord(column.change, trans)}</span>
        )}
      </td>
      <td>
        {distribution && (
          <TwoDistributions
            distribution={distribution}
            label={trans.__('Distribution of %1 in both runs', column.name)}
          />
        )}
      </td>
      <td>{arrows(column.text)}</td>
    </tr>
  );
}

function arrows(text: string): string {
  return text.replace(/ -> /g, ' → ');
}
