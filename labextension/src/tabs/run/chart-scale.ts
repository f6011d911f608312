/** Where values lie between the least and the largest, and round values in between. */
export interface IScale {
  low: number;
  high: number;
  ticks: number[];
  /** Where a value lies, from 0 to 1. */
  at: (value: number) => number;
}

/** Return the scale of finite values. */
export function scaleOf(values: readonly number[]): IScale {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (Number.isFinite(value)) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) {
    low = high = 0;
  }
  const span = high - low;
  return {
    low,
    high,
    ticks: ticks(low, high),
    at: value => (span > 0 ? (value - low) / span : 0.5)
  };
}

/** Return a path through values; it is broken where one is undefined. */
export function linePath(
  steps: readonly number[],
  values: readonly (number | null)[],
  x: (step: number) => number,
  y: (value: number) => number
): string {
  let path = '';
  let pen = false;
  values.forEach((value, index) => {
    if (value === null || !Number.isFinite(value)) {
      pen = false;
      return;
    }
    path += `${pen ? 'L' : 'M'}${x(steps[index]).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = true;
  });
  return path;
}

function ticks(low: number, high: number): number[] {
  const span = high - low;
  if (!(span > 0)) {
    return [low];
  }
  const rough = 10 ** Math.floor(Math.log10(span / 3));
  const step = [1, 2, 5, 10].map(each => each * rough).find(each => span / each <= 5) ?? span;
  const found: number[] = [];
  for (let at = Math.ceil(low / step); at * step <= high; at++) {
    found.push(at * step);
  }
  return found;
}
