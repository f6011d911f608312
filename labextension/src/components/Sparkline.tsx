import * as React from 'react';

export interface ISparklineProps {
  /** The values in order; what is no finite number is left out. */
  values: readonly number[];
  /** What it shows, for the tooltip and for screen readers. */
  label: string;
  width?: number;
  height?: number;
}

const MARGIN = 2;

/** A line of the size of a word. */
export function Sparkline(props: ISparklineProps): React.ReactElement | null {
  const { values, label, width = 64, height = 16 } = props;
  const points = sparklinePoints(values, width, height);
  if (points.length === 0) {
    return null;
  }
  const [x, y] = points[points.length - 1];
  return (
    <svg
      className="jp-nbship-Sparkline"
      role="img"
      aria-label={label}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
    >
      <title>{label}</title>
      <polyline points={points.map(point => point.join(',')).join(' ')} />
      <circle cx={x} cy={y} r={1.6} />
    </svg>
  );
}

/** Return where the finite values lie in a box; more values than pixels are thinned to their extremes. */
export function sparklinePoints(
  values: readonly number[],
  width: number,
  height: number
): [number, number][] {
  const finite = values.flatMap((value, index) =>
    Number.isFinite(value) ? [{ index, value }] : []
  );
  const low = Math.min(...thinned(finite.map(point => point.value)));
  const high = Math.max(...thinned(finite.map(point => point.value)));
  const stride = Math.max(values.length - 1, 1);
  const room = height - 2 * MARGIN;
  return every(finite, 4 * width).map(({ index, value }) => [
    round(MARGIN + (index / stride) * (width - 2 * MARGIN)),
    round(high === low ? height / 2 : MARGIN + (1 - (value - low) / (high - low)) * room)
  ]);
}

// A spread of very many arguments overflows the stack, so the extremes are found in portions.
function thinned(values: number[]): number[] {
  const portions: number[] = [];
  for (let at = 0; at < values.length; at += 1000) {
    const portion = values.slice(at, at + 1000);
    portions.push(Math.min(...portion), Math.max(...portion));
  }
  return portions.length > 1000 ? thinned(portions) : portions;
}

function every<T>(items: readonly T[], most: number): readonly T[] {
  const step = Math.ceil(items.length / most);
  return step <= 1
    ? items
    : items.filter((_, index) => index % step === 0 || index === items.length - 1);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
