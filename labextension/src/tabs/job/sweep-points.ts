/** The points of a sweep as a table and a chart need them. */
import { hasEnded, type ISweepPoint, type ISweepReport } from '../../pipelines/reports';

/** Return the names of the parameters that the points differ in; all of them where they do not. */
export function sweptNames(points: readonly ISweepPoint[]): string[] {
  const names = [...new Set(points.flatMap(point => Object.keys(point.params)))];
  const differ = names.filter(name => new Set(points.map(point => point.params[name])).size > 1);
  return differ.length > 0 ? differ : names;
}

/** Return the names of all metrics, that of the sweep first. */
export function metricNames(report: Pick<ISweepReport, 'points' | 'metric'>): string[] {
  const names = new Set(report.metric ? [report.metric] : []);
  for (const point of report.points) {
    Object.keys(point.metrics).forEach(name => names.add(name));
  }
  return [...names];
}

/** Return a metric of a point as a number; NaN where there is none. */
export function metricOf(point: ISweepPoint, metric: string | null): number {
  const value = metric === null ? undefined : point.metrics[metric];
  return typeof value === 'number' ? value : NaN;
}

/** Return the points, the best first; those without the metric come after, in their own order. */
export function sortedPoints(
  points: readonly ISweepPoint[],
  metric: string | null,
  maximize: boolean
): ISweepPoint[] {
  const sign = maximize ? -1 : 1;
  return [...points].sort((a, b) => {
    const [left, right] = [metricOf(a, metric), metricOf(b, metric)];
    if (Number.isNaN(left) || Number.isNaN(right)) {
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right)) || a.index - b.index;
    }
    return sign * (left - right) || a.index - b.index;
  });
}

/** How many points are how far. */
export function counts(points: readonly ISweepPoint[]): {
  ended: number;
  running: number;
  failed: number;
} {
  return {
    ended: points.filter(point => hasEnded(point.state)).length,
    running: points.filter(point => point.state === 'running').length,
    failed: points.filter(point => point.failure !== null).length
  };
}
