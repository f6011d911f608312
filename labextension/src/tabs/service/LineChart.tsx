import * as React from 'react';

import { useNbship } from '../../core/context';

export interface ISeries {
  name: string;
  points: readonly { at: number; value: number | null }[];
}

export interface ILineChartProps {
  title: string;
  /** The numbers of now, in words. */
  words: string;
  /** What it shows, for screen readers. */
  label: string;
  /** At most two, the second one dashed. */
  series: readonly ISeries[];
  format: (value: number) => string;
  /** The span of time, in milliseconds since the epoch. */
  start: number;
  end: number;
}

const WIDTH = 300;
const HEIGHT = 72;

/** Lines of the last minutes, from zero up to their largest value. */
export function LineChart(props: ILineChartProps): React.ReactElement {
  const { trans } = useNbship();
  const { title, words, label, series, format, start, end } = props;
  const values = series.flatMap(each => each.points.map(point => point.value ?? 0));
  const top = Math.max(...values, 0);
  return (
    <figure className="jp-nbship-LineChart">
      <figcaption>
        <span className="jp-nbship-LineChart-title">{title}</span>
        <span className="jp-nbship-LineChart-words">{words}</span>
      </figcaption>
      <div className="jp-nbship-LineChart-plot">
        <span className="jp-nbship-LineChart-top" aria-hidden="true">
          {top > 0 ? format(top) : ''}
        </span>
        <svg
          role="img"
          aria-label={`${label}: ${words}`}
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
        >
          {series.map((each, at) => (
            <path
              key={each.name}
              className={at > 0 ? 'jp-mod-second' : undefined}
              d={path(each.points, start, end, top)}
            />
          ))}
        </svg>
      </div>
      <div className="jp-nbship-LineChart-foot" aria-hidden="true">
        <span>{trans.__('5 min ago')}</span>
        {series.length > 1 && (
          <span className="jp-nbship-LineChart-legend">
            {series.map((each, at) => (
              <span key={each.name} className={at > 0 ? 'jp-mod-second' : undefined}>
                {each.name}
              </span>
            ))}
          </span>
        )}
        <span>{trans.__('now')}</span>
      </div>
    </figure>
  );
}

/** Return the path of a line; where nothing is known it has a gap. */
export function path(points: ISeries['points'], start: number, end: number, top: number): string {
  const parts: string[] = [];
  let pen = 'M';
  for (const { at, value } of points) {
    if (at < start || value === null) {
      pen = 'M';
      continue;
    }
    const x = ((at - start) / (end - start)) * WIDTH;
    const y = top > 0 ? HEIGHT - (value / top) * (HEIGHT - 2) - 1 : HEIGHT - 1;
    // A single value between two gaps is a dot.
    parts.push(`${pen}${round(x)} ${round(y)}${pen === 'M' ? 'h0.5' : ''}`);
    pen = 'L';
  }
  return parts.join('');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
