/** Rates from the counters of a server: two readings give one. */
import type { Schemas } from '../api/operations';

export type Reading = Schemas['ServedReading'];

/** What happened between two readings; null where nothing can be told. */
export interface IPoint {
  /** When the later one was made, in milliseconds since the epoch. */
  at: number;
  /** Requests, failures of the server and refusals a second. */
  requests: number;
  errors: number;
  refused: number;
  /** Within how many seconds half and 99 % of the requests were answered. */
  p50: number | null;
  p99: number | null;
}

/** How long readings are kept. */
export const WINDOW_MS = 5 * 60_000;

/** The newest readings of services, for as long as the page lives. */
export class ReadingBook {
  /** Take a reading; those from before a restart of the server are of no use any more. */
  add(service: string, reading: Reading | null | undefined): void {
    if (!reading || reading.problem !== '') {
      return;
    }
    const before = this._readings.get(service) ?? [];
    const last = before[before.length - 1];
    if (last && reading.at_ms <= last.at_ms) {
      return;
    }
    const kept =
      last && isRestart(last, reading)
        ? []
        : before.filter(each => each.at_ms > reading.at_ms - WINDOW_MS - SLACK_MS);
    this._readings.set(service, [...kept, reading]);
  }

  /** The readings of a service, the oldest first. */
  of(service: string): readonly Reading[] {
    return this._readings.get(service) ?? [];
  }

  private _readings = new Map<string, readonly Reading[]>();
}

/** Return what happened in the ten seconds before each reading: shorter ones are mostly empty. */
export function points(readings: readonly Reading[]): IPoint[] {
  return readings.slice(1).map((reading, index) => {
    const start = readings.findIndex(each => each.at_ms >= reading.at_ms - SPAN_MS);
    return between(readings[Math.min(start, index)], reading);
  });
}

/** Return what happened in the last time, by default a minute; null before there are two readings. */
export function recent(readings: readonly Reading[], milliseconds = 60_000): IPoint | null {
  const last = readings[readings.length - 1];
  if (readings.length < 2) {
    return null;
  }
  const first = readings.find(each => each.at_ms >= last.at_ms - milliseconds);
  const start = first && first !== last ? first : readings[readings.length - 2];
  return between(start, last);
}

function between(start: Reading, end: Reading): IPoint {
  const seconds = Math.max((end.at_ms - start.at_ms) / 1000, 1e-3);
  const { bounds, counts: upto } = end.latencies ?? NONE;
  const before = (start.latencies ?? NONE).counts;
  const counts = upto.map((count, index) => count - (before[index] ?? 0));
  return {
    at: end.at_ms,
    requests: (end.requests - start.requests) / seconds,
    errors: (end.errors - start.errors) / seconds,
    refused: (end.refused - start.refused) / seconds,
    p50: quantile(bounds, counts, 0.5),
    p99: quantile(bounds, counts, 0.99)
  };
}

/** Return the value below which a share of what was counted lies, interpolated within its bin; null for none. */
export function quantile(
  bounds: readonly number[],
  counts: readonly number[],
  share: number
): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total <= 0) {
    return null;
  }
  const rank = share * total;
  let before = 0;
  let low = 0;
  for (const [index, bound] of bounds.entries()) {
    const count = counts[index] ?? 0;
    if (count > 0 && before + count >= rank) {
      return low + ((bound - low) * (rank - before)) / count;
    }
    before += count;
    low = bound;
  }
  return low;
}

function isRestart(before: Reading, after: Reading): boolean {
  return (
    after.requests < before.requests || (after.uptime_seconds ?? 0) < (before.uptime_seconds ?? 0)
  );
}

const SPAN_MS = 10_000;

const NONE: { bounds: number[]; counts: number[] } = { bounds: [], counts: [] };

// One more reading than the window needs, so that a line reaches its left end.
const SLACK_MS = 30_000;
