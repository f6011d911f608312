import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar, TextItem } from '@jupyterlab/statusbar';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { useSignal } from '../core/context';
import { INbship } from '../tokens';
import { TrackCommandIDs } from '../tracking/commands';
import { trackSettings } from '../tracking/settings';
import { ITrackings, type Trackings } from '../tracking/trackings';
import { WaitingModel } from '../tracking/waiting';

/** How tracking stands, in the status bar; a press opens the panel. */
export const statusbar: JupyterFrontEndPlugin<void> = {
  id: 'nbship:statusbar',
  description:
    'Says in the status bar whether the session is tracked, and what waits for the store.',
  autoStart: true,
  requires: [INbship, ITrackings],
  optional: [IStatusBar],
  activate: (
    app: JupyterFrontEnd,
    nbship: INbship,
    trackings: Trackings,
    statusBar: IStatusBar | null
  ): void => {
    if (!statusBar) {
      return;
    }
    const waiting = new WaitingModel(nbship);
    const shown = () =>
      trackSettings.value.statusBar &&
      (trackings.current?.state === 'on' || waiting.events > 0 || waiting.outage !== null);
    statusBar.registerStatusItem('nbship:status', {
      item: ReactWidget.create(
        <Item nbship={nbship} trackings={trackings} waiting={waiting} commands={app.commands} />
      ),
      align: 'left',
      rank: 4,
      isActive: shown,
      activeStateChanged: waiting.shownChanged
    });
    trackings.changed.connect(waiting.emitShown, waiting);
    trackSettings.changed.connect(waiting.emitShown, waiting);
  }
};

interface IItemProps {
  nbship: INbship;
  trackings: Trackings;
  waiting: WaitingModel;
  commands: CommandRegistry;
}

function Item({ nbship, trackings, waiting, commands }: IItemProps): React.ReactElement {
  const { trans } = nbship;
  useSignal(trackings.changed);
  useSignal(waiting.changed);
  const on = trackings.current?.state === 'on';
  const { events, outage } = waiting;
  const parts = [
    ...(on ? [trans.__('● tracking')] : []),
    ...(outage !== null ? [trans.__('▲ store down')] : []),
    ...(events > 0 ? [trans._n('%1 waiting', '%1 waiting', events)] : [])
  ];
  const title = outage ?? (on ? trans.__('Run %1', trackings.current?.answer?.name ?? '') : '');
  const open = () => void commands.execute(TrackCommandIDs.showPanel);
  return (
    <TextItem
      source={parts.join(' · ')}
      title={[title, trans.__('Show tracking')].filter(Boolean).join('\n')}
      role="button"
      tabIndex={0}
      onClick={open}
      onKeyDown={(event: React.KeyboardEvent) => {
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault();
          open();
        }
      }}
    />
  );
}
