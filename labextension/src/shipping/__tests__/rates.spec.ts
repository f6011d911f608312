import { points, quantile, ReadingBook, recent, type Reading } from '../rates';

function reading(seconds: number, requests: number, counts: number[] = [requests, 0]): Reading {
  return {
    at_ms: seconds * 1000,
    requests,
    errors: 0,
    refused: 0,
    in_flight: 0,
    latencies: { bounds: [0.1], counts, seconds: 0 },
    p50_seconds: null,
    p99_seconds: null,
    uptime_seconds: seconds,
    memory_bytes: null,
    cpu_seconds: null,
    predictions: {},
    dropped: 0,
    drift: null,
    problem: ''
  };
}

describe('ReadingBook', () => {
  it('keeps the readings of the last minutes', () => {
    const book = new ReadingBook();
    for (let second = 0; second <= 1200; second += 60) {
      book.add('a', reading(second, second));
    }
    expect(book.of('a')[0].at_ms).toBeGreaterThanOrEqual(1200_000 - 330_000);
    expect(book.of('b')).toEqual([]);
  });

  it('begins anew when the server was restarted', () => {
    const book = new ReadingBook();
    book.add('a', reading(10, 100));
    book.add('a', { ...reading(20, 0), uptime_seconds: 1 });
    expect(book.of('a')).toHaveLength(1);
  });

  it('takes neither the same moment twice nor what could not be read', () => {
    const book = new ReadingBook();
    book.add('a', reading(10, 1));
    book.add('a', reading(10, 2));
    book.add('a', { ...reading(12, 0), problem: 'its metrics want a token' });
    book.add('a', null);
    expect(book.of('a')).toHaveLength(1);
  });
});

it('makes rates and times of what was counted between two readings', () => {
  const [point] = points([reading(0, 10), { ...reading(2, 14, [12, 2]), errors: 1 }]);
  expect(point.requests).toBe(2);
  expect(point.errors).toBe(0.5);
  expect(point.p50).toBeCloseTo(0.1);
  expect(recent([reading(0, 10)])).toBeNull();
  expect(recent([reading(0, 0), reading(100, 50), reading(102, 60)])?.requests).toBe(5);
});

it('has no time where nothing was asked', () => {
  expect(points([reading(0, 10), reading(2, 10)])[0].p99).toBeNull();
  expect(quantile([], [], 0.5)).toBeNull();
});

it('interpolates quantiles within their bin', () => {
  expect(quantile([1, 2], [5, 5, 0], 0.5)).toBe(1);
  expect(quantile([1, 2], [5, 5, 0], 0.75)).toBe(1.5);
  expect(quantile([1, 2], [0, 0, 9], 0.99)).toBe(2);
});
