import type { IStateDB } from '@jupyterlab/statedb';

import type { IRunsQuery, RunList } from './run-list';

const KEY = 'nbship:runs';

/** Keep how the list is sorted and what it leaves out over a reload of the page. A search is not kept. */
export async function rememberQuery(
  list: RunList,
  state: Pick<IStateDB, 'fetch' | 'save'>
): Promise<void> {
  const saved = (await state.fetch(KEY).catch(() => undefined)) as Partial<IRunsQuery> | undefined;
  const kept = keptOf({ ...list.query, ...saved });
  list.update(kept);
  let last = JSON.stringify(kept);
  list.changed.connect(() => {
    const now = keptOf(list.query);
    if (JSON.stringify(now) !== last) {
      last = JSON.stringify(now);
      void state.save(KEY, now);
    }
  });
}

function keptOf({ sort, notebook, archived }: Readonly<IRunsQuery>) {
  return { sort: String(sort), notebook: notebook === true, archived: archived === true };
}
