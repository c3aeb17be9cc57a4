import { expect, test } from 'vitest';
import { emptyHistogram, observe } from '../../aggregator/slices/histogram.ts';
import type { SliceCounts, WindowFacts } from '../../aggregator/slo/facts.ts';
import { judge } from '../../aggregator/slo/judge.ts';
import type { Objective } from '../../contract/objective.ts';
import { seededRandom } from '../../contract/random.ts';
import { crowdingOf, ratioInterval } from '../../contract/statistics.ts';

const three = { known: 3, healthy: 3 };
const availability = (target: number): Objective => ({
  id: 'availability',
  check: 'entry',
  region: null,
  from: 'all',
  indicator: { kind: 'availability', target },
  windowMs: 86_400_000,
});
const latency = (targetMs: number): Objective => ({
  ...availability(0),
  id: 'latency',
  indicator: { kind: 'latency', quantile: 0.95, targetMs },
});

function facts(over: Partial<WindowFacts>): WindowFacts {
  const { good = 0, bad = 0 } = over;
  const slices: SliceCounts[] = good + bad === 0 ? [] : [{ atMs: 0, widthMs: 10_000, good, bad, missing: 0 }];
  return {
    fromMs: 0,
    atMs: 1,
    missing: 0,
    slices,
    durations: emptyHistogram(),
    samplesMs: null,
    vantages: [],
    ...over,
    good,
    bad,
  };
}

test('without samples a verdict is inconclusive and says how many are needed', () => {
  const verdict = judge(availability(0.999), facts({}), three, false);
  expect(verdict).toMatchObject({ status: 'inconclusive', measured: null, n: 0, interval: null, needed: 3_688 });
});

test.each([
  [5_000, 0, 0.999, 'pass'],
  [1_000, 0, 0.999, 'inconclusive'],
  [9_000, 1_000, 0.999, 'fail'],
  [9_990, 10, 0.999, 'inconclusive'],
])('%i good and %i bad against %f is %s', (good, bad, target, status) => {
  const verdict = judge(availability(target), facts({ good, bad }), three, false);
  expect(verdict.status).toBe(status);
  expect(verdict.interval).toEqual(ratioInterval(good, good + bad, 0.05));
  expect(verdict.needed === null).toBe(status !== 'inconclusive');
  expect(verdict.because).toContain(String(good + bad));
});

test('so many more samples as are needed really decide', () => {
  const verdict = judge(availability(0.999), facts({ good: 1_000, bad: 0 }), three, false);
  const total = 1_000 + (verdict.needed ?? 0);
  expect(judge(availability(0.999), facts({ good: total }), three, false).status).toBe('pass');
  expect(judge(availability(0.999), facts({ good: total - 1 }), three, false).status).toBe('inconclusive');
});

test('failures in bursts widen the interval, and the sentence says so', () => {
  const slices = Array.from({ length: 100 }, (_, index) => ({
    atMs: index * 10_000,
    widthMs: 10_000,
    good: index === 50 ? 0 : 50,
    bad: index === 50 ? 50 : 0,
    missing: 0,
  }));
  const verdict = judge(availability(0.98), facts({ good: 4_950, bad: 50, slices }), three, false);
  expect(verdict.because).toContain('bursts');
  expect(verdict.status).toBe('inconclusive');
  expect(judge(availability(0.98), facts({ good: 4_950, bad: 50 }), three, false).status).toBe('pass');
});

test('independent failures are not taken for bursts', () => {
  const random = seededRandom(5);
  let taken = 0;
  for (let run = 0; run < 200; run += 1) {
    const slices = Array.from({ length: 100 }, (_, index) => {
      let bad = 0;
      for (let sample = 0; sample < 50; sample += 1) if (random() < 0.05) bad += 1;
      return { atMs: index, widthMs: 10_000, good: 50 - bad, bad, missing: 0 };
    });
    if (crowdingOf(slices) > 1) taken += 1;
  }
  expect(taken).toBeLessThan(6);
});

test('with one vantage the verdict says so', () => {
  const verdict = judge(availability(0.9), facts({ good: 100 }), { known: 1, healthy: 1 }, false);
  expect(verdict.status).toBe('pass');
  expect(verdict.because).toContain('from this vantage only');
});

test('with several vantages of which fewer than two are healthy it is inconclusive', () => {
  const verdict = judge(availability(0.9), facts({ good: 100 }), { known: 3, healthy: 1 }, false);
  expect(verdict.status).toBe('inconclusive');
  expect(verdict.because).toContain('1 of 3 vantages are healthy');
});

test('missing samples are neither good nor bad, and are told', () => {
  const verdict = judge(availability(0.9), facts({ good: 100, missing: 40 }), three, false);
  expect(verdict).toMatchObject({ n: 100, missing: 40, measured: 1 });
  expect(verdict.because).toContain('40 expected samples are missing');
});

const samplesMs = Float64Array.from({ length: 1_000 }, (_, index) => index + 1);

test.each([
  [1_000, 'pass'],
  [900, 'fail'],
  [950, 'inconclusive'],
])('p95 of 1 to 1,000 ms against %i ms is %s', (targetMs, status) => {
  const verdict = judge(latency(targetMs), facts({ good: 1_000, samplesMs }), three, false);
  expect(verdict).toMatchObject({ status, measured: 950, n: 1_000 });
  expect(verdict.interval?.[0]).toBeGreaterThan(930);
  expect(verdict.interval?.[1]).toBeLessThan(970);
});

test('too few samples for a quantile are inconclusive with the number still needed', () => {
  const few = samplesMs.slice(0, 50);
  const verdict = judge(latency(1_000), facts({ good: 50, samplesMs: few }), three, false);
  expect(verdict).toMatchObject({ status: 'inconclusive', interval: null, n: 50 });
  expect(verdict.needed).toBe(22);
});

test('where single durations are not kept the bounds of their buckets stand for them', () => {
  const durations = emptyHistogram();
  for (const ms of samplesMs) observe(durations, ms / 1_000);
  const exact = judge(latency(1_000), facts({ good: 1_000, samplesMs }), three, false).interval;
  const verdict = judge(latency(2_000), facts({ good: 1_000, durations }), three, false);
  expect(verdict.status).toBe('pass');
  expect(verdict.interval?.[0]).toBeLessThanOrEqual(exact?.[0] ?? 0);
  expect(verdict.interval?.[1]).toBeGreaterThanOrEqual(exact?.[1] ?? 0);
  expect(Math.abs((verdict.measured ?? 0) - 950)).toBeLessThan(50);
});
