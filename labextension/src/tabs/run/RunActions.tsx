import * as React from 'react';

import { useNbship, useSignal } from '../../core/context';
import { ComparePicker } from './ComparePicker';
import { RunDetailCommandIDs } from './commands';
import { useCuration } from './curation';
import { useModels } from './ModelPart';
import { usePart } from './parts';
import { RegisterForm } from './RegisterForm';
import { RerunForm } from './RerunForm';
import type { RunDetail } from './RunTab';

/** What is open below the buttons. */
type Open = 'rerun' | 'register' | 'compare' | null;

const PACKAGE = 'nbship:package-run';
const SERVE = 'nbship:serve-run';
const NOTEBOOKS = ['executed.ipynb', 'notebook.ipynb'];
// What can be run again as a step; a sweep or a pipeline is run again from its own view.
const STEPS = ['notebook', 'step', 'point'];

/** What can be done with a run. What cannot be done here does not show. */
export function RunActions(props: { run: RunDetail; onChange: () => void }): React.ReactElement {
  const { api, commands, isLab, tabs, trans } = useNbship();
  const { run, onChange } = props;
  const [open, setOpen] = React.useState<Open>(null);
  const rerun = usePart('rerun', ask => api.get('/runs/{run}/rerun', ask)).data;
  const models = useModels().data?.models ?? [];
  const compares = useSignal(tabs.registered, () => tabs.kind('compare') !== null);
  useSignal(commands.commandChanged);
  const { archive, remove } = useCuration(run, onChange);

  const executed = NOTEBOOKS.some(name => run.artifacts.includes(name));
  const ships = models.some(model => model.shippable);
  const again = rerun?.path && rerun.parameters && STEPS.includes(rerun.kind) ? rerun : null;
  const archived = run.tags['nbship.archived'] === 'true';
  const id = { run: run.id };
  const opener = React.useRef<HTMLElement | null>(null);
  const close = () => setOpen(null);
  const toggle = (what: Open) => ({
    pressed: open === what,
    onClick: (event: React.MouseEvent<HTMLElement>) => {
      opener.current = event.currentTarget;
      setOpen(open === what ? null : what);
    }
  });
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'Escape' && open) {
      close();
      opener.current?.focus();
    }
  };

  return (
    <div className="jp-nbship-Run-acting" onKeyDown={onKeyDown}>
      <div
        className="jp-nbship-Run-actions"
        role="toolbar"
        aria-label={trans.__('What can be done with this run')}
      >
        {executed && isLab && (
          <Action
            label={trans.__('Open executed notebook')}
            title={trans.__(
              'The notebook as this run left it, with its outputs; it can only be read'
            )}
            onClick={() => void commands.execute(RunDetailCommandIDs.openNotebook, id)}
          />
        )}
        {executed && (
          <Action
            label={trans.__('Save a copy…')}
            title={trans.__('Save the executed notebook as a file of your own')}
            onClick={() => void commands.execute(RunDetailCommandIDs.copyNotebook, id)}
          />
        )}
        {again && (
          <Action
            label={trans.__('Run again…')}
            title={trans.__('Run %1 as a step, with these or other parameters', again.path)}
            {...toggle('rerun')}
          />
        )}
        {compares && (
          <Action
            label={trans.__('Compare with…')}
            title={trans.__('Show what differs from another run')}
            {...toggle('compare')}
          />
        )}
        {models.length > 0 && (
          <Action
            label={trans.__('Register or alias…')}
            title={trans.__(
              'Make its model a version of a registered model, or let an alias point to it'
            )}
            {...toggle('register')}
          />
        )}
        {ships && commands.hasCommand(PACKAGE) && (
          <Action
            label={trans.__('Package…')}
            title={trans.__('Build an image of its model')}
            onClick={() => void commands.execute(PACKAGE, id)}
          />
        )}
        {ships && commands.hasCommand(SERVE) && (
          <Action
            label={trans.__('Serve…')}
            title={trans.__('Start a service that answers with its model')}
            onClick={() => void commands.execute(SERVE, id)}
          />
        )}
        {run.page && (
          <a
            className="jp-nbship-Button"
            href={run.page}
            target="_blank"
            rel="noopener noreferrer"
            title={run.page}
          >
            {trans.__('Open in MLflow')}
          </a>
        )}
        <span className="jp-nbship-Run-spring" />
        <Action
          label={archived ? trans.__('Bring back') : trans.__('Archive')}
          title={
            archived
              ? trans.__('List this run again')
              : trans.__('Put this run away, so that lists leave it out')
          }
          onClick={() => void archive(!archived)}
        />
        <Action
          label={trans.__('Delete…')}
          title={trans.__('Delete this run, after a question')}
          onClick={() => void remove()}
        />
      </div>
      {open === 'rerun' && again && <RerunForm rerun={again} onClose={close} />}
      {open === 'compare' && <ComparePicker run={run} onClose={close} />}
      {open === 'register' &&
        models.map(model => (
          <section
            key={model.name}
            className="jp-nbship-Run-drawer"
            aria-label={trans.__('Register or alias %1', model.name)}
          >
            {models.length > 1 && <h2>{model.name}</h2>}
            <RegisterForm
              model={model}
              onCancel={close}
              onDone={() => {
                close();
                onChange();
              }}
            />
          </section>
        ))}
    </div>
  );
}

function Action(props: {
  label: string;
  title: string;
  /** Whether what it opens is open. */
  pressed?: boolean;
  onClick: (event: React.MouseEvent<HTMLElement>) => void;
}): React.ReactElement {
  return (
    <button
      type="button"
      className="jp-nbship-Button"
      title={props.title}
      aria-expanded={props.pressed}
      onClick={props.onClick}
    >
      {props.label}
    </button>
  );
}
