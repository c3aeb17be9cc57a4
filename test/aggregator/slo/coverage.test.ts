/**
 * Verdicts of services whose truth is known: their 95 % intervals contain it, and they are wrong as seldom as promised.
 * Through `judge`, with the design effect that an objective's stated longest burst comes to.
 */
import { describe, expect, test } from 'vitest';
import { emptyAccount } from '../../../aggregator/slo/account.ts';
import { judge } from '../../../aggregator/slo/judge.ts';
import { stepsOf } from '../../../aggregator/slo/lint/steps.ts';
import type { Objective } from '../../../contract/objective.ts';
import { type Random, seededRandom } from '../../../contract/random.ts';
import type { Verdict } from '../../../contract/verdict.ts';
import { availability, dayMs } from './world.ts';

const windows = 10_000;
const least = 0.945;
const minuteMs = 60_000;
const probesPerSlice = 6;

type Service = {
  /** How much of the time is outage. */
  readonly share: number;
  readonly outageMs: number;
};

/** Outages that begin independently of each other, in a window of `lengthMs`: when each begins, and when it ends. */
function* outages({ share, outageMs }: Service, lengthMs: number, random: Random) {
  const goodMeanMs = (outageMs * (1 - share)) / share;
  let atMs = -(10 + 20 * random()) * (outageMs + goodMeanMs);
  while (atMs < lengthMs) {
    atMs -= Math.log(1 - random()) * goodMeanMs;
    if (atMs + outageMs > 0 && atMs < lengthMs) yield [Math.max(0, atMs), Math.min(lengthMs, atMs + outageMs)] as const;
    atMs += outageMs;
  }
}

type Units = { readonly unitMs: number; readonly probesInEach: number };

/** Of each of many windows, how many that count are bad. */
function badIn(of: Service, lengthMs: number, { unitMs, probesInEach }: Units, seed: number): readonly number[] {
  const partMs = unitMs / probesInEach;
  const random = seededRandom(seed);
  return Array.from({ length: windows }, () => {
    let bad = 0;
    let last = -1;
    for (const [fromMs, toMs] of outages(of, lengthMs, random)) {
      // What is bad are units with a probe in the outage; probes are at the starts of equal parts.
      const firstProbe = Math.ceil(fromMs / partMs);
      const endProbe = Math.ceil(toMs / partMs);
      if (firstProbe >= endProbe) continue;
      const first = Math.max(last + 1, Math.floor((firstProbe * partMs) / unitMs));
      const end = Math.floor(((endProbe - 1) * partMs) / unitMs);
      bad += Math.max(0, end - first + 1);
      last = Math.max(last, end);
    }
    return bad;
  });
}

function judged(objective: Objective, n: number, designEffect: number): (bad: number) => Verdict {
  const known = new Map<number, Verdict>();
  return (bad) => {
    let verdict = known.get(bad);
    if (verdict === undefined) {
      const account = { ...emptyAccount(), good: n - bad, bad };
      const evidence = {
        kind: 'ratio',
        account,
        policy: 'exclude',
        designEffect,
        noun: 'samples',
        missing: 0,
      } as const;
      verdict = judge(objective, evidence, { atMs: 0, witnesses: { known: 3, healthy: 3 }, final: true });
      known.set(bad, verdict);
    }
    return verdict;
  };
}

const objective: Objective = { ...availability, windowMs: 7 * dayMs };

/** Of the windows: whose interval contains the truth, and which fail or pass a service exactly on target. */
function outcome(of: Service, timeSlices: Objective['timeSlices'], probeMs: number) {
  const burstMs = of.outageMs;
  const asked: Objective = { ...objective, burstMs, ...(timeSlices === undefined ? {} : { timeSlices }) };
  const { n, effect, stepMs } = stepsOf(asked, { everyMs: probeMs, perRound: 1 });
  const units = { unitMs: stepMs, probesInEach: stepMs / probeMs };
  const bad = badIn(of, asked.windowMs, units, 1 + Math.round(burstMs / 1_000));
  // Of probes the share of time is the truth; of slices it is what ten thousand windows come to.
  const truth = 1 - bad.reduce((sum, count) => sum + count, 0) / windows / n;
  const verdict = judged({ ...asked, indicator: { kind: 'availability', target: truth } }, n, effect);
  const share = (holds: (found: Verdict) => boolean): number =>
    bad.filter((count) => holds(verdict(count))).length / windows;
  const contains = ({ interval }: Verdict): boolean =>
    interval !== null && interval[0] <= truth && truth <= interval[1];
  return {
    truth,
    contained: share(contains),
    failed: share(({ status }) => status === 'fail'),
    passed: share(({ status }) => status === 'pass'),
  };
}

describe(`of ${windows} windows of a week, with outages as long as stated,`, () => {
  test.each<readonly [string, Service]>([
    ['five minutes', { share: 0.01, outageMs: 5 * minuteMs }],
    ['half an hour', { share: 0.01, outageMs: 30 * minuteMs }],
    ['two minutes and a half', { share: 0.002, outageMs: 2.5 * minuteMs }],
  ])('the intervals of probes contain the truth as often as they have to: %s', (_name, of) => {
    const { truth, contained, failed, passed } = outcome(of, undefined, minuteMs);
    expect(truth).toBeCloseTo(1 - of.share, 3);
    expect(contained).toBeGreaterThanOrEqual(least);
    // Half of what is left to chance on each side.
    expect(failed).toBeLessThanOrEqual(0.0275);
    expect(passed).toBeLessThanOrEqual(0.0275);
  });

  test.each<readonly [string, Service]>([
    ['five minutes', { share: 0.02, outageMs: 5 * minuteMs }],
    ['one minute', { share: 0.02, outageMs: minuteMs }],
    ['half an hour', { share: 0.02, outageMs: 30 * minuteMs }],
  ])('so do those of slices of a minute, though an outage touches one more than it is long: %s', (_name, of) => {
    const { contained, failed, passed } = outcome(of, { sliceMs: minuteMs, target: 0.95 }, minuteMs / probesPerSlice);
    expect(contained).toBeGreaterThanOrEqual(least);
    expect(failed).toBeLessThanOrEqual(0.0275);
    expect(passed).toBeLessThanOrEqual(0.0275);
  });
});
