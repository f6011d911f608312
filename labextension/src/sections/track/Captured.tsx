import * as React from 'react';

import { ErrorNote, Loading } from '../../components';
import { useNbship } from '../../core/context';
import { useResource } from '../../core/resource';
import { TrackCommandIDs } from '../../tracking/commands';
import { Part } from './Part';

/** What a tracked cell leaves in its run, and what switches it. */
export function Captured({ path }: { path: string }): React.ReactElement {
  const { api, commands, trans } = useNbship();
  const { data, error, reload } = useResource(signal => api.get('/capture', { signal }), [path]);
  const off = (data?.captured ?? []).filter(one => !one.on).length;
  const note = off > 0 ? trans._n('%1 switched off', '%1 switched off', off) : undefined;
  return (
    <Part id="captured" title={trans.__('What is recorded')} note={note} open={false}>
      {error && !data && <ErrorNote error={error} onRetry={reload} />}
      {!error && !data && <Loading label={trans.__('Loading settings…')} />}
      {data && (
        <>
          <ul className="jp-nbship-Track-captured">
            {data.captured.map(one => (
              <li key={one.text} className={one.on ? '' : 'jp-mod-off'} title={origin(one)}>
                <span role="img" aria-label={one.on ? trans.__('on') : trans.__('off')}>
                  {one.on ? '✓' : '–'}
                </span>
                <span>{one.text}</span>
              </li>
            ))}
          </ul>
          <p className="jp-nbship-Muted">
            {trans.__(
              'Secrets are masked before anything is written. Switch a part off with %1 in pyproject.toml, or for this kernel with %2.',
              '[tool.nbship]',
              '%config Nbship'
            )}
          </p>
          <div className="jp-nbship-Track-buttons">
            <button
              type="button"
              className="jp-nbship-Track-link"
              onClick={() => void commands.execute(TrackCommandIDs.openDoctor)}
            >
              {trans.__('All settings and where they come from')}
            </button>
          </div>
        </>
      )}
    </Part>
  );
}

function origin(one: { setting: string; origin: string }): string {
  return one.setting ? `${one.setting}: ${one.origin}` : one.origin;
}
