import * as React from 'react';

import { asApiError, type ApiError } from '../../api/error';
import { ErrorNote, Field } from '../../components';
import { useNbship } from '../../core/context';
import type { RunModel } from './ModelPart';
import { useRun } from './parts';

export interface IRegisterFormProps {
  model: RunModel;
  onDone: () => void;
  onCancel: () => void;
}

const NEW = '';

/** Makes a model a new version of a registered one, or lets an alias point to a version that it has. */
export function RegisterForm({ model, onDone, onCancel }: IRegisterFormProps): React.ReactElement {
  const { api, trans } = useNbship();
  const { id, place } = useRun();
  const versions = model.versions;
  const [uri, setUri] = React.useState(versions[0]?.uri ?? NEW);
  const [name, setName] = React.useState(versions[0]?.name ?? '');
  const [alias, setAlias] = React.useState('');
  const [error, setError] = React.useState<ApiError | null>(null);
  const [busy, setBusy] = React.useState(false);
  const version = versions.find(each => each.uri === uri);
  const ready = version ? alias.trim() !== '' : name.trim() !== '';

  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const query = { path: place };
    try {
      if (version) {
        const body = { name: version.name, version: version.version, alias: alias.trim() };
        await api.post('/runs/alias', { query, body });
      } else {
        const run = `runs:/${id}/${model.name}`;
        const body = { run, name: name.trim(), alias: alias.trim() || null };
        await api.post('/runs/register', { query, body });
      }
      onDone();
    } catch (thrown) {
      setError(asApiError(thrown, trans));
      setBusy(false);
    }
  };

  return (
    <form className="jp-nbship-Run-form" onSubmit={event => void submit(event)}>
      {versions.length > 0 && (
        <Field label={trans.__('What')}>
          {attributes => (
            <select
              {...attributes}
              className="jp-nbship-Select"
              value={uri}
              onChange={event => setUri(event.target.value)}
            >
              {versions.map(each => (
                <option key={each.uri} value={each.uri}>
                  {trans.__('Alias of %1, version %2', each.name, each.version)}
                </option>
              ))}
              <option value={NEW}>{trans.__('A new version')}</option>
            </select>
          )}
        </Field>
      )}
      {!version && (
        <Field
          label={trans.__('Name of the registered model')}
          help={trans.__('A new name makes a new one; a known name gets a new version.')}
        >
          {attributes => (
            <input
              {...attributes}
              className="jp-nbship-Input"
              autoFocus
              value={name}
              onChange={event => setName(event.target.value)}
            />
          )}
        </Field>
      )}
      <Field
        label={version ? trans.__('Alias') : trans.__('Alias (optional)')}
        help={trans.__('For example champion: it moves here from the version that has it now.')}
      >
        {attributes => (
          <input
            {...attributes}
            className="jp-nbship-Input"
            value={alias}
            onChange={event => setAlias(event.target.value)}
          />
        )}
      </Field>
      {error && <ErrorNote error={error} />}
      <div className="jp-nbship-Run-buttons">
        <button type="submit" className="jp-nbship-Button jp-mod-accept" disabled={!ready || busy}>
          {version ? trans.__('Set the alias') : trans.__('Register')}
        </button>
        <button type="button" className="jp-nbship-Button" onClick={onCancel}>
          {trans.__('Cancel')}
        </button>
      </div>
    </form>
  );
}
