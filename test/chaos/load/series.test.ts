import { describe, expect, test } from 'vitest';
import { lineReader, loadSeries, pointOf, summaryOf } from '../../../chaos/load.ts';

/** As k6 2.2.0 writes it. */
function line(endedAt: string, durationMs: number, tags: Readonly<Record<string, string>> = {}): string {
  const all = { expected_response: 'true', group: '', method: 'GET', scenario: 'fresh', ...tags };
  const data = { time: endedAt, value: durationMs, tags: all };
  return `{"metric":"http_req_duration","type":"Point","data":${JSON.stringify(data)}}`;
}

describe('a line of k6', () => {
  test('tells when a request ended, how long it took, who asked, and whether it failed', () => {
    expect(pointOf(line('2026-11-22T14:17:24.123456789Z', 12.5, { users: 'fresh' }))).toEqual({
      endedWallMs: Date.parse('2026-11-22T14:17:24.123Z'),
      durationMs: 12.5,
      failed: false,
      users: 'fresh',
    });
    expect(pointOf(line('2026-11-22T15:17:24+01:00', 1, { expected_response: 'false' }))).toMatchObject({
      endedWallMs: Date.parse('2026-11-22T14:17:24Z'),
      failed: true,
      users: '',
    });
  });

  test.each([
    '',
    'default summary for people',
    '{"type":"Metric","data":{"name":"http_req_duration"},"metric":"http_req_duration"}',
    line('2026-11-22T14:17:24Z', 1).replace('http_req_duration', 'http_req_waiting'),
    line('2026-11-22T14:17:24Z', 1).slice(0, -20),
    line('some day', 1),
  ])('that is no request is passed over: %s', (text) => {
    expect(pointOf(text)).toBeNull();
  });

  test('is whole however the text is cut', () => {
    const lines: string[] = [];
    const read = lineReader((one) => lines.push(one));
    for (const character of 'one\ntwo\nthr') read(character);
    read('ee\n');
    expect(lines).toEqual(['one', 'two', 'three']);
  });

  test('that never ends is not held', () => {
    const lines: string[] = [];
    const read = lineReader((one) => lines.push(one));
    for (let part = 0; part < 40; part += 1) read('x'.repeat(100_000));
    read('\nnext\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(1_200_000);
    expect(lines.at(-1)).toBe('next');
  });
});

const point = { durationMs: 100, failed: false, users: 'fresh' };

describe('requests over time', () => {
  test('are told by when they were sent, by the clock here', () => {
    const series = loadSeries();
    // The wall of k6 is 5 s behind, and what it tells comes 40 ms late at best.
    series.note({ ...point, endedWallMs: 1_100 }, 6_300);
    series.note({ ...point, endedWallMs: 1_600, failed: true }, 6_640);
    const { widthMs, buckets } = series.read();
    expect(widthMs).toBe(250);
    expect(buckets).toMatchObject([
      { atMs: 6_040, users: 'fresh', requests: 1, failed: 0 },
      { atMs: 6_540, users: 'fresh', requests: 1, failed: 1 },
    ]);
  });

  test('of any length are held in so many stretches, and none is lost', () => {
    const series = loadSeries();
    const count = 20_000;
    for (let index = 0; index < count; index += 1) {
      series.note({ ...point, endedWallMs: index * 1_000, failed: index % 10 === 0 }, index * 1_000);
    }
    const { widthMs, buckets } = series.read();
    expect(buckets.length).toBeLessThanOrEqual(600);
    expect(widthMs).toBe(64_000);
    expect(buckets.reduce((sum, { requests }) => sum + requests, 0)).toBe(count);
    expect(buckets.reduce((sum, { failed }) => sum + failed, 0)).toBe(count / 10);
    expect(buckets.flatMap(({ durations }) => durations).reduce((sum, [, held]) => sum + held, 0)).toBe(count);
  });

  test('of more kinds of users than a few are told together', () => {
    const series = loadSeries();
    for (let index = 0; index < 1_000; index += 1) {
      series.note({ ...point, endedWallMs: 1_000, users: `user-${index}` }, 1_000);
    }
    const { buckets } = series.read();
    expect(buckets).toHaveLength(9);
    expect(buckets.find(({ users }) => users === 'others')?.requests).toBe(992);
  });
});

describe('a summary of k6', () => {
  const metrics = {
    iterations: { count: 80, rate: 20 },
    http_reqs: { count: 90, rate: 22 },
    http_req_failed: { passes: 9, fails: 81, value: 0.1, thresholds: { 'rate<0.05': true } },
    http_req_duration: { 'p(95)': 1.87, thresholds: { 'p(95)<500': false, 'p(99)<900': false } },
  };

  test('is read, where `true` is a threshold that was crossed', () => {
    expect(summaryOf(JSON.stringify({ root_group: {}, metrics }))).toEqual({
      ...{ iterations: 80, dropped: 0, requests: 90, failed: 9, p95Ms: 1.87 },
      thresholds: [
        { metric: 'http_req_failed', expression: 'rate<0.05', held: false },
        { metric: 'http_req_duration', expression: 'p(95)<500', held: true },
        { metric: 'http_req_duration', expression: 'p(99)<900', held: true },
      ],
    });
  });

  test('of a script that asked nothing has zeros', () => {
    expect(summaryOf('{"metrics":{}}')).toMatchObject({ iterations: 0, requests: 0, p95Ms: null, thresholds: [] });
  });

  test.each(['', 'null', '{"metrics":', '[]', '{"metrics":3}'])('that is none is null: %s', (text) => {
    expect(summaryOf(text)).toBeNull();
  });
});
