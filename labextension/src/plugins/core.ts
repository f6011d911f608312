import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { Nbship } from '../core/nbship';
import { followSettings } from '../core/settings';
import { addSidebar } from '../core/sidebar';
import { addTabCommand } from '../core/tab-command';
import { INbship } from '../tokens';

/** The core: what sections and tabs build upon, and the sidebar that they stand in. */
export const core: JupyterFrontEndPlugin<INbship> = {
  id: 'nbship:sidebar',
  description: 'The nbship sidebar, and what its sections and tabs build upon.',
  autoStart: true,
  provides: INbship,
  requires: [IRenderMimeRegistry],
  optional: [
    INotebookTracker,
    ITranslator,
    ILabShell,
    ILayoutRestorer,
    IStateDB,
    ISettingRegistry,
    ICommandPalette
  ],
  activate: (
    app: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    tracker: INotebookTracker | null,
    translator: ITranslator | null,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    state: IStateDB | null,
    settings: ISettingRegistry | null,
    palette: ICommandPalette | null
  ): INbship => {
    const nbship = new Nbship({
      app,
      rendermime,
      tracker,
      translator: translator ?? nullTranslator,
      isLab: labShell !== null
    });
    addTabCommand(nbship);
    addSidebar(app, nbship, { labShell, restorer, state, palette });
    if (restorer) {
      nbship.tabs.restore(restorer);
    }
    if (settings) {
      void followSettings(settings, core.id, nbship);
    }
    return nbship;
  }
};
