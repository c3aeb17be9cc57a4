import { describe, expect, test } from 'vitest';
import { emptyHistogram, type Histogram, observe } from '../../aggregator/slices/histogram.ts';
import { evidenceOf } from '../../aggregator/slo/evidence.ts';
import type { SliceCounts } from '../../aggregator/slo/facts.ts';
import { judge, type Witnesses } from '../../aggregator/slo/judge.ts';
import type { Objective } from '../../contract/objective.ts';
import { ratioInterval } from '../../contract/statistics.ts';
import type { Verdict } from '../../contract/verdict.ts';

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

type Over = {
  readonly good?: number;
  readonly bad?: number;
  readonly missing?: number;
  readonly slices?: readonly SliceCounts[];
  readonly durations?: Histogram;
  readonly samplesMs?: Float64Array;
};

function judged(objective: Objective, over: Over, witnesses: Witnesses): Verdict {
  const { good = 0, bad = 0, missing = 0, slices = [], durations = emptyHistogram(), samplesMs = null } = over;
  const facts = { fromMs: 1 - objective.windowMs, atMs: 1, good, bad, missing, slices, durations, samplesMs };
  const evidence = evidenceOf(objective, facts, []);
  if (evidence.kind === 'untold') throw new Error(`no evidence of ${evidence.because}`);
  return judge(objective, evidence, { atMs: 1, witnesses, final: false });
}

test('without samples a verdict is inconclusive and says how many are needed', () => {
  const verdict = judged(availability(0.999), {}, three);
  expect(verdict).toMatchObject({ status: 'inconclusive', measured: null, n: 0, interval: null, needed: 3_688 });
});

test.each([
  [5_000, 0, 0.999, 'pass'],
  [1_000, 0, 0.999, 'inconclusive'],
  [9_000, 1_000, 0.999, 'fail'],
  [9_990, 10, 0.999, 'inconclusive'],
])('%i good and %i bad against %f is %s', (good, bad, target, status) => {
  const verdict = judged(availability(target), { good, bad }, three);
  expect(verdict.status).toBe(status);
  expect(verdict.interval).toEqual(ratioInterval(good, good + bad, 0.05));
  expect(verdict.needed === null).toBe(status !== 'inconclusive');
  expect(verdict.because).toContain(String(good + bad));
});

test('so many more samples as are needed really decide', () => {
  const verdict = judged(availability(0.999), { good: 1_000, bad: 0 }, three);
  const total = 1_000 + (verdict.needed ?? 0);
  expect(judged(availability(0.999), { good: total }, three).status).toBe('pass');
  expect(judged(availability(0.999), { good: total - 1 }, three).status).toBe('inconclusive');
});

test('failures in bursts widen the interval, and the sentence says so', () => {
  const slices = Array.from({ length: 100 }, (_, index) => ({
    atMs: index * 10_000,
    widthMs: 10_000,
    good: index === 50 ? 0 : 50,
    bad: index === 50 ? 50 : 0,
    missing: 0,
  }));
  const verdict = judged(availability(0.98), { good: 4_950, bad: 50, slices }, three);
  expect(verdict.because).toContain('bursts');
  expect(verdict.status).toBe('inconclusive');
  expect(judged(availability(0.98), { good: 4_950, bad: 50 }, three).status).toBe('pass');
});

test('with one vantage the verdict says so', () => {
  const verdict = judged(availability(0.9), { good: 100 }, { known: 1, healthy: 1 });
  expect(verdict.status).toBe('pass');
  expect(verdict.because).toContain('from this vantage only');
});

test('with several vantages of which fewer than two are healthy it is inconclusive', () => {
  const verdict = judged(availability(0.9), { good: 100 }, { known: 3, healthy: 1 });
  expect(verdict.status).toBe('inconclusive');
  expect(verdict.because).toContain('1 of 3 vantages are healthy');
});

test('missing samples are neither good nor bad, and are told', () => {
  const verdict = judged(availability(0.9), { good: 100, missing: 40 }, three);
  expect(verdict).toMatchObject({ n: 100, missing: 40, measured: 1 });
  expect(verdict.because).toContain('40 expected samples are missing');
});

const samplesMs = Float64Array.from({ length: 1_000 }, (_, index) => index + 1);

test.each([
  [1_000, 'pass'],
  [900, 'fail'],
  [950, 'inconclusive'],
])('p95 of 1 to 1,000 ms against %i ms is %s', (targetMs, status) => {
  const verdict = judged(latency(targetMs), { good: 1_000, samplesMs }, three);
  expect(verdict).toMatchObject({ status, measured: 950, n: 1_000 });
  expect(verdict.interval?.[0]).toBeGreaterThan(930);
  expect(verdict.interval?.[1]).toBeLessThan(970);
});

test('too few samples for a quantile are inconclusive with the number still needed', () => {
  const few = samplesMs.slice(0, 50);
  const verdict = judged(latency(1_000), { good: 50, samplesMs: few }, three);
  expect(verdict).toMatchObject({ status: 'inconclusive', interval: null, n: 50 });
  expect(verdict.needed).toBe(22);
});

test('where single durations are not kept the bounds of their buckets stand for them', () => {
  const durations = emptyHistogram();
  for (const ms of samplesMs) observe(durations, ms / 1_000);
  const exact = judged(latency(1_000), { good: 1_000, samplesMs }, three).interval;
  const verdict = judged(latency(2_000), { good: 1_000, durations }, three);
  expect(verdict.status).toBe('pass');
  expect(verdict.interval?.[0]).toBeLessThanOrEqual(exact?.[0] ?? 0);
  expect(verdict.interval?.[1]).toBeGreaterThanOrEqual(exact?.[1] ?? 0);
  expect(Math.abs((verdict.measured ?? 0) - 950)).toBeLessThan(50);
});

test('a limit between two buckets is unsure of what lies in the bucket', () => {
  const durations = emptyHistogram();
  for (let sample = 0; sample < 100; sample += 1) observe(durations, sample < 90 ? 0.05 : 0.1);
  const under: Objective = { ...availability(0), indicator: { kind: 'latency-under', limitMs: 101, target: 0.95 } };
  const verdict = judged(under, { good: 100, bad: 10, durations }, three);
  expect(verdict).toMatchObject({ n: 110, measured: 95 / 110 });
  expect(verdict.because).toContain('of 10 it is not known');
});

describe('sums do not tell', () => {
  const counts = { good: 5, bad: 0, missing: 0, slices: [], durations: emptyHistogram(), samplesMs: null };
  const facts = { fromMs: 100_000, atMs: 200_000, ...counts };
  const plain = availability(0.9);
  const whole = { because: 'maintenance', fromMs: 0, toMs: 300_000 };

  test.each<[string, Partial<Objective>, RegExp]>([
    ['slices of time', { timeSlices: { sliceMs: 60_000, target: 0.9 } }, /slices of time/],
    ['ages', { indicator: { kind: 'freshness', limitMs: 60_000, target: 0.9 } }, /freshness/],
    ['drills', { indicator: { kind: 'failover', limitMs: 60_000, target: 0.9 } }, /failover/],
    ['leaks', { indicator: { kind: 'residency', target: 0.9 } }, /residency/],
    ['what was held', { missing: 'hold' }, /held/],
    ['what an exclusion leaves out', { exclusions: [whole] }, /exclusion/],
    ['what it leaves out of the first slice', { exclusions: [{ ...whole, toMs: 100_001 }] }, /exclusion/],
    ['what a drill broke that is left out', { drills: 'excluded' }, /drill/],
    ['durations that are not counted', { indicator: { kind: 'latency-under', limitMs: 1, target: 0.9 } }, /5 .* of 0/],
    ['lags without them', { indicator: { kind: 'replication-lag', quantile: 0.5, targetMs: 1 } }, /5 .* of 0/],
  ])('%s', (_, over, because) => {
    const found = evidenceOf({ ...plain, ...over }, facts, [{ fromMs: 150_000, toMs: 160_000 }]);
    expect(found).toEqual({ kind: 'untold', because: expect.stringMatching(because) });
  });

  test.each<[string, Partial<Objective>]>([
    ['an exclusion before the window', { exclusions: [{ ...whole, toMs: 100_000 }] }],
    ['one that is still to come', { exclusions: [{ ...whole, fromMs: 200_000 }] }],
    ['a drill that is charged', { drills: 'apart' }],
  ])('but %s changes nothing in them', (_, over) => {
    const found = evidenceOf({ ...plain, ...over }, facts, [{ fromMs: 150_000, toMs: 160_000 }]);
    expect(found).toEqual(evidenceOf(plain, facts, []));
  });
});
