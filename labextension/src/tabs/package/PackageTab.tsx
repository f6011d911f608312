import * as React from 'react';

import { Code, Duration, Elapsed, ErrorNote, JobBadge, Loading, Log } from '../../components';
import { useJob } from '../../core/job';
import type { JobJson } from '../../core/jobs';
import { useNbship, useVisible } from '../../core/context';
import { useResource } from '../../core/resource';
import { useTab } from '../../core/tabs';
import { progressOf } from '../../shipping/progress';
import { Failure } from './Failure';
import { asImage, asService } from './results';
import { ImageResult } from './ImageResult';
import { ServedResult } from './ServedResult';
import { Stages } from './Stages';

/** Packaging or serving: its stages as they go on, and what came of it. */
export default function PackageTab({ job: id }: { job: string }): React.ReactElement {
  const { api, trans } = useNbship();
  const { setTitle } = useTab();
  const { job, log, result, error, cancel, reload } = useJob(id);
  const stage = progressOf(job?.progress);
  const told = useResource(
    signal => (job ? api.get('/shipping/jobs/{job}', { path: { job: id }, signal }) : null),
    [id, job?.state, stage.name, stage.detail]
  );
  const title = job
    ? what(job, trans.__('Serving %1', job.title), trans.__('Image of %1', job.title))
    : null;
  React.useEffect(() => {
    if (title !== null) {
      setTitle(title);
    }
  }, [setTitle, title]);
  useOpenedService(job, result);

  if (!job) {
    return error ? (
      <ErrorNote error={error} onRetry={reload} />
    ) : (
      <Loading label={trans.__('Loading the job…')} />
    );
  }
  const image = job.kind === 'package' ? asImage(result) : null;
  const service = job.kind === 'serve' ? asService(result) : null;
  return (
    <article className="jp-nbship-Package" aria-label={title ?? job.title}>
      <Head job={job} title={title ?? job.title} onCancel={cancel} />
      {error && <ErrorNote error={error} onRetry={reload} />}
      {job.state === 'running' && (
        <progress
          className="jp-nbship-Ship-progress"
          max={1}
          value={stage.done}
          aria-label={trans.__('Progress')}
        />
      )}
      {told.data && <Failure job={job} told={told.data} />}
      {image && told.data && <ImageResult image={image} told={told.data} job={job} />}
      {service && <ServedResult service={service} />}
      {told.data && told.data.stages.length > 0 && (
        <Stages stages={told.data.stages} state={job.state} />
      )}
      <details className="jp-nbship-JobView-command">
        <summary>{trans.__('Command')}</summary>
        <Code source={job.command} label={trans.__('The command that runs')} copy />
      </details>
      {log && (
        <details
          className="jp-nbship-JobView-command"
          open={job.state === 'failed' && log.length > job.message.length + SAID}
        >
          <summary>{trans.__('Log')}</summary>
          <Log text={log} />
        </details>
      )}
    </article>
  );
}

function what(job: JobJson, serving: string, packaging: string): string {
  return job.kind === 'serve' ? serving : packaging;
}

/** Open the service when it is ready, for whoever has waited for it here. */
function useOpenedService(job: JobJson | null, result: unknown): void {
  const { tabs } = useNbship();
  const visible = useVisible();
  const waited = React.useRef(false);
  const state = job?.kind === 'serve' ? job.state : null;
  const name = asService(result)?.name;
  React.useEffect(() => {
    if (state === 'running') {
      waited.current = true;
    } else if (state === 'completed' && waited.current && visible && name) {
      waited.current = false;
      tabs.open('service', { name });
    }
  }, [tabs, state, name, visible]);
}

function Head(props: {
  job: JobJson;
  title: string;
  onCancel: () => Promise<void>;
}): React.ReactElement {
  const { trans } = useNbship();
  const [asked, setAsked] = React.useState(false);
  const { job, title, onCancel } = props;
  return (
    <header className="jp-nbship-Service-titles">
      <h1>{title}</h1>
      <span role="status">
        <JobBadge job={job} />
      </span>
      {job.state === 'running' ? (
        <Elapsed since={job.started} />
      ) : (
        <Duration seconds={job.seconds} />
      )}
      <span className="jp-nbship-Service-spring" />
      {job.state === 'running' && (
        <button
          type="button"
          className="jp-nbship-Button"
          onClick={() => {
            setAsked(true);
            void onCancel();
          }}
        >
          {asked ? trans.__('Stopping…') : trans.__('Cancel')}
        </button>
      )}
    </header>
  );
}

// A log that says nothing but the message, with who says it, need not be read twice.
const SAID = 40;
