import { InputDialog, type ICommandPalette } from '@jupyterlab/apputils';
import { copyIcon, deleteIcon, refreshIcon } from '@jupyterlab/ui-components';
import type { ReadonlyJSONObject, ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Menu } from '@lumino/widgets';

import type { INbship } from '../../tokens';
import { archiveIcon, compareIcon, tagIcon } from './icons';
import type { RunActions } from './RunActions';
import type { RunList } from './run-list';

/** The commands of runs. */
export namespace RunCommandIDs {
  export const open = 'nbship:open-run';
  export const compare = 'nbship:compare-runs';
  export const refresh = 'nbship:refresh-runs';
  export const tag = 'nbship:tag-runs';
  export const archive = 'nbship:archive-runs';
  export const remove = 'nbship:delete-runs';
  export const copyId = 'nbship:copy-run-id';
  /** Of the plugin that packages models; it need not be there. */
  export const packageRun = 'nbship:package-run';
}

interface IOptions {
  nbship: INbship;
  list: RunList;
  actions: RunActions;
  palette: ICommandPalette | null;
}

/** Add the commands of runs; those without arguments are about the selected runs. */
export function addRunCommands({ nbship, list, actions, palette }: IOptions): void {
  const { commands, trans } = nbship;
  const runsOf = (args: ReadonlyPartialJSONObject) =>
    Array.isArray(args.runs) ? args.runs.map(String) : [...list.selection];
  const oneOf = (args: ReadonlyPartialJSONObject) =>
    typeof args.run === 'string' ? args.run : [...list.selection][0];

  commands.addCommand(RunCommandIDs.open, {
    label: args => (args.run === undefined ? trans.__('Open Run…') : trans.__('Open')),
    caption: trans.__('Open the page of a run'),
    describedBy: described('run', trans.__('The id, a part of it, or the name; asked for without')),
    execute: async args => {
      const run = typeof args.run === 'string' ? args.run : await askRun(nbship);
      if (run) {
        actions.open(run);
      }
    }
  });
  commands.addCommand(RunCommandIDs.compare, {
    label: trans.__('Compare Runs'),
    caption: trans.__('Show what differs between the selected runs'),
    icon: compareIcon,
    describedBy: described('runs', trans.__('Ids of two runs and more; else the selected ones')),
    isEnabled: args => runsOf(args).length > 1,
    execute: args => actions.compare(runsOf(args))
  });
  commands.addCommand(RunCommandIDs.refresh, {
    label: trans.__('Refresh Runs'),
    caption: trans.__('Load the list of runs again'),
    icon: refreshIcon,
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => list.refresh()
  });
  commands.addCommand(RunCommandIDs.tag, {
    label: trans.__('Tag…'),
    caption: trans.__('Set or remove tags of runs'),
    icon: tagIcon,
    describedBy: described('runs', trans.__('Ids; else the selected ones')),
    isEnabled: args => runsOf(args).length > 0,
    execute: args => actions.tag(runsOf(args))
  });
  commands.addCommand(RunCommandIDs.archive, {
    label: args =>
      actions.areArchived(runsOf(args)) ? trans.__('Bring Back') : trans.__('Archive'),
    caption: trans.__('Put runs away, so that the list leaves them out'),
    icon: archiveIcon,
    describedBy: described('runs', trans.__('Ids; else the selected ones')),
    isEnabled: args => runsOf(args).length > 0,
    execute: args => actions.archive(runsOf(args), !actions.areArchived(runsOf(args)))
  });
  commands.addCommand(RunCommandIDs.remove, {
    label: trans.__('Delete…'),
    caption: trans.__('Delete runs, after a question'),
    icon: deleteIcon,
    describedBy: described('runs', trans.__('Ids; else the selected ones')),
    isEnabled: args => runsOf(args).length > 0,
    execute: args => actions.delete(runsOf(args))
  });
  commands.addCommand(RunCommandIDs.copyId, {
    label: trans.__('Copy ID'),
    caption: trans.__('Copy the id of a run'),
    icon: copyIcon,
    describedBy: described('run', trans.__('The id; else that of the selected run')),
    isEnabled: args => oneOf(args) !== undefined,
    execute: args => actions.copyId(oneOf(args) ?? '')
  });
  for (const command of [RunCommandIDs.open, RunCommandIDs.compare, RunCommandIDs.refresh]) {
    palette?.addItem({ command, category: trans.__('nbship') });
  }
  list.changed.connect(() => commands.notifyCommandChanged(RunCommandIDs.compare));
}

/** Open the menu of one run, or of several that are selected, at a place of the window. */
export function openRunMenu(nbship: INbship, runs: string[], x: number, y: number): void {
  const { commands, trans } = nbship;
  const menu = new Menu({ commands });
  menu.title.label = trans.__('Runs');
  const [run] = runs;
  const add = (command: string, args: ReadonlyJSONObject) =>
    commands.hasCommand(command) && menu.addItem({ command, args });
  if (runs.length === 1) {
    add(RunCommandIDs.open, { run });
    add(RunCommandIDs.copyId, { run });
    add(RunCommandIDs.packageRun, { run });
  } else {
    add(RunCommandIDs.compare, { runs });
  }
  menu.addItem({ type: 'separator' });
  add(RunCommandIDs.tag, { runs });
  add(RunCommandIDs.archive, { runs });
  add(RunCommandIDs.remove, { runs });
  // The command runs after the menu has closed, so it must live a little longer.
  menu.aboutToClose.connect(() => requestAnimationFrame(() => menu.dispose()));
  menu.open(x, y);
}

async function askRun(nbship: INbship): Promise<string | null> {
  const { trans } = nbship;
  const answer = await InputDialog.getText({
    title: trans.__('Open a run'),
    label: trans.__('Its id, the beginning of the id, or its name; "latest" is the newest'),
    okLabel: trans.__('Open')
  });
  return answer.button.accept ? (answer.value?.trim() ?? null) : null;
}

function described(name: 'run' | 'runs', description: string) {
  const ids = { type: 'array', items: { type: 'string' }, description } as const;
  const id = { type: 'string', description } as const;
  return { args: { type: 'object', properties: { [name]: name === 'run' ? id : ids } } } as const;
}
