import { PathExt } from '@jupyterlab/coreutils';
import { NotebookPanel } from '@jupyterlab/notebook';

import type { INbship } from '../tokens';
import { DRIVE } from './executed-drive';

/**
 * Open an executed notebook, at a cell if one is given.
 *
 * @param path - As a report names it: on the machine, or relative to where the job ran.
 * @param job - The path of what the job is about: it ran beside it.
 */
export async function openExecuted(
  nbship: INbship,
  path: string,
  job: string,
  cell?: number | null
): Promise<void> {
  await openNotebook(nbship, await executedPath(nbship, path, job), cell);
}

async function executedPath(nbship: INbship, path: string, job: string): Promise<string> {
  if (!path.startsWith('/')) {
    return PathExt.join(PathExt.dirname(job), path);
  }
  const { path: shown } = await nbship.api.get('/where', { query: { file: path } });
  // Jupyter serves no hidden files, and pipelines keep their notebooks in the hidden folder of the project.
  const isHidden = shown === null || shown.split('/').some(part => part.startsWith('.'));
  return isHidden ? `${DRIVE}:${path.slice(1)}` : shown;
}

/** Open a notebook of the server, at a cell if one is given. */
export async function openNotebook(
  nbship: INbship,
  path: string,
  cell?: number | null
): Promise<void> {
  const widget: unknown = await nbship.commands.execute('docmanager:open', {
    path,
    factory: 'Notebook'
  });
  if (!(widget instanceof NotebookPanel)) {
    return;
  }
  if (path.startsWith(`${DRIVE}:`)) {
    const { sessionContext } = widget;
    // It is a record: there is nothing to run in it.
    sessionContext.kernelPreference = {
      ...sessionContext.kernelPreference,
      shouldStart: false,
      autoStartDefault: false
    };
  }
  if (cell == null) {
    return;
  }
  await widget.revealed;
  const index = withMarks(widget, cell);
  widget.content.activeCellIndex = index;
  await widget.content.scrollToItem(index, 'center');
}

/** Return where a cell stands in a notebook that has papermill's marks of an error before it. */
function withMarks(panel: NotebookPanel, cell: number): number {
  let left = cell;
  const at = panel.content.widgets.findIndex(({ model }) => {
    const tags: unknown = model.getMetadata('tags');
    const isMark = Array.isArray(tags) && tags.includes('papermill-error-cell-tag');
    return !isMark && left-- === 0;
  });
  return Math.max(at, 0);
}
