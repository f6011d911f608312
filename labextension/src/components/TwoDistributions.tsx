import * as React from 'react';

import type { Schemas } from '../api/operations';

export interface ITwoDistributionsProps {
  distribution: Schemas['Distribution'];
  /** What it shows, for the tooltip and for screen readers. */
  label: string;
  width?: number;
  height?: number;
}

const MOST_BARS = 40;

/** Two distributions of the size of a word: the first or reference as an outline, the second or current filled. */
export function TwoDistributions(props: ITwoDistributionsProps): React.ReactElement | null {
  const { distribution, label, width = 96, height = 22 } = props;
  // All other levels together would be higher than what there is to see.
  const bars = Math.min(distribution.reference.length - Number(distribution.has_other), MOST_BARS);
  const reference = distribution.reference.slice(0, bars);
  const current = distribution.current.slice(0, bars);
  const highest = Math.max(...reference, ...current, 0);
  if (bars <= 0 || highest === 0) {
    return null;
  }
  const step = width / bars;
  // Levels have no order and no neighbours, so their bars stand apart.
  const gap = (distribution.levels ?? []).length > 0 ? Math.min(1, step / 4) : 0;
  const top = (share: number) => height - (share / highest) * (height - 2);
  return (
    <svg
      className="jp-nbship-TwoDistributions"
      role="img"
      aria-label={label}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
    >
      <title>{label}</title>
      {current.map((share, at) => (
        <rect
          key={at}
          className="jp-mod-current"
          x={at * step + gap}
          y={top(share)}
          width={Math.max(step - 2 * gap, 0.5)}
          height={height - top(share)}
        />
      ))}
      <path className="jp-mod-reference" d={outline(reference, step, gap, top, height)} />
    </svg>
  );
}

function outline(
  shares: readonly number[],
  step: number,
  gap: number,
  top: (share: number) => number,
  height: number
): string {
  return shares
    .map((share, at) => {
      const [left, right] = [at * step + gap, (at + 1) * step - gap];
      const start = at === 0 || gap > 0 ? `M${fixed(left)} ${height}V` : 'V';
      const end = at === shares.length - 1 || gap > 0 ? `V${height}` : '';
      return `${start}${fixed(top(share))}H${fixed(right)}${end}`;
    })
    .join('');
}

function fixed(value: number): string {
  return value.toFixed(1);
}
