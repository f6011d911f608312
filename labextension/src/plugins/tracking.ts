import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import type { ICellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { CommandRegistry } from '@lumino/commands';

import { INbship } from '../tokens';
import { cellTracking, toggleTrack, TRACK } from '../tracking/cell';
import { TrackCommandIDs } from '../tracking/commands';
import { trackIcon } from '../tracking/icons';
import { ITrackings, Trackings } from '../tracking/trackings';
import { switchLabel, whyNot, whyNotCell } from '../tracking/words';

const NO_ARGS = { args: { type: 'object', properties: {} } } as const;

/** Tracking of sessions and cells: its state, and the commands that switch it. Shows nothing by itself. */
export const tracking: JupyterFrontEndPlugin<Trackings> = {
  id: 'nbship:tracking',
  description: 'Switches tracking of sessions and cells on and off.',
  autoStart: true,
  provides: ITrackings,
  requires: [INbship],
  optional: [ICommandPalette],
  activate: (app: JupyterFrontEnd, nbship: INbship, palette: ICommandPalette | null): Trackings => {
    const trackings = new Trackings(nbship.active);
    const { commands } = app;
    addSessionCommand(commands, nbship, trackings);
    addCellCommands(commands, nbship, trackings);
    const ids = [TrackCommandIDs.toggleTracking, TrackCommandIDs.trackCell];
    trackings.changed.connect(() => ids.forEach(id => commands.notifyCommandChanged(id)));
    for (const command of [...ids, TrackCommandIDs.loadExtension]) {
      palette?.addItem({ command, category: nbship.trans.__('nbship') });
    }
    return trackings;
  }
};

function addSessionCommand(
  commands: CommandRegistry,
  { trans }: INbship,
  trackings: Trackings
): void {
  const switchable = () => {
    const current = trackings.current;
    return current !== null && current.pending === null && whyNot(current.state, trans) === '';
  };
  commands.addCommand(TrackCommandIDs.toggleTracking, {
    label: trans.__('Track Session'),
    caption: () => switchLabel(trackings.current, trans),
    icon: trackIcon,
    describedBy: NO_ARGS,
    isToggleable: true,
    isToggled: () => trackings.current?.state === 'on',
    isEnabled: switchable,
    execute: async () => {
      const current = trackings.current;
      if (current && !(await current.switch(current.state !== 'on')) && current.message) {
        Notification.error(current.message);
      }
    }
  });
  commands.addCommand(TrackCommandIDs.loadExtension, {
    label: trans.__('Load nbship in This Kernel'),
    caption: trans.__('As %1 does; the notebook stays as it is', '%load_ext nbship'),
    icon: trackIcon,
    describedBy: NO_ARGS,
    isEnabled: () => switchable() && trackings.current?.loaded === false,
    execute: async () => {
      if (await trackings.current?.load()) {
        Notification.success(trans.__('nbship is loaded in this kernel.'), { autoClose: 3000 });
      } else if (trackings.current?.message) {
        Notification.error(trackings.current.message);
      }
    }
  });
}

function addCellCommands(
  commands: CommandRegistry,
  { active, trans }: INbship,
  trackings: Trackings
): void {
  const model = () => activeCell(active.panel);
  commands.addCommand(TrackCommandIDs.trackCell, {
    label: trans.__('Track This Cell'),
    caption: () =>
      whyNotCell(cellTracking(model()), trans) ||
      trans.__('Put %1 on the first line of the cell, or take it off', TRACK),
    icon: trackIcon,
    describedBy: NO_ARGS,
    isToggleable: true,
    isToggled: () => cellTracking(model()).kind === 'tracked',
    isEnabled: () => whyNotCell(cellTracking(model()), trans) === '',
    isVisible: () => cellTracking(model()).kind !== 'no-code',
    execute: async () => {
      const cell = model();
      if (cell && toggleTrack(cell).kind === 'tracked') {
        commands.notifyCommandChanged(TrackCommandIDs.trackCell);
        // A kernel that does not know `%%track` would refuse the cell.
        await trackings.current?.load();
      }
      commands.notifyCommandChanged(TrackCommandIDs.trackCell);
    }
  });
  commands.addCommand(TrackCommandIDs.insertLoad, {
    label: trans.__('Add a Cell That Loads nbship'),
    caption: trans.__('As the first cell of the notebook, so that it works in every kernel'),
    icon: trackIcon,
    describedBy: NO_ARGS,
    isEnabled: () => active.panel?.content.model?.readOnly === false,
    execute: async () => {
      active.panel?.content.model?.sharedModel.insertCell(0, {
        cell_type: 'code',
        source: '%load_ext nbship',
        metadata: {},
        outputs: [],
        execution_count: null
      });
      await trackings.current?.load();
    }
  });
}

function activeCell(panel: NotebookPanel | null): ICellModel | null {
  const cell = panel?.content.activeCell;
  return cell && !cell.isDisposed ? cell.model : null;
}
