import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import * as React from 'react';

import { addRunDetailCommands } from '../tabs/run/commands';
import { RunsDrive } from '../tabs/run/runs-drive';
import { INbship } from '../tokens';

const RunTab = React.lazy(() => import('../tabs/run/RunTab'));

/** The page about one run, and the executed notebooks of runs as files that can only be read. */
export const runDetail: JupyterFrontEndPlugin<void> = {
  id: 'nbship:run-detail',
  description: 'Shows all that is known of one run, and opens its executed notebook.',
  autoStart: true,
  requires: [INbship],
  activate: (_: JupyterFrontEnd, nbship: INbship): void => {
    const { api, isLab, serviceManager, tabs, trans } = nbship;
    tabs.register<{ run: string }>('run', {
      title: ({ run }) => trans.__('Run %1', run.slice(0, 8)),
      render: ({ run }) => <RunTab key={run} run={run} />
    });
    addRunDetailCommands(nbship);
    if (isLab) {
      const { contents } = serviceManager;
      contents.addDrive(new RunsDrive({ api, trans, contents }));
    }
  }
};
