import { notebookIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { EmptyState } from '../../components';
import { useNbship, useSignal } from '../../core/context';
import type { StepTarget } from '../../pipelines/target';
import { JobList } from './JobList';
import { NotebookStep } from './NotebookStep';
import { PipelineList } from './PipelineList';

/** The active notebook as a step, the pipelines of the project, and what runs or ran. */
export default function PipelinesSection({ target }: { target: StepTarget }): React.ReactElement {
  const { active, trans } = useNbship();
  const path = useSignal(target.changed, () => target.path);
  return (
    <div className="jp-nbship-Pipelines">
      {path === null ? (
        <EmptyState
          icon={notebookIcon}
          title={
            active.panel
              ? trans.__('This notebook is no file of the server')
              : trans.__('No notebook is open')
          }
          text={trans.__('Open one to run it as a step, with other parameters and on its own.')}
        />
      ) : (
        <NotebookStep key={`${target.initial.turn} ${path}`} path={path} target={target} />
      )}
      <PipelineList />
      <JobList />
    </div>
  );
}
