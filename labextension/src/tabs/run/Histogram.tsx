import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { useNbship } from '../../core/context';

const WIDTH = 96;
const HEIGHT = 22;

/** The distribution of a column in the size of a word; what it shows is said in the columns beside it. */
export function Histogram(props: {
  column: Schemas['ColumnSummaryJson'];
}): React.ReactElement | null {
  const { trans } = useNbship();
  const { shares, levels, name } = props.column;
  if (shares.length === 0) {
    return null;
  }
  const top = Math.max(...shares) || 1;
  const pitch =
    levels.length > 0 ? Math.min(WIDTH / shares.length, WIDTH / 5) : WIDTH / shares.length;
  const gap = levels.length > 0 ? 2 : 0;
  const label = trans.__('Distribution of %1', name);
  return (
    <svg
      className="jp-nbship-Run-histogram"
      role="img"
      aria-label={label}
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
    >
      {shares.map((share, at) => {
        // What is there at all can be seen.
        const height = share > 0 ? Math.max((share / top) * HEIGHT, 1) : 0;
        return (
          <rect
            key={at}
            x={at * pitch}
            y={HEIGHT - height}
            width={Math.max(pitch - gap, 1)}
            height={height}
          >
            <title>{levels[at] ? `${levels[at]}: ${percent(share)}` : percent(share)}</title>
          </rect>
        );
      })}
    </svg>
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
