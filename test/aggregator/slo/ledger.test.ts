import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Objective } from '../../../contract/objective.ts';
import type { Verdict } from '../../../contract/verdict.ts';
import { availability, bad, dayMs, good, hourMs, t0, world } from './world.ts';

function only(found: readonly Verdict[]): Verdict {
  expect(found).toHaveLength(1);
  return found[0] as Verdict;
}

describe('a verdict after each slice', () => {
  test('is the one that all slices give when they are added up anew, whatever came late or was merged', () => {
    const event = fc.record({
      afterMs: fc.integer({ min: 0, max: 4 * hourMs }),
      lateMs: fc.integer({ min: 0, max: 3 * dayMs }),
      isGood: fc.boolean(),
      vantage: fc.constantFrom('v1', 'v2', 'v3'),
      durationMs: fc.integer({ min: 1, max: 2_000 }),
      missing: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(event, { minLength: 5, maxLength: 60 }), (events) => {
        let nowMs = t0;
        const here = world(() => nowMs);
        const objectives: readonly Objective[] = [
          availability,
          { ...availability, id: 'day', windowMs: dayMs, missing: 'bad' },
          { ...availability, id: 'month', windowMs: 30 * dayMs },
          {
            ...availability,
            id: 'fast',
            windowMs: 7 * dayMs,
            indicator: { kind: 'latency-under', limitMs: 250, target: 0.9 },
          },
          {
            ...availability,
            id: 'slow',
            windowMs: 7 * dayMs,
            indicator: { kind: 'latency', quantile: 0.9, targetMs: 500 },
          },
          {
            ...availability,
            id: 'fresh',
            windowMs: 7 * dayMs,
            indicator: { kind: 'freshness', limitMs: 300_000, target: 0.9 },
          },
          {
            ...availability,
            id: 'left-out',
            windowMs: dayMs,
            exclusions: [{ fromMs: t0 + hourMs, toMs: t0 + 5 * hourMs, because: 'works' }],
          },
        ];
        const kept = here.verdicts(objectives);
        for (const { afterMs, lateMs, isGood, vantage, durationMs, missing } of events) {
          nowMs += afterMs;
          const atMs = Math.max(t0, nowMs - lateMs);
          here.add(atMs, { ...(isGood ? good : bad), durationMs }, vantage);
          here.expect(atMs, 1 + missing, vantage);
          kept.look(nowMs);
          here.slices.compact(nowMs);
        }
        for (const backMs of [0, 10_000, hourMs, dayMs]) {
          const asked = nowMs - backMs;
          const anew = here.verdicts(objectives);
          expect(kept.at(asked)).toEqual(anew.at(asked));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('of a past moment is final once nobody is waited for, and stays the same however its slices are merged', () => {
    let nowMs = t0;
    const here = world(() => nowMs);
    const objective: Objective = { ...availability, windowMs: 2 * dayMs, burstMs: 60_000 };
    const found = here.verdicts([objective]);
    for (; nowMs < t0 + 3 * dayMs; nowMs += 60_000) {
      here.add(nowMs, nowMs % (7 * hourMs) < 120_000 ? bad : good);
      here.expect(nowMs, 1);
    }
    const momentMs = t0 + 3 * dayMs - hourMs;
    const then = only(found.at(momentMs));
    expect(then.final).toBe(true);
    for (const days of [1, 3, 10]) {
      nowMs = t0 + 3 * dayMs + days * dayMs;
      here.slices.compact(nowMs);
      expect(only(found.at(momentMs))).toEqual(then);
    }
    const [series] = here.slices.series();
    expect(series?.tiers.map((tier) => tier.size)).toEqual([0, 0, 72]);
  });

  test('is told when it is another, and not before', () => {
    let nowMs = t0;
    const here = world(() => nowMs);
    const found = here.verdicts([availability]);
    found.look(nowMs);
    for (; nowMs < t0 + 60_000; nowMs += 1_000) here.add(nowMs, bad);
    found.look(nowMs);
    found.look(nowMs);
    expect(here.changed.map(({ status }) => status)).toEqual(['inconclusive', 'fail']);
  });

  test('of a moment within a merged slice is that of its start, and says so', () => {
    let nowMs = t0;
    const here = world(() => nowMs);
    const found = here.verdicts([availability]);
    for (; nowMs < t0 + 2 * hourMs; nowMs += 10_000) here.add(nowMs, good);
    nowMs += 3 * dayMs;
    here.slices.compact(nowMs);
    expect(only(found.at(t0 + 1.5 * hourMs))).toMatchObject({ at: t0 + hourMs, n: 360 });
  });
});

describe('a window', () => {
  test('of a calendar begins with its period', () => {
    let nowMs = Date.parse('2026-10-25T00:00:00Z') - hourMs;
    const here = world(() => nowMs);
    const untilMs = nowMs + 24 * hourMs;
    for (; nowMs < untilMs; nowMs += 60_000) here.add(nowMs, good);
    const calendar = { every: 'day', timeZone: 'Europe/Berlin' } as const;
    const found = here.verdicts([{ ...availability, windowMs: 25 * hourMs, calendar }]);
    // It began at 22:00 UTC the day before and lasts 25 hours.
    expect(only(found.at(Date.parse('2026-10-25T22:59:00Z'))).n).toBe(24 * 60 - 1);
    nowMs = Date.parse('2026-10-25T23:30:00Z');
    expect(only(found.at(nowMs)).n).toBe(0);
  });

  test('leaves out what is excluded, once where exclusions overlap, and counts a slice that is touched as covered', () => {
    let nowMs = t0;
    const here = world(() => nowMs);
    for (; nowMs < t0 + hourMs; nowMs += 1_000) here.add(nowMs, nowMs < t0 + 600_000 ? bad : good);
    const exclusions = [
      { fromMs: t0, toMs: t0 + 400_000, because: 'the first' },
      { fromMs: t0 + 300_000, toMs: t0 + 591_000, because: 'the second' },
    ];
    const found = only(here.verdicts([{ ...availability, exclusions }]).at(nowMs));
    expect(found).toMatchObject({ n: 3_000, measured: 1, status: 'pass' });
  });

  test('still leaves out exactly that when the slices around it are merged', () => {
    let nowMs = t0;
    const here = world(() => nowMs);
    const exclusions = [{ fromMs: t0 + 600_000, toMs: t0 + 900_000, because: 'works' }];
    const found = here.verdicts([{ ...availability, exclusions }]);
    for (; nowMs < t0 + hourMs; nowMs += 1_000) {
      here.add(nowMs, nowMs >= t0 + 600_000 && nowMs < t0 + 900_000 ? bad : good);
    }
    found.look(nowMs);
    for (const days of [1, 4]) {
      nowMs = t0 + days * dayMs;
      here.slices.compact(nowMs);
      expect(only(found.at(t0 + hourMs))).toMatchObject({ n: 3_300, measured: 1 });
      expect(only(here.verdicts([{ ...availability, exclusions }]).at(t0 + hourMs))).toMatchObject({
        n: 3_300,
        measured: 1,
      });
    }
    expect(only(here.verdicts([availability]).at(t0 + hourMs))).toMatchObject({ n: 3_600, measured: 3_300 / 3_600 });
  });
});

describe('what is missing', () => {
  function missing(policy: NonNullable<Objective['missing']>): Verdict {
    const nowMs = t0 + 1_000_000;
    const here = world(() => nowMs);
    for (let atMs = t0; atMs < t0 + 800_000; atMs += 1_000) here.add(atMs, good);
    for (let atMs = t0; atMs < nowMs; atMs += 10_000) here.expect(atMs, 10);
    return only(here.verdicts([{ ...availability, missing: policy }]).at(nowMs));
  }

  test.each([
    ['exclude', 800, 1, 'pass'],
    ['bad', 1_000, 0.8, 'fail'],
    ['hold', 1_000, 1, 'pass'],
  ] as const)('is counted as the objective says (%s), and both bounds are told', (policy, n, measured, status) => {
    const found = missing(policy);
    expect(found).toMatchObject({ n, measured, status, missing: 200 });
    expect(found.could).toEqual({
      worst: { measured: 0.8, status: 'fail' },
      best: { measured: 1, status: 'pass' },
    });
    expect(found.because).toContain(
      '200 expected samples are missing: were they all bad it would be fail, all good pass',
    );
  });

  test('after a failure it is held to have failed', () => {
    const nowMs = t0 + 100_000;
    const here = world(() => nowMs);
    for (let atMs = t0; atMs < t0 + 50_000; atMs += 1_000) here.add(atMs, bad);
    for (let atMs = t0; atMs < nowMs; atMs += 10_000) here.expect(atMs, 10);
    expect(only(here.verdicts([{ ...availability, missing: 'hold' }]).at(nowMs))).toMatchObject({
      n: 100,
      measured: 0,
    });
  });
});
