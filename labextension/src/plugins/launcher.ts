import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, showErrorMessage } from '@jupyterlab/apputils';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';

import { asApiError } from '../api/error';
import { shipIcon } from '../icons';
import { INbship } from '../tokens';
import { TrackCommandIDs } from '../tracking/commands';

/** The tour: a tile in the launcher, and its command. */
export const launcher: JupyterFrontEndPlugin<void> = {
  id: 'nbship:launcher',
  description: 'Adds the tour of nbship to the launcher.',
  autoStart: true,
  requires: [INbship],
  optional: [ILauncher, ICommandPalette, IDefaultFileBrowser],
  activate: (
    app: JupyterFrontEnd,
    nbship: INbship,
    tiles: ILauncher | null,
    palette: ICommandPalette | null,
    browser: IDefaultFileBrowser | null
  ): void => {
    const { trans } = nbship;
    app.commands.addCommand(TrackCommandIDs.startTour, {
      label: args => (args.isPalette ? trans.__('Start the nbship Tour') : trans.__('nbship Tour')),
      caption: trans.__(
        'Put the notebooks of the tour into a folder "nbship-tour" here, and open the first'
      ),
      icon: shipIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            cwd: { type: 'string', description: trans.__('The folder to put the tour into') }
          }
        }
      },
      execute: async args => {
        const folder = (args.cwd as string | undefined) ?? browser?.model.path ?? '';
        try {
          // The tour belongs to where it is put, whatever notebook is active.
          const tour = await nbship.api.post('/tour', {
            body: { folder },
            query: { path: folder }
          });
          await browser?.model.refresh();
          await app.commands.execute('docmanager:open', { path: tour.notebooks[0] });
        } catch (thrown) {
          await showErrorMessage(trans.__('The tour cannot start'), asApiError(thrown, trans));
        }
      }
    });
    tiles?.add({ command: TrackCommandIDs.startTour, category: trans.__('Other'), rank: 90 });
    palette?.addItem({
      command: TrackCommandIDs.startTour,
      category: trans.__('nbship'),
      args: { isPalette: true }
    });
  }
};
