import * as React from 'react';

import { formatBytes } from '../../components';
import { useNbship } from '../../core/context';
import { layerWords } from '../../shipping/words';
import type { ILayer } from './results';

const LEAST_SHARE = 0.006;

/** What an image is made of: a bar with a part for each layer, and the numbers. */
export function Layers({ layers }: { layers: readonly ILayer[] }): React.ReactElement {
  const { locale, trans } = useNbship();
  const parts = grouped(layers);
  const total = parts.reduce((sum, part) => sum + part.bytes, 0) || 1;
  return (
    <section className="jp-nbship-Package-part">
      <h2>{trans.__('What is in it')}</h2>
      <div className="jp-nbship-Layers-bar" aria-hidden="true">
        {parts.map((part, at) => (
          <span
            key={part.name}
            className={`jp-mod-${at % COLOURS}`}
            style={{ flexGrow: Math.max(part.bytes / total, LEAST_SHARE) }}
            title={`${layerWords(part.name, trans)}: ${formatBytes(part.bytes, locale)}`}
          />
        ))}
      </div>
      <table className="jp-nbship-Table jp-nbship-Layers" aria-label={trans.__('Layers')}>
        <thead>
          <tr>
            <th scope="col">{trans.__('Layer')}</th>
            <th scope="col" className="jp-mod-number">
              {trans.__('Compressed')}
            </th>
            <th scope="col" className="jp-mod-number">
              {trans.__('Share')}
            </th>
            <th scope="col" />
            <th scope="col">{trans.__('Digest')}</th>
          </tr>
        </thead>
        <tbody>
          {parts.map((part, at) => (
            <tr key={part.name}>
              <th scope="row">
                <span
                  className={`jp-nbship-Layers-key jp-mod-${at % COLOURS}`}
                  aria-hidden="true"
                />
                {layerWords(part.name, trans)}
              </th>
              <td className="jp-mod-number">{formatBytes(part.bytes, locale)}</td>
              <td className="jp-mod-number">
                {(part.bytes / total).toLocaleString(locale, {
                  style: 'percent',
                  maximumFractionDigits: part.bytes / total < 0.01 ? 2 : 0
                })}
              </td>
              <td className="jp-nbship-Muted">
                {part.name === 'base' ? '' : part.cached ? trans.__('cached') : trans.__('new')}
              </td>
              <td>
                <code title={part.digest}>{part.digest.replace('sha256:', '').slice(0, 12)}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface IPart {
  name: string;
  bytes: number;
  cached: boolean;
  digest: string;
}

/** A base has several layers, which are one thing to whoever ships a model. */
function grouped(layers: readonly ILayer[]): IPart[] {
  const parts = new Map<string, IPart>();
  for (const layer of layers) {
    const part = parts.get(layer.name);
    parts.set(layer.name, {
      name: layer.name,
      bytes: (part?.bytes ?? 0) + layer.size_bytes,
      cached: (part?.cached ?? true) && layer.cached,
      digest: part?.digest ?? layer.digest
    });
  }
  return [...parts.values()];
}

const COLOURS = 5;
