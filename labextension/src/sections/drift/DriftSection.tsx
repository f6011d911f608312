import * as React from 'react';

import { asApiError, type ApiError } from '../../api/error';
import type { Schemas } from '../../api/operations';
import { ErrorNote } from '../../components';
import { useJobFinished, useJobs, useNbship } from '../../core/context';
import { useResource } from '../../core/resource';
import { DriftForm, EMPTY_DRAFT, type DriftBody, type IDriftDraft } from './DriftForm';
import { DriftJob, DriftState } from './DriftStates';
import { ServedDrift } from './ServedDrift';
import { trainingData } from './sources';

const KIND = 'drift';

/** How the data of this project drift: reports that were made, services that run, and a form for a new report. */
export default function DriftSection(props: {
  browse?: () => Promise<string | null>;
}): React.ReactElement {
  const { api, active, jobs: model, tabs, trans } = useNbship();
  const { jobs } = useJobs();
  const [draft, setDraft] = React.useState<IDriftDraft>(EMPTY_DRAFT);
  const [failure, setFailure] = React.useState<ApiError | null>(null);
  const form = React.useRef<HTMLDivElement>(null);
  const { data, error, reload } = useResource(
    signal => api.get('/drift/states', { signal }),
    [active.path]
  );
  useJobFinished(job => {
    if (job.kind === KIND) {
      reload();
    }
  });

  const problem = failure ?? error;
  const states = data?.states ?? [];
  const unfinished = openJobs(jobs, states);
  const running = new Set(unfinished.filter(job => job.state === 'running').map(job => job.title));

  const attempt = async (work: () => Promise<unknown>) => {
    setFailure(null);
    try {
      await work();
    } catch (thrown) {
      setFailure(asApiError(thrown, trans));
    }
  };
  const again = (asked: DriftBody) => attempt(() => model.start('/jobs/drift', asked));
  const checkLog = (served: Schemas['ServedDriftJson']) =>
    attempt(async () => {
      const sources = await api.get('/drift/sources', {
        query: { search: served.run_name, limit: 200 }
      });
      const { service } = served;
      setDraft({
        ...EMPTY_DRAFT,
        reference: trainingData(sources, served.run),
        current: { kind: 'service', name: service, label: trans.__('log of %1', service) }
      });
      form.current?.querySelector('input')?.focus();
    });

  return (
    <div className="jp-nbship-Drift jp-nbship-Pad">
      {problem && <ErrorNote error={problem} onRetry={failure ? undefined : reload} />}
      {unfinished.length + states.length > 0 && (
        <ul className="jp-nbship-Drift-states" aria-label={trans.__('Drift reports')}>
          {unfinished.map(job => (
            <DriftJob key={job.id} job={job} />
          ))}
          {states.map(state => {
            const { asked } = state;
            const isRunning = jobs.some(job => job.id === state.job && running.has(job.title));
            return (
              <DriftState
                key={state.job}
                state={state}
                onAgain={asked && !isRunning ? () => void again(asked) : undefined}
              />
            );
          })}
        </ul>
      )}
      {data && data.services.length > 0 && (
        <>
          <h3>{trans.__('Running services')}</h3>
          <ul className="jp-nbship-Drift-states">
            {data.services.map(served => (
              <ServedDrift
                key={served.service}
                served={served}
                onCheck={() => void checkLog(served)}
              />
            ))}
          </ul>
        </>
      )}
      {data && unfinished.length + states.length === 0 && (
        <p className="jp-nbship-Muted">
          {trans.__(
            'See whether new data still look like the data that you know: choose what to compare with, for example the training data of a run, and what is new.'
          )}
        </p>
      )}
      {data && unfinished.length + states.length > 0 && <h3>{trans.__('Compare two datasets')}</h3>}
      <div ref={form}>
        <DriftForm
          draft={draft}
          onChange={setDraft}
          onStarted={job => void tabs.open('drift', { job })}
          browse={props.browse}
        />
      </div>
    </div>
  );
}

/** Return the jobs that run, and those that failed after the newest report on the same data. */
function openJobs<J extends { id: string; kind: string; state: string; title: string }>(
  jobs: readonly J[],
  states: readonly Schemas['DriftStateJson'][]
): J[] {
  const done = new Set(states.map(state => state.job));
  const reported = new Set<string>();
  return jobs.filter(job => {
    if (job.kind !== KIND) {
      return false;
    }
    if (job.state === 'completed' || done.has(job.id)) {
      reported.add(job.title);
      return false;
    }
    const isNewest = job.state === 'running' || !reported.has(job.title);
    if (job.state !== 'running') {
      reported.add(job.title);
    }
    return isNewest;
  });
}
