import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import * as React from 'react';

import { addShipCommands } from '../shipping/commands';
import { ReadingBook } from '../shipping/rates';
import { INbship } from '../tokens';

const ShipSection = React.lazy(() => import('../sections/ship/ShipSection'));
const PackageTab = React.lazy(() => import('../tabs/package/PackageTab'));
const ServiceTab = React.lazy(() => import('../tabs/service/ServiceTab'));

/** Serves the models of runs, builds images of them, and shows both. */
export const ship: JupyterFrontEndPlugin<void> = {
  id: 'nbship:ship',
  description: 'Serves the models of runs, and builds container images of them.',
  autoStart: true,
  requires: [INbship],
  optional: [ICommandPalette],
  activate: (_: JupyterFrontEnd, nbship: INbship, palette: ICommandPalette | null): void => {
    const { trans } = nbship;
    const book = new ReadingBook();
    addShipCommands(nbship, palette);
    nbship.sections.add({
      id: 'ship',
      title: trans.__('Ship'),
      caption: trans.__('Models that answer requests, and images of them'),
      rank: 50,
      expanded: false,
      body: () => <ShipSection book={book} />
    });
    nbship.tabs.register<{ job: string }>('package', {
      title: () => trans.__('Ship'),
      render: ({ job }) => <PackageTab key={job} job={job} />
    });
    nbship.tabs.register<{ name: string }>('service', {
      title: ({ name }) => name,
      render: ({ name }) => <ServiceTab key={name} name={name} book={book} />
    });
  }
};
