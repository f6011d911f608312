import { InputDialog, showErrorMessage } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { copyIcon, notebookIcon } from '@jupyterlab/ui-components';

import { asApiError } from '../../api/error';
import type { INbship } from '../../tokens';
import { fileName, runNotebookPath, untrusted } from './runs-drive';
import type { INotebookContent } from '@jupyterlab/nbformat';

/** The commands of the page about a run. */
export namespace RunDetailCommandIDs {
  export const openNotebook = 'nbship:open-run-notebook';
  export const copyNotebook = 'nbship:copy-run-notebook';
}

/** Add the commands that open and save the executed notebook of a run. */
export function addRunDetailCommands(nbship: INbship): void {
  const { commands, isLab, trans } = nbship;
  const describedBy = {
    args: {
      type: 'object',
      properties: { run: { type: 'string', description: trans.__('The id of the run') } },
      required: ['run']
    }
  } as const;
  if (isLab) {
    commands.addCommand(RunDetailCommandIDs.openNotebook, {
      label: trans.__('Open Executed Notebook'),
      caption: trans.__('Open the notebook as a run left it; it can only be read'),
      icon: notebookIcon,
      describedBy,
      execute: args => openNotebook(nbship, String(args.run))
    });
  }
  commands.addCommand(RunDetailCommandIDs.copyNotebook, {
    label: trans.__('Save Executed Notebook As…'),
    caption: trans.__('Save the notebook as a run left it as a file'),
    icon: copyIcon,
    describedBy,
    execute: args => copyNotebook(nbship, String(args.run))
  });
}

async function openNotebook(nbship: INbship, run: string): Promise<unknown> {
  const { api, commands, trans } = nbship;
  try {
    const { id, name } = await api.get('/runs/{run}', { path: { run } });
    return await commands.execute('docmanager:open', {
      path: runNotebookPath(id, name),
      factory: 'Notebook',
      // Nobody wants to wait for a kernel to read; one can be chosen later.
      kernelPreference: { shouldStart: false, autoStartDefault: false, canStart: true }
    });
  } catch (thrown) {
    return failed(nbship, trans.__('The notebook cannot be opened'), thrown);
  }
}

async function copyNotebook(nbship: INbship, run: string): Promise<unknown> {
  const { api, commands, serviceManager, trans } = nbship;
  const { contents } = serviceManager;
  try {
    const detail = await api.get('/runs/{run}', { path: { run } });
    const folder = PathExt.dirname(detail.notebook ?? '');
    const answer = await InputDialog.getText({
      title: trans.__('Save the executed notebook'),
      label: trans.__('Path of the new file, relative to the folder of the server'),
      text: PathExt.join(folder, fileName(detail.name)),
      okLabel: trans.__('Save')
    });
    const written = answer.button.accept ? answer.value?.trim() : null;
    if (!written) {
      return undefined;
    }
    const path = written.endsWith('.ipynb') ? written : `${written}.ipynb`;
    if (await exists(nbship, path)) {
      await showErrorMessage(
        trans.__('This file is there already'),
        trans.__('Choose another name than %1.', path)
      );
      return undefined;
    }
    const found = await api.get('/runs/{run}/notebook', { path: { run: detail.id } });
    const content = untrusted(found as unknown as INotebookContent);
    await contents.save(path, { type: 'notebook', format: 'json', content });
    return await commands.execute('docmanager:open', { path });
  } catch (thrown) {
    return failed(nbship, trans.__('The notebook cannot be saved'), thrown);
  }
}

async function exists({ serviceManager }: INbship, path: string): Promise<boolean> {
  try {
    await serviceManager.contents.get(path, { content: false });
    return true;
  } catch {
    // Whatever else is wrong with the path is said when it is saved.
    return false;
  }
}

async function failed(nbship: INbship, title: string, thrown: unknown): Promise<void> {
  const { message, hint } = asApiError(thrown, nbship.trans);
  await showErrorMessage(title, `${message}\n${hint}`.trim());
}
