import * as React from 'react';

import { ErrorNote, Loading, Log } from '../../components';
import { useNbship } from '../../core/context';
import { usePolled } from '../../shipping/polled';

const SECONDS = 3;
const IDLE_SECONDS = 60;
const LINES = 500;

/** The last lines that the server wrote to its outputs. */
export function ServerLog(props: {
  name: string;
  place: string;
  gone: boolean;
}): React.ReactElement {
  const { api, trans } = useNbship();
  const { name, place, gone } = props;
  const { data, error, reload } = usePolled(
    () =>
      api.get('/services/{name}/log', {
        path: { name },
        query: { path: place, lines: LINES }
      }),
    () => (gone ? IDLE_SECONDS : SECONDS),
    [name, place]
  );
  if (!data) {
    return error ? (
      <ErrorNote error={error} onRetry={reload} />
    ) : (
      <Loading label={trans.__('Loading the log…')} />
    );
  }
  return (
    <div className="jp-nbship-Service-part">
      {error && !gone && <ErrorNote error={error} onRetry={reload} />}
      {data.log ? (
        <Log text={data.log} />
      ) : (
        <p className="jp-nbship-Muted">
          {trans.__('The server wrote nothing: it says something only when something is wrong.')}
        </p>
      )}
    </div>
  );
}
