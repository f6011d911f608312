import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import * as React from 'react';

import type { CompareArgs } from '../tabs/compare/CompareTab';
import { INbship } from '../tokens';

const CompareTab = React.lazy(() => import('../tabs/compare/CompareTab'));

/** Compares runs: `nbship.tabs.open('compare', {runs: [ids]})`. */
export const compare: JupyterFrontEndPlugin<void> = {
  id: 'nbship:compare',
  description: 'Shows what differs between runs.',
  autoStart: true,
  requires: [INbship],
  activate: (_: JupyterFrontEnd, nbship: INbship): void => {
    const { trans } = nbship;
    nbship.tabs.register<CompareArgs>('compare', {
      title: ({ runs }) => trans.__('Compare %1 runs', runs.length),
      render: ({ runs }) => <CompareTab runs={runs} />
    });
  }
};
