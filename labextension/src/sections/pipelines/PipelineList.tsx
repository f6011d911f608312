import { runIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { ErrorNote, IconButton, JobBadge, Loading } from '../../components';
import type { Schemas } from '../../api/operations';
import { useJobs, useNbship } from '../../core/context';
import { useResource } from '../../core/resource';
import { useStart } from '../../pipelines/start';

/** The pipelines of the project. */
export function PipelineList(): React.ReactElement {
  const { active, api, trans } = useNbship();
  const { data, error, reload } = useResource(
    signal => api.get('/pipelines', { signal }),
    [api, active.path]
  );
  const { start, starting, error: refusal } = useStart('/jobs/pipeline');
  const found = data?.pipelines ?? [];
  return (
    <section className="jp-nbship-Pipelines-part" aria-label={trans.__('Pipelines of the project')}>
      <h3 className="jp-nbship-Pipelines-title">{trans.__('Pipelines of the project')}</h3>
      {error && <ErrorNote error={error} onRetry={reload} />}
      {!data && !error && <Loading label={trans.__('Looking for pipelines…')} />}
      {data && found.length === 0 && <Teaching />}
      {refusal && <ErrorNote error={refusal} />}
      <ul className="jp-nbship-Items">
        {found.map(pipeline => (
          <PipelineItem
            key={pipeline.file}
            pipeline={pipeline}
            disabled={starting}
            onRun={() => void start({ file: pipeline.file })}
          />
        ))}
      </ul>
      {data && !data.complete && (
        <p className="jp-nbship-Pipelines-note">
          {trans.__(
            'The project is too large to be looked through; only the nearest folders were.'
          )}
        </p>
      )}
    </section>
  );
}

function Teaching(): React.ReactElement {
  const { trans } = useNbship();
  return (
    <p className="jp-nbship-Pipelines-empty">
      {trans.__(
        'None yet. Name several notebooks in a file pipeline.toml, or give the cells of one notebook tags such as step:train; they then run in order, side by side where they can, and only what has changed.'
      )}
    </p>
  );
}

interface IPipelineItemProps {
  pipeline: Schemas['FoundPipelineJson'];
  disabled: boolean;
  onRun: () => void;
}

function PipelineItem({ pipeline, disabled, onRun }: IPipelineItemProps): React.ReactElement {
  const { tabs, trans } = useNbship();
  const jobs = useJobs();
  const last = jobs.jobs.find(job => job.kind === 'pipeline' && job.path === pipeline.file);
  const note = pipeline.problem || trans._n('%1 step', '%1 steps', pipeline.steps.length);
  return (
    <li className="jp-nbship-Item">
      <button
        type="button"
        className="jp-nbship-Item-main"
        title={pipeline.steps.join(' → ') || pipeline.problem}
        onClick={() => tabs.open('pipeline', { file: pipeline.file })}
      >
        <span className="jp-nbship-Item-name jp-nbship-Cut">{pipeline.name}</span>
        <span className="jp-nbship-Item-note jp-nbship-Cut">{`${note} · ${pipeline.file}`}</span>
      </button>
      {last && (
        <button
          type="button"
          className="jp-nbship-Item-badge"
          aria-label={trans.__('Open the last run of %1', pipeline.name)}
          onClick={() => tabs.open('job', { job: last.id })}
        >
          <JobBadge job={last} />
        </button>
      )}
      {!pipeline.problem && (
        <IconButton
          icon={runIcon}
          label={trans.__('Run %1', pipeline.name)}
          disabled={disabled || last?.state === 'running'}
          onClick={onRun}
        />
      )}
    </li>
  );
}
