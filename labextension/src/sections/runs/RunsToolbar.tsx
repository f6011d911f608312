import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { IconButton } from '../../components';
import { useNbship } from '../../core/context';
import { archiveIcon } from './icons';
import type { RunList } from './run-list';
import { SortMenu } from './SortMenu';

export interface IRunsToolbarProps {
  list: RunList;
  keys: Schemas['RunKeysJson'] | null;
  /** Called when the keys are about to be looked at. */
  onKeys: () => void;
  hasNotebook: boolean;
}

/** How the list is sorted, and which runs it leaves out. */
export function RunsToolbar(props: IRunsToolbarProps): React.ReactElement {
  const { list, keys, onKeys, hasNotebook } = props;
  const { trans } = useNbship();
  const { sort, notebook, archived } = list.query;
  return (
    <div className="jp-nbship-RunsToolbar">
      <SortMenu
        sort={sort}
        metrics={keys?.metrics ?? []}
        params={keys?.params ?? []}
        onSort={to => list.update({ sort: to })}
        onFocus={onKeys}
      />
      <span className="jp-nbship-RunsToolbar-space" />
      {hasNotebook && (
        <button
          type="button"
          className="jp-nbship-RunsToolbar-toggle"
          title={trans.__('Only the runs of this notebook')}
          aria-pressed={notebook}
          onClick={() => list.update({ notebook: !notebook })}
        >
          {trans.__('This notebook')}
        </button>
      )}
      <IconButton
        icon={archiveIcon}
        label={trans.__('Archived runs too')}
        pressed={archived}
        onClick={() => list.update({ archived: !archived })}
      />
    </div>
  );
}
