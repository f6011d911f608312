import * as React from 'react';

import { Badge, type BadgeKind } from '../../components';
import { useNbship } from '../../core/context';
import { Part } from './Part';
import { useOpenRun, usePart } from './parts';
import type { RunDetail } from './RunTab';

const FIRST_COLUMNS = 12;

/** What of the data is other than in the run before; nothing where that cannot be told. */
export function DataChanges({ run }: { run: RunDetail }): React.ReactElement | null {
  const { api, trans } = useNbship();
  const openRun = useOpenRun();
  const { data } = usePart('changes', ask =>
    run.datasets.length > 0 ? api.get('/runs/{run}/changes', ask) : null
  );
  const previous = data?.previous;
  if (!data || !previous) {
    return null;
  }
  return (
    <Part title={trans.__('What changed')} wide>
      <p className="jp-nbship-Run-line">
        {data.datasets.length === 0 ? (
          <Badge kind="ok" label={trans.__('Same data')} />
        ) : (
          <Badge kind="info" label={trans.__('Other data')} />
        )}
        <span>{trans.__('Compared with the run before of this notebook:')}</span>
        <button type="button" className="jp-nbship-Run-link" onClick={() => openRun(previous.id)}>
          {previous.name || previous.id.slice(0, 8)}
        </button>
      </p>
      {data.datasets.length > 0 && (
        <ul className="jp-nbship-Run-changes">
          {data.datasets.map((dataset, at) => (
            <li key={at}>
              <ChangeBadge change={dataset.change} /> <b>{dataset.name}</b>{' '}
              <span>{dataset.text}</span>
              {dataset.columns.length > 0 && (
                <ul>
                  {dataset.columns.slice(0, FIRST_COLUMNS).map((column, index) => (
                    <li key={index}>
                      <ChangeBadge change={column.change} /> <code>{column.name}</code>{' '}
                      <span className="jp-nbship-Muted">{column.text}</span>
                    </li>
                  ))}
                </ul>
              )}
              {dataset.columns.length > FIRST_COLUMNS && (
                <p className="jp-nbship-Muted">
                  {trans.__('and %1 more columns', dataset.columns.length - FIRST_COLUMNS)}
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
    </Part>
  );
}

function ChangeBadge({ change }: { change: string }): React.ReactElement {
  const { trans } = useNbship();
  const words: Record<string, [BadgeKind, string]> = {
    changed: ['warn', trans.__('Changed')],
    type: ['warn', trans.__('Other type')],
    new: ['info', trans.__('New')],
    gone: ['info', trans.__('Gone')],
    moved: ['neutral', trans.__('Moved')]
  };
  const [kind, label] = words[change] ?? ['neutral', change];
  return <Badge kind={kind} label={label} />;
}
