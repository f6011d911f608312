import * as React from 'react';

import { formatNumber } from '../../components/numbers';
import { useNbship } from '../../core/context';
import type { ISweepPoint, ISweepReport } from '../../pipelines/reports';
import { scaleOf } from '../run/chart-scale';
import { metricOf, sweptNames } from './sweep-points';

export interface ISweepChartProps {
  report: ISweepReport;
  metric: string;
  selected: number | null;
  onSelect: (point: number) => void;
}

/** A metric over one parameter, a mark a point; the table below says the same in words. */
export function SweepChart(props: ISweepChartProps): React.ReactElement | null {
  const { report, metric } = props;
  const { trans } = useNbship();
  const [name, setName] = React.useState<string | null>(null);
  const names = sweptNames(report.points);
  const shown = name !== null && names.includes(name) ? name : names[0];
  const points = report.points.filter(point => Number.isFinite(metricOf(point, metric)));
  if (points.length < 2 || shown === undefined) {
    return null;
  }
  return (
    <figure className="jp-nbship-SweepChart">
      <figcaption>
        {trans.__('%1 by', metric)}{' '}
        {names.length > 1 ? (
          <select
            className="jp-nbship-Select"
            aria-label={trans.__('Parameter of the chart')}
            value={shown}
            onChange={event => setName(event.target.value)}
          >
            {names.map(each => (
              <option key={each}>{each}</option>
            ))}
          </select>
        ) : (
          shown
        )}
      </figcaption>
      <Drawing {...props} points={points} name={shown} />
    </figure>
  );
}

function Drawing(
  props: ISweepChartProps & { points: readonly ISweepPoint[]; name: string }
): React.ReactElement {
  const { report, metric, points, name, selected, onSelect } = props;
  const { locale, trans } = useNbship();
  const axis = axisOf(
    points.map(point => point.params[name]),
    locale
  );
  const ys = scaleOf(points.map(point => metricOf(point, metric)));
  const x = (at: number) => LEFT + PAD + at * (WIDTH - LEFT - RIGHT - 2 * PAD);
  const y = (value: number) => TOP + PAD + (1 - ys.at(value)) * (HEIGHT - TOP - BOTTOM - 2 * PAD);
  return (
    <svg
      role="img"
      aria-label={trans.__('%1 by %2, %3 points', metric, name, points.length)}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
    >
      {ys.ticks.map(tick => (
        <g key={tick}>
          <line x1={LEFT} x2={WIDTH - RIGHT} y1={y(tick)} y2={y(tick)} />
          <text x={LEFT - 6} y={y(tick)} textAnchor="end" dominantBaseline="middle">
            {formatNumber(tick, locale)}
          </text>
        </g>
      ))}
      {axis.ticks.map(tick => (
        <text key={tick.label} x={x(tick.at)} y={HEIGHT - 6} textAnchor="middle">
          {tick.label}
        </text>
      ))}
      {points.map(point => (
        <circle
          key={point.index}
          className={markClass(point, report, selected)}
          cx={x(axis.at(point.params[name]))}
          cy={y(metricOf(point, metric))}
          r={point.index === report.best ? 5.5 : 4}
          onClick={() => onSelect(point.index)}
        >
          <title>{`#${point.index + 1}: ${name} ${String(point.params[name])}, ${metric} ${metricOf(point, metric)}`}</title>
        </circle>
      ))}
    </svg>
  );
}

function markClass(point: ISweepPoint, report: ISweepReport, selected: number | null): string {
  const classes = [
    point.index === report.best && 'jp-mod-best',
    point.index === selected && 'jp-mod-selected'
  ];
  return classes.filter(Boolean).join(' ');
}

type Value = ISweepPoint['params'][string];

interface IAxis {
  /** Where a value lies, from 0 to 1. */
  at: (value: Value) => number;
  ticks: { label: string; at: number }[];
}

/** Return the axis of the values of a parameter: numbers by size, over decades where they span some, others by name. */
export function axisOf(values: readonly Value[], locale: string): IAxis {
  const distinct = [...new Set(values)];
  const numbers = distinct.filter((value): value is number => typeof value === 'number');
  if (numbers.length < distinct.length || numbers.length === 0) {
    return namedAxis(distinct);
  }
  numbers.sort((a, b) => a - b);
  const low = numbers[0];
  const high = numbers[numbers.length - 1];
  const scale = low > 0 && high / low >= LOG_RATIO ? Math.log10 : (value: number) => value;
  const span = scale(high) - scale(low);
  const at = (value: Value) =>
    span > 0 && typeof value === 'number' ? (scale(value) - scale(low)) / span : 0.5;
  const shown = apart(numbers, at);
  return { at, ticks: shown.map(value => ({ label: formatNumber(value, locale), at: at(value) })) };
}

function namedAxis(distinct: readonly Value[]): IAxis {
  const place = (index: number) => (distinct.length > 1 ? index / (distinct.length - 1) : 0.5);
  const stride = Math.ceil(distinct.length / MOST_NAMES);
  const ticks = distinct.map((value, index) => ({ label: short(value), at: place(index) }));
  return {
    at: value => place(Math.max(distinct.indexOf(value), 0)),
    ticks: ticks.filter((_, index) => index % stride === 0)
  };
}

// Labels that would run into each other are left out.
function apart(numbers: readonly number[], at: (value: number) => number): number[] {
  const shown: number[] = [];
  for (const value of numbers) {
    if (shown.length === 0 || at(value) - at(shown[shown.length - 1]) >= LEAST_GAP) {
      shown.push(value);
    }
  }
  return shown;
}

function short(value: Value): string {
  const text = value === null ? 'None' : String(value);
  return text.length > 14 ? `${text.slice(0, 13)}…` : text;
}

const WIDTH = 560;
const HEIGHT = 200;
const LEFT = 60;
const RIGHT = 12;
const TOP = 6;
const BOTTOM = 22;
const PAD = 12;
const LOG_RATIO = 50;
const LEAST_GAP = 0.11;
const MOST_NAMES = 7;
