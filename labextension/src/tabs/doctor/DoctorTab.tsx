import { refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { Badge, ErrorNote, IconButton, Loading } from '../../components';
import { useNbship } from '../../core/context';
import { useResource } from '../../core/resource';

type Check = Schemas['CheckJson'];

/** What works on this machine, and where each setting comes from. */
export default function DoctorTab(): React.ReactElement {
  const { api, trans } = useNbship();
  const { data, error, loading, reload } = useResource(
    signal => api.get('/doctor', { signal }),
    []
  );
  return (
    <div className="jp-nbship-Doctor">
      <header className="jp-nbship-Doctor-head">
        <h2>{trans.__('What works on this machine')}</h2>
        {data && <Verdict healthy={data.healthy} />}
        <IconButton
          icon={refreshIcon}
          label={trans.__('Check again')}
          disabled={loading}
          onClick={reload}
        />
      </header>
      {error && <ErrorNote error={error} onRetry={reload} />}
      {!data && !error && (
        <Loading label={trans.__('Looking at packages, store and containers…')} />
      )}
      {data && (
        <>
          <Checks checks={data.checks} />
          <h3>{trans.__('Settings')}</h3>
          <p className="jp-nbship-Muted">
            {trans.__(
              'From %1 in a kernel, environment variables, %2 of pyproject.toml, or the default, in this order.',
              '%config Nbship',
              '[tool.nbship]'
            )}
          </p>
          <table className="jp-nbship-Table" aria-label={trans.__('Settings')}>
            <thead>
              <tr>
                <th scope="col">{trans.__('Setting')}</th>
                <th scope="col">{trans.__('Value')}</th>
                <th scope="col">{trans.__('Where from')}</th>
              </tr>
            </thead>
            <tbody>
              {data.settings.map(one => (
                <tr key={one.name}>
                  <th scope="row">{one.name}</th>
                  <td className="jp-nbship-Doctor-value">{one.value || '–'}</td>
                  <td className="jp-nbship-Muted">{one.origin}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </div>
  );
}

function Verdict({ healthy }: { healthy: boolean }): React.ReactElement {
  const { trans } = useNbship();
  return healthy ? (
    <Badge kind="ok" label={trans.__('nothing is broken')} />
  ) : (
    <Badge kind="failed" label={trans.__('something is broken')} />
  );
}

function Checks({ checks }: { checks: readonly Check[] }): React.ReactElement {
  const { trans } = useNbship();
  return (
    <table className="jp-nbship-Table" aria-label={trans.__('Checks')}>
      <thead>
        <tr>
          <th scope="col">{trans.__('State')}</th>
          <th scope="col">{trans.__('What')}</th>
          <th scope="col">{trans.__('Found')}</th>
        </tr>
      </thead>
      <tbody>
        {checks.map((check, index) => (
          <tr key={index}>
            <td>
              <State ok={check.ok} />
            </td>
            <th scope="row">{check.name}</th>
            <td className="jp-nbship-Doctor-value">
              {check.found}
              {check.hint && <div className="jp-nbship-Muted">{check.hint}</div>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function State({ ok }: { ok: boolean | null }): React.ReactElement {
  const { trans } = useNbship();
  if (ok === null) {
    return <Badge kind="neutral" label={trans.__('not there')} />;
  }
  return ok ? (
    <Badge kind="ok" label={trans.__('works')} />
  ) : (
    <Badge kind="failed" label={trans.__('broken')} />
  );
}
