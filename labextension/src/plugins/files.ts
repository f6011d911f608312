import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, InputDialog, showDialog, showErrorMessage } from '@jupyterlab/apputils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';

import { asApiError } from '../api/error';
import type { Schemas } from '../api/operations';
import { shipIcon } from '../icons';
import { INbship } from '../tokens';
import { TrackCommandIDs } from '../tracking/commands';

type Run = Schemas['RunJson'];

/** What the pipelines section calls its command. */
const RUN_AS_STEP = 'nbship:run-as-step';
const MOST_RUNS = 100;

/** What can be done with a notebook in the file browser: run it as a step, compare its runs. */
export const files: JupyterFrontEndPlugin<void> = {
  id: 'nbship:files',
  description: 'Adds nbship to the context menu of notebooks in the file browser.',
  autoStart: true,
  requires: [INbship],
  optional: [IFileBrowserFactory],
  activate: (app: JupyterFrontEnd, nbship: INbship, factory: IFileBrowserFactory | null): void => {
    if (!factory) {
      return;
    }
    const { commands } = app;
    const { trans } = nbship;
    const selected = () => selectedNotebook(factory);
    const describedBy = { args: { type: 'object', properties: {} } } as const;
    commands.addCommand(TrackCommandIDs.runFileAsStep, {
      label: trans.__('Run as Step…'),
      caption: trans.__(
        'Run the notebook from top to bottom with other parameters, as a tracked run'
      ),
      icon: shipIcon,
      describedBy,
      isVisible: () => selected() !== null && commands.hasCommand(RUN_AS_STEP),
      execute: () => commands.execute(RUN_AS_STEP, { path: selected() ?? '' })
    });
    commands.addCommand(TrackCommandIDs.compareFile, {
      label: trans.__('Compare with Run…'),
      caption: trans.__('Compare the last run of the notebook with another one of its runs'),
      icon: shipIcon,
      describedBy,
      isVisible: () => selected() !== null && nbship.tabs.kind('compare') !== null,
      execute: async () => {
        const path = selected();
        if (path !== null) {
          await compareRuns(nbship, path);
        }
      }
    });
  }
};

function selectedNotebook(factory: IFileBrowserFactory): string | null {
  const items = [...(factory.tracker.currentWidget?.selectedItems() ?? [])];
  const [item] = items;
  return items.length === 1 && item.type === 'notebook' ? item.path : null;
}

/** Let the user choose one of a notebook's runs, and compare its last run with that one. */
async function compareRuns(nbship: INbship, path: string): Promise<void> {
  const { api, tabs, trans } = nbship;
  try {
    const query = { path, notebook: true, limit: MOST_RUNS };
    const { runs } = await api.get('/runs', { query });
    const [last, ...others] = runs;
    if (others.length === 0) {
      await sayTooFew(nbship, path, runs.length);
      return;
    }
    const { formatAgo } = await import('../components/Time');
    const ago = (run: Run) => formatAgo(new Date(run.started), Date.now(), nbship.locale);
    const words = others.map((run, index) => runWords(run, index, ago(run)));
    const { value } = await InputDialog.getItem({
      title: trans.__('Compare %1, the last run, with', last.name),
      label: trans.__('Run'),
      items: words,
      okLabel: trans.__('Compare')
    });
    const chosen = value === null ? undefined : others[words.indexOf(value)];
    if (chosen) {
      tabs.open('compare', { runs: [chosen.id, last.id] });
    }
  } catch (thrown) {
    await showErrorMessage(trans.__('The runs cannot be compared'), asApiError(thrown, trans));
  }
}

async function sayTooFew({ trans }: INbship, path: string, count: number): Promise<void> {
  await showDialog({
    title: trans.__('Nothing to compare with'),
    body:
      count === 0
        ? trans.__('There is no run of %1 yet. Track one of its cells, or run it as a step.', path)
        : trans.__('There is only one run of %1 yet. Run it again with another parameter.', path),
    buttons: [Dialog.okButton({ label: trans.__('OK') })]
  });
}

function runWords(run: Run, index: number, ago: string): string {
  // The number tells runs of the same name and time apart.
  return `${index + 2}. ${run.name} · ${ago} · ${run.status.toLowerCase()}`;
}
