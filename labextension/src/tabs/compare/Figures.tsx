import type { PartialJSONObject } from '@lumino/coreutils';
import * as React from 'react';

import { ErrorNote, Loading, MimeBundle } from '../../components';
import { Lazy } from '../../components/Lazy';
import { useNbship } from '../../core/context';
import { useResource } from '../../core/resource';
import { Part } from './Part';

/** The charts of runs, by Lab's renderer of plotly; where there is none, as drawings. */
export function Figures({ runs }: { runs: readonly string[] }): React.ReactElement | null {
  const { api, trans } = useNbship();
  const ids = runs.join(',');
  const { data, error, reload } = useResource(
    signal => api.get('/comparison/figures', { query: { runs: ids }, signal }),
    [ids]
  );
  if (error) {
    return <ErrorNote error={error} onRetry={reload} />;
  }
  if (!data) {
    return <Loading label={trans.__('Loading charts…')} delayMs={1000} />;
  }
  if (data.figures.length === 0) {
    return null;
  }
  return (
    <Part title={trans.__('Charts')}>
      {data.figures.map((figure, at) => (
        <Lazy key={at} height={360}>
          {() => (
            <div className="jp-nbship-Compare-figure">
              <MimeBundle
                bundle={figure as PartialJSONObject}
                label={String(figure['text/plain'])}
              />
            </div>
          )}
        </Lazy>
      ))}
    </Part>
  );
}
