import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { Lazy } from '../../components/Lazy';
import { useNbship } from '../../core/context';
import { colouredLines, visible, type IColouredLine } from './lines';
import { CHANGE_SIGNS, cellName, changeWord } from './signs';

type CellDiffJson = Schemas['CellDiffJson'];

const LINE_PX = 18;
const SIGNS: Record<string, string> = { '+': '+', '-': '−' };

/** What changed in a cell, line by line. It can be folded. */
export function CellDiff({
  cell,
  open
}: {
  cell: CellDiffJson;
  open: boolean;
}): React.ReactElement {
  const { trans } = useNbship();
  const added = cell.lines.filter(line => line.sign === '+').length;
  const removed = cell.lines.filter(line => line.sign === '-').length;
  const name = cellName(cell, trans);
  return (
    <details className="jp-nbship-CellDiff" open={open}>
      <summary>
        <span className="jp-nbship-Compare-sign" aria-hidden="true">
          {CHANGE_SIGNS[cell.change]}
        </span>
        <span className="jp-nbship-CellDiff-name">{name}</span>
        <span className="jp-nbship-Muted">{changeWord(cell.change, trans)}</span>
        {(added > 0 || removed > 0) && (
          <span
            className="jp-nbship-CellDiff-counts"
            title={trans.__('%1 lines added, %2 removed', added, removed)}
          >
            <ins>+{added}</ins> <del>−{removed}</del>
          </span>
        )}
      </summary>
      <Lazy height={cell.lines.length * LINE_PX}>
        {() => <Lines cell={cell} label={trans.__('Changes of %1', name)} />}
      </Lazy>
    </details>
  );
}

function Lines({ cell, label }: { cell: CellDiffJson; label: string }): React.ReactElement {
  const { trans } = useNbship();
  const lines = React.useMemo(() => colouredLines(cell.lines), [cell]);
  const words = { '+': trans.__('added'), '-': trans.__('removed') };
  return (
    <div className="jp-nbship-Diff" role="region" aria-label={label} tabIndex={0} dir="ltr">
      <table>
        <tbody>
          {lines.map((each, at) => (
            <Line key={at} {...each} words={words} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const LOOKS: Record<string, string> = { '+': 'jp-mod-added', '-': 'jp-mod-removed' };

function Line({
  line,
  spans,
  words
}: IColouredLine & { words: Record<string, string> }): React.ReactElement {
  if (line.sign === '@') {
    return (
      <tr className="jp-nbship-Diff-gap">
        <td />
        <td />
        <td aria-hidden="true">⋯</td>
        <td>{line.text}</td>
      </tr>
    );
  }
  const Change = line.sign === '+' ? 'ins' : line.sign === '-' ? 'del' : 'span';
  return (
    <tr className={LOOKS[line.sign]}>
      <td className="jp-nbship-Diff-number" data-number={line.left ?? ''} />
      <td className="jp-nbship-Diff-number" data-number={line.right ?? ''} />
      <td className="jp-nbship-Diff-sign" aria-label={words[line.sign]}>
        {SIGNS[line.sign] ?? ''}
      </td>
      <td className="jp-nbship-Diff-text">
        <Change>
          {spans.map((span, at) => (
            <span
              key={at}
              className={`${span.kind && `jp-mod-${span.kind}`}${span.changed ? ' jp-mod-changed' : ''}`}
            >
              {visible(span.text)}
            </span>
          ))}
        </Change>
      </td>
    </tr>
  );
}
