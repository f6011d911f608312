import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { shipIcon } from '../icons';
import { CommandIDs, type INbship } from '../tokens';

/** Add the command that opens a tab; the layout restorer opens the tabs of the last time with it. */
export function addTabCommand(nbship: INbship): void {
  const { commands, tabs, trans } = nbship;
  commands.addCommand(CommandIDs.openTab, {
    label: trans.__('Open nbship View'),
    caption: trans.__('Open a view of nbship, such as a run or a comparison'),
    icon: shipIcon,
    describedBy: {
      args: {
        type: 'object',
        properties: {
          kind: { type: 'string', description: trans.__('The kind of view, e.g. "run"') },
          args: { type: 'object', description: trans.__('What the view is of') },
          from: {
            type: 'string',
            description: trans.__(
              'A notebook or folder of its project; the active notebook without one'
            )
          }
        },
        required: ['kind']
      }
    },
    execute: ({ kind, args, from }) =>
      tabs.open(
        kind as string,
        (args ?? {}) as ReadonlyPartialJSONObject,
        from as string | undefined
      )
  });
}
