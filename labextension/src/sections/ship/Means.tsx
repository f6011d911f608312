import * as React from 'react';

import { useNbship } from '../../core/context';
import { useResource } from '../../core/resource';

/** What this machine has for shipping, and what to install for more. */
export function Means(): React.ReactElement | null {
  const { api, trans } = useNbship();
  const { data } = useResource(signal => api.get('/shipping/means', { signal }), []);
  if (!data) {
    return null;
  }
  const { means } = data;
  return (
    <details className="jp-nbship-Ship-means">
      <summary>
        {means.engine
          ? trans.__('Models are served in containers')
          : trans.__('No container engine: models are served as processes')}
      </summary>
      <div className="jp-nbship-Ship-meansBody">
        {means.engine ? (
          <p>{means.engine}</p>
        ) : (
          <p>
            {means.engine_problem}{' '}
            {trans.__('Images are built without an engine all the same, as one tarball.')}
          </p>
        )}
        {!means.has_sdk && (
          <p>
            {trans.__('Containers need the Docker SDK:')} <code>{INSTALL}</code>
          </p>
        )}
        <p>
          {trans.__('Base image:')}{' '}
          <code>{means.base_image || trans.__('python:VERSION-slim')}</code>
          {means.base_origin && ` (${means.base_origin})`}
        </p>
        {means.base_problem && <p className="jp-nbship-Ship-message">{means.base_problem}</p>}
        <p>
          {trans.__('Platform:')} <code>{means.platform}</code>
        </p>
      </div>
    </details>
  );
}

const INSTALL = "pip install 'nbship[docker]'";
