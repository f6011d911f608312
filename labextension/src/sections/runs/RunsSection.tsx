import * as React from 'react';

import { ErrorNote, Loading, useNow } from '../../components';
import { useActive, useNbship, useSignal } from '../../core/context';
import { useResource } from '../../core/resource';
import { useFollowing } from './following';
import { NoRuns } from './NoRuns';
import type { RunActions } from './RunActions';
import type { IShownValue } from './RunRow';
import { RunRows } from './RunRows';
import type { RunList } from './run-list';
import { RunsToolbar } from './RunsToolbar';
import { SearchBox } from './SearchBox';
import { SelectionBar } from './SelectionBar';
import { paramOfSort } from './sort';

export interface IRunsSectionProps {
  list: RunList;
  actions: RunActions;
}

/** The runs of the project: searched, sorted, selected, compared. */
export default function RunsSection({ list, actions }: IRunsSectionProps): React.ReactElement {
  const { api } = useNbship();
  const active = useActive();
  useSignal(list.changed);
  useFollowing(list);
  useNow(30);
  // The time of this very moment: a run that has just begun is not one of the future.
  const now = Date.now();
  const { query } = list;
  const ofNotebook = query.notebook && active.path !== null;
  const keys = useResource(
    signal =>
      list.ready ? api.get('/runs/keys', { query: { notebook: ofNotebook }, signal }) : null,
    [list.ready, list.store, ofNotebook, ofNotebook && active.path]
  );
  const shown = React.useMemo(
    () => ({ metric: list.metric, param: paramOfSort(query.sort) }),
    [list.metric, query.sort]
  );

  // What is wrong with the search stands below it, whatever else goes wrong above the list.
  const refused = list.error?.code === 'usage' && query.text !== '';
  return (
    <div className="jp-nbship-Runs">
      <SearchBox
        text={query.text}
        onSearch={text => list.update({ text })}
        error={refused ? (list.error?.message ?? null) : null}
        busy={list.loading && list.ready}
        metric={list.metric}
      />
      <RunsToolbar
        list={list}
        keys={keys.data}
        onKeys={keys.reload}
        hasNotebook={active.path !== null}
      />
      {list.error && !refused && <ErrorNote error={list.error} onRetry={() => list.refresh()} />}
      {list.selection.size > 0 ? (
        <SelectionBar list={list} actions={actions} />
      ) : (
        <Header list={list} shown={shown} />
      )}
      <Rows list={list} actions={actions} now={now} shown={shown} ofNotebook={ofNotebook} />
    </div>
  );
}

interface IRowsProps extends IRunsSectionProps {
  now: number;
  shown: IShownValue;
  ofNotebook: boolean;
}

function Rows({ list, ofNotebook, ...rest }: IRowsProps): React.ReactElement | null {
  const { trans } = useNbship();
  if (list.count > 0) {
    // Another list is shown from its beginning, so it is another component.
    return <RunRows key={list.version} list={list} {...rest} />;
  }
  if (list.error) {
    return null;
  }
  return list.ready ? (
    <NoRuns list={list} ofNotebook={ofNotebook} />
  ) : (
    <Loading label={trans.__('Loading runs…')} />
  );
}

/** How many runs there are, and what the numbers at their ends are. */
function Header(props: { list: RunList; shown: IShownValue }): React.ReactElement | null {
  const { list, shown } = props;
  const { locale, trans } = useNbship();
  if (!list.ready || list.count === 0) {
    return null;
  }
  const count = (list.total ?? list.count - 1).toLocaleString(locale);
  const value = shown.param ?? shown.metric;
  return (
    <div className="jp-nbship-Runs-header">
      <span role="status">
        {list.total === null
          ? trans.__('More than %1 runs', count)
          : trans._n('%2 run', '%2 runs', list.total, count)}
      </span>
      {value !== null && (
        <span className="jp-nbship-Runs-value" title={trans.__('The value of each run: %1', value)}>
          {value}
        </span>
      )}
    </div>
  );
}
