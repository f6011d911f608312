import { refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { EmptyState, ErrorNote, IconButton, Loading, TabList } from '../../components';
import { useNbship } from '../../core/context';
import { useTab } from '../../core/tabs';
import { usePolled } from '../../shipping/polled';
import type { ReadingBook } from '../../shipping/rates';
import { again, askAndShip } from '../../shipping/ship';
import type { ServedModel } from '../../shipping/words';
import { usePlace } from '../run/parts';
import { Charts } from './Charts';
import { DriftColumns } from './DriftColumns';
import { ServerLog } from './ServerLog';
import { ServiceHeader } from './ServiceHeader';
import { TryIt } from './TryIt';

const SECONDS = 2;
const ENDED_SECONDS = 10;

/** A served model: a form to ask it, what it is asked and how it does, and its log. */
export default function ServiceTab(props: { name: string; book: ReadingBook }): React.ReactElement {
  const { api, trans } = useNbship();
  const { close } = useTab();
  const { name, book } = props;
  const [lost, setLost] = React.useState(false);
  const place = usePlace(lost);
  const { data, error, reload } = usePolled(
    async () => {
      const answer = await api.get('/services/{name}', {
        path: { name },
        query: { path: place }
      });
      book.add(name, answer.reading);
      return answer;
    },
    answer => (answer?.service.state === 'failed' ? ENDED_SECONDS : SECONDS),
    [name, place, book]
  );
  const gone = error?.code === 'service_not_found';
  React.useEffect(() => setLost(gone && data === null), [gone, data]);

  if (!data) {
    return gone ? (
      <EmptyState
        title={trans.__('%1 is not served', name)}
        text={trans.__(
          'It was stopped, or belongs to another project: open a notebook of that one. Models are served from the Ship section of the sidebar.'
        )}
        action={{ label: trans.__('Close'), onClick: close }}
      />
    ) : error ? (
      <ErrorNote error={error} onRetry={reload} />
    ) : (
      <Loading label={trans.__('Loading %1…', name)} />
    );
  }
  const { service, reading } = data;
  const ended = gone || service.state === 'failed' || service.state === 'stopped';
  return (
    <article className="jp-nbship-Service" aria-label={trans.__('Served model %1', name)}>
      <ServiceHeader
        service={gone ? { ...service, state: 'stopped' } : service}
        reading={reading}
        place={place}
        tools={
          <IconButton icon={refreshIcon} label={trans.__('Look at it again')} onClick={reload} />
        }
        onChange={reload}
      />
      {ended && <Ended service={service} gone={gone} />}
      {error && !gone && <ErrorNote error={error} onRetry={reload} />}
      <TabList
        label={trans.__('Parts of the service')}
        tabs={[
          {
            id: 'ask',
            label: trans.__('Try it'),
            panel: () => (
              <TryIt
                name={name}
                place={place}
                ready={service.state === 'ready' && !gone}
                onAsked={reload}
              />
            )
          },
          {
            id: 'load',
            label: trans.__('Load'),
            panel: () => <Charts readings={book.of(name)} reading={reading} />
          },
          {
            id: 'drift',
            label: trans.__('Drift'),
            note: farCount(data.standing) || undefined,
            panel: () => <DriftColumns data={data} />
          },
          {
            id: 'log',
            label: trans.__('Server log'),
            panel: () => <ServerLog name={name} place={place} gone={gone} />
          }
        ]}
      />
    </article>
  );
}

function farCount(standing: Record<string, string>): number {
  return Object.values(standing).filter(state => state === 'far').length;
}

/** Says that it does not answer any more, and offers to serve it again. */
function Ended(props: { service: ServedModel; gone: boolean }): React.ReactElement {
  const nbship = useNbship();
  const { trans } = nbship;
  const { service, gone } = props;
  return (
    <div className="jp-nbship-Service-ended" role="alert">
      <p>
        {gone
          ? trans.__('It was stopped. What you see is what was known of it.')
          : trans.__('It does not answer any more: %1', service.reason || service.state)}
      </p>
      {service.run_id && (
        <button
          type="button"
          className="jp-nbship-Button"
          onClick={() => void askAndShip(nbship, again(service))}
        >
          {trans.__('Serve it again…')}
        </button>
      )}
    </div>
  );
}
