import * as React from 'react';

import { Badge, Duration, type BadgeKind } from '../../components';
import { Lazy } from '../../components/Lazy';
import { SourceCode } from '../../components/SourceCode';
import { useNbship } from '../../core/context';
import type { RunCell } from './CellsPart';
import { OutputView } from './OutputView';

const LINE_PIXELS = 17;
const OUTPUT_PIXELS = 80;
const FRAME_PIXELS = 24;

/** One execution of a cell: its source, what it gave, and what the run has to do with it. */
export function CellView({ cell }: { cell: RunCell }): React.ReactElement {
  const { trans } = useNbship();
  const failed = cell.error !== null;
  const lines = cell.source.split('\n').length;
  const height = lines * LINE_PIXELS + cell.outputs.length * OUTPUT_PIXELS + FRAME_PIXELS;
  const name = trans.__('Cell %1', cell.index + 1);
  return (
    <li
      className={`jp-nbship-Run-cell${cell.needed ? ' jp-mod-needed' : ''}${failed ? ' jp-mod-failed' : ''}`}
      aria-label={name}
    >
      <div
        className="jp-nbship-Run-prompt"
        title={trans.__('Execution %1 of the kernel', cell.index + 1)}
      >
        [{cell.execution_count ?? ' '}]:
      </div>
      <Lazy height={height} className="jp-nbship-Run-cellBody">
        {() => (
          <>
            <SourceCode
              source={cell.source}
              label={trans.__('Source of cell %1', cell.index + 1)}
            />
            {cell.outputs.map((output, at) => (
              <OutputView key={at} cell={cell.index} at={at} output={output} />
            ))}
            {cell.outputs_cut && (
              <p className="jp-nbship-Muted">
                {trans.__(
                  'Some of its outputs were not kept: they were too large, or the cell ran again later.'
                )}
              </p>
            )}
          </>
        )}
      </Lazy>
      <div className="jp-nbship-Run-marks">
        {cell.needed && (
          <Badge
            kind="info"
            label={trans.__('Needed')}
            title={trans.__('The result of the run depends on this cell')}
          />
        )}
        {cell.tracked && (
          <Badge
            kind="ok"
            label={trans.__('Tracked')}
            title={trans.__('It ran inside the run, rather than before it')}
          />
        )}
        <State cell={cell} />
        {cell.status !== 'unobserved' && cell.status !== 'running' && (
          <span className="jp-nbship-Muted">
            <Duration seconds={cell.seconds} />
          </span>
        )}
      </div>
    </li>
  );
}

function State({ cell }: { cell: RunCell }): React.ReactElement | null {
  const { trans } = useNbship();
  const states: Partial<Record<RunCell['status'], [BadgeKind, string, string]>> = {
    running: ['running', trans.__('Running'), trans.__('It runs now')],
    error: ['failed', trans.__('Failed'), trans.__('It ended with an error')],
    interrupted: ['warn', trans.__('Interrupted'), trans.__('Somebody stopped it')],
    killed: ['failed', trans.__('Killed'), trans.__('The kernel died while it ran')],
    unobserved: [
      'neutral',
      trans.__('Not observed'),
      trans.__('It ran before nbship was loaded: its source is known, the rest is not')
    ]
  };
  const found = states[cell.status];
  return found ? <Badge kind={found[0]} label={found[1]} title={found[2]} /> : null;
}
