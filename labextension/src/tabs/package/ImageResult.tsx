import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { Badge, CopyButton, KeyValue, formatBytes, type IKeyValueRow } from '../../components';
import { useNbship } from '../../core/context';
import type { JobJson } from '../../core/jobs';
import { runCommand } from '../../shipping/images';
import { askAndShip } from '../../shipping/ship';
import { shipmentOf } from './Failure';
import { Layers } from './Layers';
import type { IImage } from './results';

/** An image that was built: what it is, what is in it, how it was tested, and what to do with it. */
export function ImageResult(props: {
  image: IImage;
  told: Schemas['ShippingJobJson'];
  job: JobJson;
}): React.ReactElement {
  const nbship = useNbship();
  const { locale, trans } = nbship;
  const { image, told, job } = props;
  const shipment = shipmentOf(job, told);
  const command = runCommand(image);
  const rows: IKeyValueRow[] = [
    { key: trans.__('Name'), value: <Copied text={image.reference} /> },
    { key: trans.__('Digest'), value: <Copied text={image.digest} /> },
    { key: trans.__('Platform'), value: image.platform },
    {
      key: trans.__('Size'),
      value: trans.__(
        '%1, of which %2 above its base %3',
        formatBytes(image.size_bytes, locale),
        formatBytes(image.added_bytes, locale),
        image.base
      )
    },
    ...told.places.map(([word, place]) => ({
      key: PLACES[word]?.(trans) ?? word,
      value: <Copied text={place} />
    })),
    { key: trans.__('Smoke test'), value: <Smoke image={image} words={told.smoke} /> },
    ...(image.verified === null
      ? []
      : [
          {
            key: trans.__('Built again'),
            value: image.verified ? (
              <Badge kind="ok" label={trans.__('same digest')} />
            ) : (
              <Badge kind="failed" label={trans.__('another digest')} />
            )
          }
        ])
  ];
  return (
    <>
      <section className="jp-nbship-Package-part">
        <KeyValue label={trans.__('The image')} rows={rows} />
        {image.notes.length > 0 && (
          <ul className="jp-nbship-Package-notes" aria-label={trans.__('Notes')}>
            {image.notes.map(note => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        )}
        <div className="jp-nbship-Package-actions">
          <button
            type="button"
            className="jp-nbship-Button jp-mod-accept"
            onClick={() =>
              void askAndShip(nbship, { ...shipment, kind: 'serve', options: common(shipment) })
            }
          >
            {trans.__('Serve this model…')}
          </button>
          {!image.pushed && (
            <button
              type="button"
              className="jp-nbship-Button"
              onClick={() => void askAndShip(nbship, { ...shipment, more: true })}
            >
              {trans.__('Push it…')}
            </button>
          )}
          <span className="jp-nbship-Package-command">
            <code title={command}>{command}</code>
            <CopyButton text={command} label={trans.__('Copy the command that runs it')} />
          </span>
        </div>
      </section>
      <Layers layers={image.layers} />
    </>
  );
}

type Trans = ReturnType<typeof useNbship>['trans'];

const PLACES: Record<string, (trans: Trans) => string> = {
  engine: trans => trans.__('In the engine'),
  archive: trans => trans.__('Tarball'),
  context: trans => trans.__('Build context'),
  pushed: trans => trans.__('Pushed')
};

/** Return the options that make sense for a service too. */
function common({ options }: ReturnType<typeof shipmentOf>) {
  const { name, method, trust_pickle } = options;
  return { name, method, trust_pickle };
}

function Smoke(props: { image: IImage; words: string }): React.ReactElement {
  const { trans } = useNbship();
  const tested = props.image.smoke.where !== '';
  return (
    <span>
      <Badge
        kind={tested ? 'ok' : 'neutral'}
        label={tested ? trans.__('passed') : trans.__('not run')}
      />{' '}
      {props.words}
    </span>
  );
}

function Copied({ text }: { text: string }): React.ReactElement {
  return (
    <span className="jp-nbship-Package-copied">
      <code>{text}</code>
      <CopyButton text={text} />
    </span>
  );
}
