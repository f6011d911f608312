import { closeIcon, deleteIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { IconButton } from '../../components';
import { useNbship } from '../../core/context';
import { archiveIcon, compareIcon, tagIcon, unarchiveIcon } from './icons';
import type { RunActions } from './RunActions';
import type { RunList } from './run-list';

/** What can be done to the selected runs. */
export function SelectionBar(props: { list: RunList; actions: RunActions }): React.ReactElement {
  const { list, actions } = props;
  const { trans } = useNbship();
  const ids = [...list.selection];
  const archived = actions.areArchived(ids);
  return (
    <div
      className="jp-nbship-SelectionBar"
      role="toolbar"
      aria-label={trans.__('What to do with the selected runs')}
    >
      <span className="jp-nbship-SelectionBar-count" role="status">
        {trans.__('%1 selected', ids.length)}
      </span>
      {ids.length > 1 && (
        <button
          type="button"
          className="jp-nbship-SelectionBar-compare"
          title={trans.__('Show what differs between the selected runs')}
          onClick={() => actions.compare(ids)}
        >
          <compareIcon.react tag="span" aria-hidden="true" />
          {trans.__('Compare')}
        </button>
      )}
      <IconButton icon={tagIcon} label={trans.__('Tag…')} onClick={() => void actions.tag(ids)} />
      <IconButton
        icon={archived ? unarchiveIcon : archiveIcon}
        label={archived ? trans.__('Bring back') : trans.__('Archive')}
        onClick={() => void actions.archive(ids, !archived)}
      />
      <IconButton
        icon={deleteIcon}
        label={trans.__('Delete…')}
        onClick={() => void actions.delete(ids)}
      />
      <IconButton
        icon={closeIcon}
        label={trans.__('Select nothing')}
        onClick={() => list.select([])}
      />
    </div>
  );
}
