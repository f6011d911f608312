import type { ICommandPalette } from '@jupyterlab/apputils';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { shipIcon } from '../icons';
import type { INbship } from '../tokens';
import { askAndShip, type ShipKind } from './ship';

/** The commands of shipping. */
export namespace ShipCommandIDs {
  export const ship = 'nbship:ship-run';
  export const packageRun = 'nbship:package-run';
  export const serveRun = 'nbship:serve-run';
}

/** Add the commands that ship a run; without one they ask which. */
export function addShipCommands(nbship: INbship, palette: ICommandPalette | null): void {
  const { commands, trans } = nbship;
  const execute = (kind?: ShipKind) => async (args: ReadonlyPartialJSONObject) => {
    const run = typeof args.run === 'string' && args.run !== '' ? args.run : undefined;
    const label = run === undefined ? undefined : await nameOf(nbship, run);
    await askAndShip(nbship, { kind, run, label });
  };
  commands.addCommand(ShipCommandIDs.packageRun, {
    label: trans.__('Package…'),
    caption: trans.__('Build a container image that serves the model of a run'),
    icon: shipIcon,
    describedBy: { args: RUN },
    execute: execute('package')
  });
  commands.addCommand(ShipCommandIDs.serveRun, {
    label: trans.__('Serve…'),
    caption: trans.__('Start a server that answers with the model of a run'),
    icon: shipIcon,
    describedBy: { args: RUN },
    execute: execute('serve')
  });
  commands.addCommand(ShipCommandIDs.ship, {
    label: trans.__('Ship a Run…'),
    caption: trans.__('Serve the model of a run, or build an image of it'),
    icon: shipIcon,
    describedBy: { args: RUN },
    execute: execute()
  });
  palette?.addItem({ command: ShipCommandIDs.ship, category: trans.__('nbship') });
}

async function nameOf(nbship: INbship, run: string): Promise<string> {
  try {
    const { name } = await nbship.api.get('/runs/{run}', { path: { run } });
    return name || run.slice(0, 8);
  } catch {
    // The dialog says what is wrong with the run.
    return run.slice(0, 8);
  }
}

const RUN = {
  type: 'object',
  properties: {
    run: { type: 'string', description: 'The id of the run; asked for without' }
  }
} as const;
