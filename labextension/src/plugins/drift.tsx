import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IDocumentManager } from '@jupyterlab/docmanager';
import * as React from 'react';

import type { DriftArgs } from '../tabs/drift/DriftTab';
import { INbship } from '../tokens';

const DriftSection = React.lazy(() => import('../sections/drift/DriftSection'));
const DriftTab = React.lazy(() => import('../tabs/drift/DriftTab'));

const TABLES = /\.(csv|tsv|txt|parquet|pq|feather|arrow|ipc|json)(\.(gz|bz2|xz|zip|zst))?$/i;

/** Finds drift between datasets, and shows it. */
export const drift: JupyterFrontEndPlugin<void> = {
  id: 'nbship:drift',
  description: 'Finds drift between datasets, and shows it.',
  autoStart: true,
  requires: [INbship],
  optional: [IDocumentManager],
  activate: (_: JupyterFrontEnd, nbship: INbship, documents: IDocumentManager | null): void => {
    const { trans } = nbship;
    const browse = documents ? () => chooseFile(nbship, documents) : undefined;
    nbship.sections.add({
      id: 'drift',
      title: trans.__('Drift'),
      caption: trans.__('Whether new data still look like the data that you know'),
      rank: 40,
      expanded: false,
      body: () => <DriftSection browse={browse} />
    });
    nbship.tabs.register<DriftArgs>('drift', {
      title: () => trans.__('Drift'),
      render: ({ job }) => <DriftTab job={job} />
    });
  }
};

/** Ask for a file of the server with a table; null when none was chosen. */
async function chooseFile(nbship: INbship, documents: IDocumentManager): Promise<string | null> {
  const { FileDialog } = await import('@jupyterlab/filebrowser');
  const { value } = await FileDialog.getOpenFiles({
    manager: documents,
    title: nbship.trans.__('Choose a file with a table'),
    label: nbship.trans.__('CSV, TSV, Parquet, Feather, or a profile of nbship'),
    filter: model => (model.type === 'directory' || TABLES.test(model.name) ? {} : null)
  });
  const file = value?.find(model => model.type !== 'directory');
  return file ? documents.services.contents.localPath(file.path) : null;
}
