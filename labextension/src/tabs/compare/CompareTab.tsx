import { refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { CopyButton, EmptyState, ErrorNote, IconButton, Loading } from '../../components';
import { useNbship } from '../../core/context';
import { useResource } from '../../core/resource';
import { useTab } from '../../core/tabs';
import { PairView } from './PairView';
import { RunCard } from './RunCard';
import { TableView } from './TableView';

/** The runs to compare, by id. */
export type CompareArgs = { runs: string[] };

/** What differs between two runs, or varies over many. */
export default function CompareTab({ runs }: CompareArgs): React.ReactElement {
  const { api, tabs, trans } = useNbship();
  const tab = useTab();
  const [all, setAll] = React.useState(false);
  const ids = runs.join(',');
  const { data, error, loading, reload } = useResource(
    signal => (runs.length < 2 ? null : api.get('/comparison', { query: { runs: ids }, signal })),
    [ids]
  );

  const names = (data?.pair ?? data?.table)?.runs.map(run => titleName(run.name));
  const pair = data?.pair;
  const title = pair
    ? `${titleName(pair.runs[0].name)} ↔ ${titleName(pair.runs[1].name)}`
    : names && trans.__('Compare %1 runs', names.length);
  const caption = names?.join('\n');
  React.useEffect(() => {
    if (title) {
      tab.setTitle(title, caption);
    }
  }, [tab, title, caption]);

  if (runs.length < 2) {
    return (
      <EmptyState
        title={trans.__('Two runs are needed')}
        text={trans.__('Select two runs or more in the list of runs, and choose Compare.')}
      />
    );
  }
  if (error && !data) {
    return <ErrorNote error={error} onRetry={reload} />;
  }
  if (!data) {
    return <Loading label={trans.__('Comparing %1 runs…', runs.length)} />;
  }
  const same = pair && !pair.differs;
  return (
    <div className={`jp-nbship-Compare${data.table ? ' jp-mod-wide' : ''}`} aria-busy={loading}>
      <header className="jp-nbship-Compare-head">
        <div className="jp-nbship-Compare-title">
          <h1>{(data.pair ?? data.table)?.headline}</h1>
          <div className="jp-nbship-Compare-tools">
            <label className="jp-nbship-Compare-switch">
              <input
                type="checkbox"
                checked={all}
                onChange={event => setAll(event.target.checked)}
              />
              {trans.__('Show what is equal')}
            </label>
            <CopyButton text={data.text} label={trans.__('Copy as text')} />
            <IconButton icon={refreshIcon} label={trans.__('Compare again')} onClick={reload} />
          </div>
        </div>
        {pair && (
          <div className="jp-nbship-Compare-runs">
            <RunCard letter="A" run={pair.runs[0]} />
            <RunCard letter="B" run={pair.runs[1]} />
            <button
              type="button"
              className="jp-nbship-Button"
              onClick={() =>
                void tabs.open('compare', { runs: [pair.runs[1].id, pair.runs[0].id] })
              }
            >
              {trans.__('Swap A and B')}
            </button>
          </div>
        )}
        {error && <ErrorNote error={error} onRetry={reload} />}
        {data.missing.length > 0 && <Missing runs={data.missing} />}
      </header>
      {same && !all && (
        <EmptyState
          title={trans.__('Nothing differs')}
          text={trans.__(
            'Code, parameters, data, environment, seeds and metrics of both runs are equal, as far as they were recorded.'
          )}
          action={{ label: trans.__('Show what is equal'), onClick: () => setAll(true) }}
        />
      )}
      {pair && <PairView comparison={pair} all={all} />}
      {data.table && <TableView table={data.table} all={all} />}
    </div>
  );
}

const NAME_LENGTH = 60;

/** Return a name for the title of a tab; what turns the direction of writing stays within it. */
function titleName(name: string): string {
  const characters = [...name];
  const cut = characters.length > NAME_LENGTH;
  return `\u2068${cut ? `${characters.slice(0, NAME_LENGTH).join('')}…` : name}\u2069`;
}

function Missing({ runs }: { runs: readonly string[] }): React.ReactElement {
  const { trans } = useNbship();
  const names = runs.map(run => run.slice(0, 8)).join(', ');
  return (
    <p className="jp-nbship-Compare-missing" role="note">
      <span aria-hidden="true">▲</span>{' '}
      {trans._n(
        'A run is not in the store any more and is left out: %2',
        '%1 runs are not in the store any more and are left out: %2',
        runs.length,
        names
      )}
    </p>
  );
}
