import { closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import {
  ErrorNote,
  faultsByName,
  Field,
  IconButton,
  Loading,
  ParameterForm,
  type IGivenParameters
} from '../../components';
import type { Schemas } from '../../api/operations';
import { useNbship, useSignal } from '../../core/context';
import { useResource } from '../../core/resource';
import { saveOpen } from '../../pipelines/save';
import { useStart } from '../../pipelines/start';
import type { StepTarget } from '../../pipelines/target';
import { Proposal } from './Proposal';
import { SweepForm } from './SweepForm';

/** A notebook as a step: its parameters as a form, and what runs it. */
export function NotebookStep({
  path,
  target
}: {
  path: string;
  target: StepTarget;
}): React.ReactElement {
  const { active, api, trans } = useNbship();
  const { data, error, reload } = useResource(
    signal => api.get('/notebooks/parameters', { query: { file: path }, signal }),
    [api, path]
  );
  useSaved(path, reload);
  const name = path.split('/').pop() ?? path;
  const context = active.path === path ? active.panel?.context : undefined;
  const isDirty = useSignal(context?.model.stateChanged, () => context?.model.dirty ?? false);
  return (
    <section className="jp-nbship-Pipelines-part" aria-label={trans.__('Run as step')}>
      <h3 className="jp-nbship-Pipelines-title">
        <span className="jp-nbship-Cut" title={path}>
          {name}
        </span>
        {target.isAsked && (
          <IconButton
            icon={closeIcon}
            label={trans.__('Back to the active notebook')}
            onClick={() => target.ask(null)}
          />
        )}
      </h3>
      {error && <ErrorNote error={error} onRetry={reload} />}
      {!data && !error && <Loading label={trans.__('Reading the parameters…')} />}
      {data && (
        <Forms key={shapeOf(data)} found={data} initial={target.initial.values} reload={reload} />
      )}
      {isDirty && (
        <p className="jp-nbship-Pipelines-note">
          {trans.__('Unsaved changes are saved when it runs.')}
        </p>
      )}
    </section>
  );
}

// A form begins anew when the notebook declares other parameters, and only then.
function shapeOf(found: Schemas['NotebookParametersJson']): string {
  return JSON.stringify([
    found.tagged,
    found.parameters.map(({ line: _, cell: __, ...each }) => each)
  ]);
}

interface IFormsProps {
  found: Schemas['NotebookParametersJson'];
  initial: Readonly<Record<string, unknown>>;
  reload: () => void;
}

function Forms({ found, initial, reload }: IFormsProps): React.ReactElement {
  const { trans } = useNbship();
  const [sweeps, setSweeps] = React.useState(false);
  return (
    <>
      {!found.tagged && <Proposal found={found} onWritten={reload} />}
      {sweeps ? (
        <SweepForm found={found} onClose={() => setSweeps(false)} />
      ) : (
        <StepForm found={found} initial={initial}>
          {found.parameters.length > 0 && (
            <button
              type="button"
              className="jp-nbship-Button"
              title={trans.__('Run it for several values of its parameters')}
              onClick={() => setSweeps(true)}
            >
              {trans.__('Sweep…')}
            </button>
          )}
        </StepForm>
      )}
    </>
  );
}

interface IStepFormProps {
  found: Schemas['NotebookParametersJson'];
  initial: Readonly<Record<string, unknown>>;
  children: React.ReactNode;
}

function StepForm({ found, initial, children }: IStepFormProps): React.ReactElement {
  const nbship = useNbship();
  const { trans } = nbship;
  const [given, setGiven] = React.useState<IGivenParameters>({ parameters: {}, secrets: {} });
  const [valid, setValid] = React.useState(true);
  const [name, setName] = React.useState('');
  const { start, starting, error } = useStart('/jobs/step');
  const names = found.parameters.map(each => each.name);
  const faults = error ? faultsByName(error.message, names) : {};
  const run = () =>
    start({ notebook: found.file, ...given, ...(name && { name }) }, () =>
      saveOpen(nbship, found.file)
    );
  return (
    <form
      className="jp-nbship-Pipelines-form"
      aria-label={trans.__('Parameters of %1', found.file)}
      onSubmit={event => {
        event.preventDefault();
        if (valid && !starting) {
          void run();
        }
      }}
    >
      {found.tagged && found.parameters.length === 0 && (
        <p className="jp-nbship-Muted">{trans.__('Its parameters cell declares none.')}</p>
      )}
      <ParameterForm
        parameters={found.parameters}
        initial={initial}
        errors={faults}
        onChange={(parameters, isValid) => {
          setGiven(parameters);
          setValid(isValid);
        }}
      />
      <details className="jp-nbship-Pipelines-more">
        <summary>{trans.__('More')}</summary>
        <Field label={trans.__('Name of the run')} help={trans.__('By default the notebook’s')}>
          {attributes => (
            <input
              {...attributes}
              className="jp-nbship-Input"
              value={name}
              onChange={event => setName(event.target.value)}
            />
          )}
        </Field>
      </details>
      {error && Object.keys(faults).length === 0 && <ErrorNote error={error} />}
      <div className="jp-nbship-Pipelines-actions">
        <button
          type="submit"
          className="jp-nbship-Button jp-mod-accept"
          disabled={!valid || starting}
        >
          {starting ? trans.__('Starting…') : trans.__('Run as step')}
        </button>
        {children}
      </div>
    </form>
  );
}

/** Call a function when the file of the active notebook has been saved. */
function useSaved(path: string, call: () => void): void {
  const { active } = useNbship();
  const context = active.path === path ? active.panel?.context : undefined;
  const latest = React.useRef(call);
  latest.current = call;
  React.useEffect(() => {
    const slot = (_: unknown, state: string) => {
      if (state === 'completed') {
        latest.current();
      }
    };
    context?.saveState.connect(slot);
    return () => void context?.saveState.disconnect(slot);
  }, [context]);
}
