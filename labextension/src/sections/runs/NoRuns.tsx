import * as React from 'react';

import { EmptyState } from '../../components';
import { useNbship } from '../../core/context';
import { shipIcon } from '../../icons';
import type { RunList } from './run-list';

/** Why there are no runs, and what to do about it. */
export function NoRuns(props: { list: RunList; ofNotebook: boolean }): React.ReactElement {
  const { list, ofNotebook } = props;
  const { sections, trans } = useNbship();
  if (list.query.text.trim() !== '') {
    return (
      <EmptyState
        title={trans.__('No run matches')}
        text={ofNotebook ? trans.__('Only the runs of this notebook were searched.') : undefined}
        action={{ label: trans.__('Clear the search'), onClick: () => list.update({ text: '' }) }}
      />
    );
  }
  if (ofNotebook) {
    return (
      <EmptyState
        title={trans.__('No runs of this notebook yet')}
        text={trans.__('Begin a cell with %1 and run it.', '%%track')}
        action={{
          label: trans.__('Show all runs'),
          onClick: () => list.update({ notebook: false })
        }}
      />
    );
  }
  const canTrack = sections.all.some(section => section.id === 'track');
  return (
    <EmptyState
      icon={shipIcon}
      title={trans.__('No runs yet')}
      text={trans.__(
        'Begin a cell with %1 and run it: its code, data, numbers and model are kept here.',
        '%%track'
      )}
      action={
        canTrack
          ? { label: trans.__('How to track'), onClick: () => sections.reveal('track') }
          : undefined
      }
    />
  );
}
