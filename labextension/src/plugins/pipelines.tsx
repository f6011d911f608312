import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import * as React from 'react';

import { ExecutedDrive } from '../pipelines/executed-drive';
import { StepTarget } from '../pipelines/target';
import type { JobArgs } from '../tabs/job/JobTab';
import type { PipelineArgs } from '../tabs/pipeline/PipelineTab';
import { CommandIDs as CoreCommandIDs, INbship } from '../tokens';

const PipelinesSection = React.lazy(() => import('../sections/pipelines/PipelinesSection'));
const JobTab = React.lazy(() => import('../tabs/job/JobTab'));
const PipelineTab = React.lazy(() => import('../tabs/pipeline/PipelineTab'));

namespace CommandIDs {
  export const runAsStep = 'nbship:run-as-step';
}

/** Notebooks as steps, sweeps and pipelines. */
export const pipelines: JupyterFrontEndPlugin<void> = {
  id: 'nbship:pipelines',
  description: 'Runs notebooks as parameterized steps, sweeps and pipelines.',
  autoStart: true,
  requires: [INbship],
  optional: [ICommandPalette],
  activate: (app: JupyterFrontEnd, nbship: INbship, palette: ICommandPalette | null): void => {
    const { api, trans } = nbship;
    const { contents, serverSettings } = app.serviceManager;
    const target = new StepTarget(nbship.active);
    contents.addDrive(new ExecutedDrive(api, serverSettings));
    nbship.sections.add({
      id: SECTION,
      title: trans.__('Pipelines'),
      caption: trans.__('Run notebooks with other parameters, for many values, or as a pipeline'),
      rank: 30,
      expanded: false,
      body: () => <PipelinesSection target={target} />
    });
    nbship.tabs.register<JobArgs>('job', {
      title: () => trans.__('Job'),
      render: ({ job }) => <JobTab key={job} job={job} />
    });
    nbship.tabs.register<PipelineArgs>('pipeline', {
      title: ({ file }) => trans.__('Pipeline %1', file.split('/').slice(-2).join('/')),
      render: ({ file }) => <PipelineTab key={file} file={file} />
    });
    addRunCommand(nbship, target);
    palette?.addItem({ command: CommandIDs.runAsStep, category: trans.__('nbship') });
  }
};

const SECTION = 'pipelines';

function addRunCommand(nbship: INbship, target: StepTarget): void {
  const { active, commands, sections, trans } = nbship;
  const asked = (path: unknown) => (typeof path === 'string' ? path : active.path);
  commands.addCommand(CommandIDs.runAsStep, {
    label: trans.__('Run as Step…'),
    caption: trans.__('Run a notebook with other parameters, in a process of its own'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          path: {
            type: 'string',
            description: trans.__('The notebook; by default the active one')
          },
          parameters: {
            type: 'object',
            description: trans.__('The values that the form begins with')
          }
        }
      }
    },
    isEnabled: ({ path }) => asked(path) !== null,
    execute: async ({ path, parameters }) => {
      target.ask(asked(path), (parameters ?? {}) as Record<string, unknown>);
      await commands.execute(CoreCommandIDs.showSidebar);
      sections.reveal(SECTION);
    }
  });
}
