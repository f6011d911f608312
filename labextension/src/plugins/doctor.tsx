import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { infoIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { asApiError } from '../api/error';
import { INbship } from '../tokens';
import { TrackCommandIDs } from '../tracking/commands';

const DoctorTab = React.lazy(() => import('../tabs/doctor/DoctorTab'));

/** What works on this machine, in a tab, and bringing to the store what waits. */
export const doctor: JupyterFrontEndPlugin<void> = {
  id: 'nbship:doctor',
  description: 'Tells what of nbship works on this machine.',
  autoStart: true,
  requires: [INbship],
  optional: [ICommandPalette],
  activate: (app: JupyterFrontEnd, nbship: INbship, palette: ICommandPalette | null): void => {
    const { trans } = nbship;
    const describedBy = { args: { type: 'object', properties: {} } } as const;
    nbship.tabs.register('doctor', {
      title: () => trans.__('nbship Doctor'),
      icon: infoIcon,
      render: () => <DoctorTab />
    });
    app.commands.addCommand(TrackCommandIDs.openDoctor, {
      label: trans.__('Check What Works Here'),
      caption: trans.__('Packages, store, queue, containers and settings of nbship'),
      icon: infoIcon,
      describedBy,
      execute: () => void nbship.tabs.open('doctor', {})
    });
    app.commands.addCommand(TrackCommandIDs.syncStore, {
      label: trans.__('Bring Waiting Runs to the Store'),
      caption: trans.__('Try a store again that did not answer'),
      describedBy,
      execute: async () => {
        try {
          const left = await nbship.api.post('/sync', { body: {} });
          nbship.refresh();
          if (left.drained) {
            Notification.success(trans.__('All runs are in the store.'), { autoClose: 3000 });
          } else {
            Notification.warning(
              trans._n('%1 event still waits.', '%1 events still wait.', left.events)
            );
          }
        } catch (thrown) {
          Notification.error(asApiError(thrown, trans).message);
        }
      }
    });
    for (const command of [TrackCommandIDs.openDoctor, TrackCommandIDs.syncStore]) {
      palette?.addItem({ command, category: trans.__('nbship') });
    }
  }
};
