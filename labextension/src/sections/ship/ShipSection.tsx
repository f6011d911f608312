import * as React from 'react';

import { EmptyState, ErrorNote, Loading } from '../../components';
import { useActive, useJobFinished, useJobs, useNbship } from '../../core/context';
import { useResource } from '../../core/resource';
import { shipIcon } from '../../icons';
import { usePolled } from '../../shipping/polled';
import type { ReadingBook } from '../../shipping/rates';
import { askAndShip } from '../../shipping/ship';
import { ImageRow } from './ImageRow';
import { Means } from './Means';
import { ServiceRow } from './ServiceRow';
import { ShipJob } from './ShipJob';

const KINDS = ['package', 'serve'];
const LIVELY_SECONDS = 3;
const QUIET_SECONDS = 15;
const SHOWN_IMAGES = 5;

/** What is served, the images that were built, and the way to more of both. */
export default function ShipSection({ book }: { book: ReadingBook }): React.ReactElement {
  const nbship = useNbship();
  const { api, trans } = nbship;
  const { path } = useActive();
  const { jobs } = useJobs();
  const served = usePolled(
    async () => {
      const answer = await api.get('/services', { query: { readings: true } });
      for (const [name, reading] of Object.entries(answer.readings)) {
        book.add(name, reading);
      }
      return answer.services;
    },
    services => (services?.length ? LIVELY_SECONDS : QUIET_SECONDS),
    [path]
  );
  const images = useResource(signal => api.get('/shipping/images', { signal }), [path]);
  const [all, setAll] = React.useState(false);
  useJobFinished(job => {
    if (KINDS.includes(job.kind)) {
      served.reload();
      images.reload();
    }
  });

  const open = openJobs(jobs);
  const built = images.data?.images ?? [];
  const shown = all ? built : built.slice(0, SHOWN_IMAGES);
  const services = served.data ?? [];
  const nothing = services.length + open.length + built.length === 0;
  const loaded = served.data !== null && images.data !== null;
  const error = served.error ?? images.error;
  const again = () => {
    served.reload();
    images.reload();
  };

  if (!loaded && !error) {
    return <Loading label={trans.__('Loading what is served…')} />;
  }
  return (
    <div className="jp-nbship-Ship jp-nbship-Pad">
      {error && <ErrorNote error={error} onRetry={again} />}
      {nothing && loaded ? (
        <EmptyState
          icon={shipIcon}
          title={trans.__('Nothing is shipped yet')}
          text={trans.__(
            'Serve the model of a run and ask it from a form, or build a container image that has only what the model needs.'
          )}
          action={{
            label: trans.__('Ship a run…'),
            onClick: () => void askAndShip(nbship, {})
          }}
        />
      ) : (
        <button
          type="button"
          className="jp-nbship-Button jp-mod-accept"
          onClick={() => void askAndShip(nbship, {})}
        >
          {trans.__('Ship a run…')}
        </button>
      )}
      {open.length > 0 && (
        <ul className="jp-nbship-Ship-list" aria-label={trans.__('Work on shipping')}>
          {open.map(job => (
            <ShipJob key={job.id} job={job} />
          ))}
        </ul>
      )}
      {services.length > 0 && (
        <>
          <h3>{trans.__('Served')}</h3>
          <ul className="jp-nbship-Ship-list" aria-label={trans.__('Served models')}>
            {services.map(service => (
              <ServiceRow
                key={`${service.kind}:${service.name}`}
                service={service}
                readings={book.of(service.name)}
                onChange={served.reload}
              />
            ))}
          </ul>
        </>
      )}
      {built.length > 0 && (
        <>
          <h3>{trans.__('Images')}</h3>
          <ul className="jp-nbship-Ship-list" aria-label={trans.__('Images that were built')}>
            {shown.map(image => (
              <ImageRow key={image.reference} image={image} />
            ))}
          </ul>
          {built.length > shown.length && (
            <button type="button" className="jp-nbship-Button" onClick={() => setAll(true)}>
              {trans.__('Show all %1 images', built.length)}
            </button>
          )}
        </>
      )}
      <Means />
    </div>
  );
}

/** Return the jobs that run, and of each run and kind of work the last one if it failed. */
function openJobs<J extends { id: string; kind: string; state: string; path: string }>(
  jobs: readonly J[]
): J[] {
  const newest = new Set<string>();
  return jobs.filter(job => {
    if (!KINDS.includes(job.kind)) {
      return false;
    }
    const what = `${job.kind} ${job.path}`;
    const isNewest = !newest.has(what);
    newest.add(what);
    return job.state === 'running' || (isNewest && ['failed', 'lost'].includes(job.state));
  });
}
