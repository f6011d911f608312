import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import * as React from 'react';

import { CommandIDs, INbship } from '../tokens';
import { TrackCommandIDs } from '../tracking/commands';
import { trackIcon } from '../tracking/icons';
import { trackSettings } from '../tracking/settings';
import { ITrackings, type Trackings } from '../tracking/trackings';

const TrackSection = React.lazy(() => import('../sections/track/TrackSection'));

/** The section about tracking in the active notebook. */
export const track: JupyterFrontEndPlugin<void> = {
  id: 'nbship:track',
  description:
    'Tracking in the active notebook: the switch, the run of now, and what the active cell records.',
  autoStart: true,
  requires: [INbship, ITrackings],
  optional: [ICommandPalette, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    nbship: INbship,
    trackings: Trackings,
    palette: ICommandPalette | null,
    settings: ISettingRegistry | null
  ): void => {
    const { trans } = nbship;
    nbship.sections.add({
      id: 'track',
      title: trans.__('Track'),
      rank: 10,
      caption: trans.__('What is recorded of the active notebook'),
      body: () => <TrackSection trackings={trackings} />
    });
    app.commands.addCommand(TrackCommandIDs.showPanel, {
      label: trans.__('Show Tracking'),
      caption: trans.__('Open the sidebar of nbship at tracking'),
      icon: trackIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: async () => {
        await app.commands.execute(CommandIDs.showSidebar);
        nbship.sections.reveal('track');
      }
    });
    palette?.addItem({ command: TrackCommandIDs.showPanel, category: trans.__('nbship') });
    if (settings) {
      void trackSettings.follow(settings, track.id);
    }
  }
};
