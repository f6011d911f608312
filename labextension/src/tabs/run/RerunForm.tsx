import * as React from 'react';

import { asApiError, type ApiError } from '../../api/error';
import type { Schemas } from '../../api/operations';
import { ErrorNote, JobView } from '../../components';
import { ParameterForm, type IGivenParameters } from '../../components/ParameterForm';
import { faultsByName } from '../../components/parameter-values';
import { useJobs, useNbship } from '../../core/context';

export interface IRerunFormProps {
  rerun: Schemas['RerunJson'];
  onClose: () => void;
}

/** Runs the notebook of a run once more, with the values that it had unless others are given. */
export function RerunForm({ rerun, onClose }: IRerunFormProps): React.ReactElement {
  const { trans } = useNbship();
  const jobs = useJobs();
  const [given, setGiven] = React.useState<IGivenParameters>({ parameters: {}, secrets: {} });
  const [valid, setValid] = React.useState(true);
  const [error, setError] = React.useState<ApiError | null>(null);
  const [busy, setBusy] = React.useState(false);
  const [job, setJob] = React.useState<string | null>(null);
  const parameters = rerun.parameters?.parameters ?? [];
  const faults = error
    ? faultsByName(
        error.message,
        parameters.map(parameter => parameter.name)
      )
    : {};

  const start = async (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const body = { notebook: rerun.path ?? '', ...given };
      setJob((await jobs.start('/jobs/step', body)).id);
    } catch (thrown) {
      setError(asApiError(thrown, trans));
    } finally {
      setBusy(false);
    }
  };

  return (
    <section className="jp-nbship-Run-drawer" aria-label={trans.__('Run %1 again', rerun.path)}>
      <h2>{trans.__('Run %1 again', rerun.path)}</h2>
      <form className="jp-nbship-Run-form" onSubmit={event => void start(event)}>
        {parameters.length > 0 ? (
          <ParameterForm
            parameters={parameters}
            initial={rerun.values}
            errors={faults}
            disabled={busy}
            onChange={(next, fits) => {
              setGiven(next);
              setValid(fits);
            }}
          />
        ) : (
          <p className="jp-nbship-Muted">
            {trans.__('The notebook declares no parameters: it runs as it is saved now.')}
          </p>
        )}
        {error && Object.keys(faults).length === 0 && <ErrorNote error={error} />}
        <div className="jp-nbship-Run-buttons">
          <button
            type="submit"
            className="jp-nbship-Button jp-mod-accept"
            disabled={!valid || busy}
          >
            {trans.__('Run')}
          </button>
          <button type="button" className="jp-nbship-Button" onClick={onClose}>
            {trans.__('Close')}
          </button>
        </div>
      </form>
      {job !== null && <JobView job={job} />}
    </section>
  );
}
