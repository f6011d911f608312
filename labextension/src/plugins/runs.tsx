import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IStateDB } from '@jupyterlab/statedb';
import * as React from 'react';

// Commands say at once whether they are enabled, which depends on what is selected in the list.
/* eslint-disable jupyter/prefer-lazy-imports */
import { addRunCommands } from '../sections/runs/commands';
import { rememberQuery } from '../sections/runs/memory';
import { RunActions } from '../sections/runs/RunActions';
import { RunList } from '../sections/runs/run-list';
/* eslint-enable jupyter/prefer-lazy-imports */
import { INbship } from '../tokens';

const RunsSection = React.lazy(() => import('../sections/runs/RunsSection'));

/** The list of runs, and what can be done to them. */
export const runs: JupyterFrontEndPlugin<void> = {
  id: 'nbship:runs',
  description: 'Lists the runs of the project: search, sort, compare, tag, archive, delete.',
  autoStart: true,
  requires: [INbship],
  optional: [ICommandPalette, IStateDB],
  activate: (
    _: JupyterFrontEnd,
    nbship: INbship,
    palette: ICommandPalette | null,
    state: IStateDB | null
  ): void => {
    const { trans } = nbship;
    const list = new RunList(nbship);
    const actions = new RunActions(nbship, list);
    addRunCommands({ nbship, list, actions, palette });
    if (state) {
      void rememberQuery(list, state);
    }
    nbship.sections.add({
      id: 'runs',
      title: trans.__('Runs'),
      caption: trans.__('What was run and recorded'),
      rank: 20,
      body: () => <RunsSection list={list} actions={actions} />
    });
  }
};
