import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { EmptyState, ErrorNote, Loading } from '../../components';
import { useNbship } from '../../core/context';
import { LineageGraph } from './LineageGraph';
import { useOpenRun, usePart, useRun } from './parts';

export type Lineage = Schemas['LineageJson'];
export type LineageNode = Schemas['LineageNode'];

/** What a run came from and what came out of it, as a graph and as a list. */
export function LineagePart(): React.ReactElement {
  const { api, trans } = useNbship();
  const { data, error, reload } = usePart('lineage', ask => api.get('/runs/{run}/lineage', ask));
  if (!data) {
    return error ? (
      <ErrorNote error={error} onRetry={reload} />
    ) : (
      <Loading label={trans.__('Loading the lineage…')} />
    );
  }
  if (data.nodes.length < 2) {
    return (
      <EmptyState
        title={trans.__('No lineage')}
        text={trans.__('Nothing is known of what this run read, and nothing was made of it yet.')}
      />
    );
  }
  return (
    <div className="jp-nbship-Run-stack">
      <LineageGraph lineage={data} />
      <LineageList lineage={data} />
    </div>
  );
}

/** The same as the graph, in words: each thing with what it came from. */
function LineageList({ lineage }: { lineage: Lineage }): React.ReactElement {
  const { trans } = useNbship();
  const { id } = useRun();
  const openRun = useOpenRun();
  const [open, setOpen] = React.useState(false);
  const byId = new Map(lineage.nodes.map(node => [node.id, node]));
  return (
    <details
      className="jp-nbship-Run-list"
      open={open}
      onToggle={event => setOpen(event.currentTarget.open)}
    >
      <summary>{trans.__('The same as a list')}</summary>
      <ul aria-label={trans.__('Lineage')}>
        {lineage.nodes.map(node => {
          const from = lineage.edges
            .filter(([, end]) => end === node.id)
            .flatMap(([start]) => byId.get(start)?.label ?? []);
          return (
            <li key={node.id}>
              <span className="jp-nbship-Muted">{kindWord(node, trans)}</span>{' '}
              {node.run && node.run !== id ? (
                <button
                  type="button"
                  className="jp-nbship-Run-link"
                  onClick={() => openRun(node.run ?? '')}
                >
                  {node.label}
                </button>
              ) : (
                <b>{node.label}</b>
              )}
              {node.detail && <span className="jp-nbship-Muted"> {node.detail}</span>}
              {from.length > 0 && <span> {trans.__('from %1', from.join(', '))}</span>}
            </li>
          );
        })}
      </ul>
    </details>
  );
}

/** What a thing of a lineage is, in a word. */
export function kindWord(
  node: Pick<LineageNode, 'kind'>,
  trans: ReturnType<typeof useNbship>['trans']
): string {
  const words: Record<string, string> = {
    file: trans.__('File'),
    dataset: trans.__('Data'),
    run: trans.__('Run'),
    model: trans.__('Model'),
    version: trans.__('Version'),
    image: trans.__('Image'),
    service: trans.__('Service')
  };
  return words[node.kind] ?? node.kind;
}
