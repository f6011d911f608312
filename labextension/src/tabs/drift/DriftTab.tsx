import * as React from 'react';

import { EmptyState, ErrorNote, JobView, Loading } from '../../components';
import { useJobs, useNbship } from '../../core/context';
import { useResource } from '../../core/resource';
import { useTab } from '../../core/tabs';
import { progressOf } from '../../sections/drift/progress';
import { DriftReport } from './DriftReport';

/** The job that makes or has made the report. */
export type DriftArgs = { job: string };

/** A drift report: while it is made, and when it is there. */
export default function DriftTab({ job: id }: DriftArgs): React.ReactElement {
  const { api, trans } = useNbship();
  const tab = useTab();
  const model = useJobs();
  const job = model.jobs.find(each => each.id === id);
  const state = job?.state;
  const { data, error, reload } = useResource(
    signal =>
      state === 'completed' ? api.get('/drift/reports/{job}', { path: { job: id }, signal }) : null,
    [id, state]
  );
  const title = job?.title;
  React.useEffect(() => {
    if (title) {
      tab.setTitle(trans.__('Drift: %1', title));
    }
  }, [tab, title, trans]);

  if (model.error && !job) {
    return <ErrorNote error={model.error} onRetry={() => model.refresh()} />;
  }
  if (!model.ready) {
    return <Loading label={trans.__('Loading the report…')} />;
  }
  if (!job) {
    return (
      <EmptyState
        title={trans.__('This report is gone')}
        text={trans.__(
          'Its job was removed, or belongs to another project. The Drift section of the sidebar makes a new one.'
        )}
        action={{ label: trans.__('Close'), onClick: () => tab.close() }}
      />
    );
  }
  if (state !== 'completed') {
    return (
      <div className="jp-nbship-DriftTab jp-nbship-Pad">
        <JobView job={id} progress={progress => <Progress progress={progress} />} />
      </div>
    );
  }
  if (error) {
    return <ErrorNote error={error} onRetry={reload} />;
  }
  if (!data) {
    return <Loading label={trans.__('Loading the report…')} />;
  }
  return <DriftReport job={job} report={data} />;
}

function Progress({ progress }: { progress: unknown }): React.ReactElement {
  const { trans } = useNbship();
  const { name, done } = progressOf(progress);
  return (
    <div className="jp-nbship-DriftTab-progress">
      <progress
        className="jp-nbship-Drift-progress"
        max={1}
        value={done}
        aria-label={trans.__('Progress')}
      />
      <span className="jp-nbship-Muted">{name}</span>
    </div>
  );
}
