import { closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { asApiError, type ApiError } from '../../api/error';
import { confirm, EmptyState, ErrorNote, IconButton } from '../../components';
import { useNbship } from '../../core/context';
import type { RunModel } from './ModelPart';
import { Part } from './Part';
import { useRun } from './parts';
import { RegisterForm } from './RegisterForm';

/** Where a model is registered, and under which aliases. */
export function Versions(props: { model: RunModel; onChange: () => void }): React.ReactElement {
  const { api, trans } = useNbship();
  const { place } = useRun();
  const { model, onChange } = props;
  const [asking, setAsking] = React.useState(false);
  const [error, setError] = React.useState<ApiError | null>(null);

  const take = async (name: string, alias: string) => {
    const sure = await confirm(trans, {
      title: trans.__('Take an alias away'),
      body: trans.__(
        'What loads models:/%1@%2 will not find a model any more, until the alias points to one again.',
        name,
        alias
      ),
      accept: trans.__('Take %1 away', alias),
      danger: true
    });
    if (!sure) {
      return;
    }
    try {
      await api.delete('/runs/alias', { query: { path: place, name, alias } });
      setError(null);
      onChange();
    } catch (thrown) {
      setError(asApiError(thrown, trans));
    }
  };

  return (
    <Part
      title={trans.__('Registered')}
      count={model.versions.length}
      tools={
        <button
          type="button"
          className="jp-nbship-Button"
          aria-expanded={asking}
          onClick={() => setAsking(!asking)}
        >
          {model.versions.length > 0 ? trans.__('Register or alias…') : trans.__('Register…')}
        </button>
      }
    >
      {asking && (
        <RegisterForm
          model={model}
          onDone={() => {
            setAsking(false);
            onChange();
          }}
          onCancel={() => setAsking(false)}
        />
      )}
      {model.versions.length === 0 && !asking && (
        <EmptyState
          title={trans.__('Not registered')}
          text={trans.__(
            'A registered model has a name, versions and aliases such as champion: what serves it can ask for the alias.'
          )}
        />
      )}
      {model.versions.length > 0 && (
        <table className="jp-nbship-KeyValue" aria-label={trans.__('Registered versions')}>
          <tbody>
            {model.versions.map(version => (
              <tr key={version.uri}>
                <th scope="row" title={version.uri}>
                  {trans.__('%1, version %2', version.name, version.version)}
                </th>
                <td>
                  {version.aliases.map(alias => (
                    <span key={alias} className="jp-nbship-Run-alias">
                      @{alias}
                      <IconButton
                        icon={closeIcon}
                        label={trans.__('Take the alias %1 away', alias)}
                        onClick={() => void take(version.name, alias)}
                      />
                    </span>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {error && <ErrorNote error={error} />}
    </Part>
  );
}
