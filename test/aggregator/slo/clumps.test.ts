/**
 * A stated longest burst at an uneven rate: intervals contain the truth as often as they have to, whatever the rate was
 * and whoever was away, through the ledgers that verdicts are made from.
 */
import { describe, expect, test } from 'vitest';
import { emptyCounts, emptySlice, type Slice } from '../../../aggregator/slices/slice.ts';
import { jointEffect } from '../../../aggregator/slo/heaps.ts';
import { ledgerOf } from '../../../aggregator/slo/ledger.ts';
import { type Apart, apartOf, nothingApart } from '../../../aggregator/slo/lines.ts';
import { stepsOf } from '../../../aggregator/slo/lint/steps.ts';
import type { Objective } from '../../../contract/objective.ts';
import { type Random, seededRandom } from '../../../contract/random.ts';
import type { Span } from '../../../contract/slo/spans.ts';
import { quantileRanks, ratioInterval } from '../../../contract/statistics.ts';
import { availability, bad, dayMs, good, hourMs, t0, world } from './world.ts';

const windows = 10_000;
const least = 0.945;
const sliceMs = 10_000;
const minuteMs = 60_000;

/** One result each; those of vantages that share a round are at the same time. */
type Times = readonly number[];

function every(everyMs: number, fromMs: number, toMs: number): Times {
  return Array.from({ length: Math.ceil((toMs - fromMs) / everyMs) }, (_, index) => fromMs + index * everyMs);
}

function sliceOf(atMs: number, results: number): Slice {
  const slice = emptySlice(atMs, sliceMs);
  const counts = emptyCounts(null);
  slice.regions.set('us', {
    ...counts,
    good: results,
    durations: { ...counts.durations, count: results, zero: results },
  });
  return slice;
}

/** What the ledger of the objective says so many results count as, of results at these times. */
function effectOf(objective: Objective, times: Times, apart: Apart = nothingApart): number {
  const ledger = ledgerOf(objective, () => apart);
  const counts = new Map<number, number>();
  for (const timeMs of times) {
    const atMs = t0 + Math.floor(timeMs / sliceMs) * sliceMs;
    counts.set(atMs, (counts.get(atMs) ?? 0) + 1);
  }
  for (const [atMs, results] of counts) {
    ledger.put({ atMs, widthMs: sliceMs }, [{ slice: sliceOf(atMs, results), asked: true }]);
  }
  return ledger.evidence({ fromMs: t0, toMs: t0 + objective.windowMs }).designEffect;
}

type Service = { readonly share: number; readonly outageMs: number };

/** How many results lie in outages that begin independently of each other, whatever the others do. */
function badIn(times: Times, lengthMs: number, { share, outageMs }: Service, random: Random): number {
  const meanMs = -outageMs / Math.log(1 - share);
  let bad = 0;
  let next = 0;
  const pauseMs = (): number => -meanMs * Math.log(1 - random());
  for (let atMs = pauseMs() - outageMs; atMs < lengthMs; atMs += pauseMs()) {
    let high = times.length;
    for (let low = next; low < high; ) {
      const middle = (low + high) >> 1;
      if ((times[middle] as number) < atMs) low = middle + 1;
      else high = middle;
      next = low;
    }
    for (; next < times.length && (times[next] as number) < atMs + outageMs; next += 1) bad += 1;
  }
  return bad;
}

function coverage(times: Times, lengthMs: number, of: Service, contains: (bad: number) => boolean): number {
  const random = seededRandom(times.length + of.outageMs);
  const known = new Map<number, boolean>();
  let contained = 0;
  for (let window = 0; window < windows; window += 1) {
    const bad = badIn(times, lengthMs, of, random);
    let holds = known.get(bad);
    if (holds === undefined) {
      holds = contains(bad);
      known.set(bad, holds);
    }
    if (holds) contained += 1;
  }
  return contained / windows;
}

const half = 3.5 * dayMs;
const week = 2 * half;

/** Dense for four minutes of each hour, at moments that have nothing to do with blocks. */
function heaps(random: Random): Times {
  return every(hourMs, 0, week)
    .flatMap((hour) => {
      const fromMs = hour + Math.floor(random() * 56) * minuteMs;
      return [...every(10 * minuteMs, hour, hour + hourMs), ...every(sliceMs, fromMs, fromMs + 4 * minuteMs)];
    })
    .sort((a, b) => a - b);
}

const rates: readonly (readonly [string, Times])[] = [
  [
    'every 10 s for the first half, and every 5 min for the second',
    [...every(sliceMs, 0, half), ...every(5 * minuteMs, half, week)],
  ],
  [
    'every 30 min for six days, and every 10 s for the last',
    [...every(30 * minuteMs, 0, 6 * dayMs), ...every(sliceMs, 6 * dayMs, week)],
  ],
  [
    'of nine vantages every minute, of which eight are away from the second day on',
    every(minuteMs, 0, week).flatMap((atMs) => Array.from({ length: atMs < dayMs ? 9 : 1 }, () => atMs)),
  ],
  ['every 10 min, and every 10 s for four minutes of each hour', heaps(seededRandom(11))],
];

const burstMs = 5 * minuteMs;
const stated: Objective = { ...availability, windowMs: week, burstMs };

describe(`of ${windows} windows of a week, probed unevenly, with outages as long as stated,`, () => {
  test.each(rates)('the intervals contain the truth as often as they have to: %s', (_name, times) => {
    const n = times.length;
    const effect = effectOf(stated, times);
    for (const share of [0.002, 0.01]) {
      const held = coverage(times, week, { share, outageMs: burstMs }, (bad) => {
        const [lower, upper] = ratioInterval((n - bad) / effect, n / effect, 0.05);
        return lower <= 1 - share && 1 - share <= upper;
      });
      expect(held).toBeGreaterThanOrEqual(least);
    }
  });

  test.each(rates)('so do those of a quantile, with slow results in bursts: %s', (_name, times) => {
    const share = 0.05;
    const objective: Objective = { ...stated, indicator: { kind: 'latency', quantile: 1 - share, targetMs: 250 } };
    const ranks = quantileRanks(times.length, 1 - share, 0.05, effectOf(objective, times)) ?? [0, Number.MAX_VALUE];
    const held = coverage(times, week, { share, outageMs: burstMs }, (slow) => {
      // It lies between the slowest of the fast ones and the fastest of the slow ones.
      const fast = times.length - slow;
      return ranks[0] <= fast && fast < ranks[1];
    });
    expect(held).toBeGreaterThanOrEqual(least);
  });

  test('taken at the mean rate, a week whose last day is probed more often would not', () => {
    const [, times] = rates[1] as (typeof rates)[number];
    const n = times.length;
    const mean = (n * burstMs) / week;
    const held = coverage(times, week, { share: 0.002, outageMs: burstMs }, (bad) => {
      const [lower, upper] = ratioInterval((n - bad) / mean, n / mean, 0.05);
      return lower <= 0.998 && 0.998 <= upper;
    });
    expect(held).toBeLessThan(0.7);
  });
});

describe('what counts as one', () => {
  test.each([
    [sliceMs, 1],
    [minuteMs, 1],
    [minuteMs, 9],
    [90_000, 2],
    [2 * minuteMs, 3],
    [5 * minuteMs, 9],
    [7 * minuteMs, 1],
  ])('at an even rate is what lint says: every %i ms, %i in a round', (everyMs, perRound) => {
    for (const burst of [minuteMs, 5 * minuteMs, 7 * minuteMs, hourMs, 90 * minuteMs, 30_000]) {
      const objective: Objective = { ...stated, burstMs: burst, windowMs: 7 * 24 * hourMs };
      const times = every(everyMs, 0, week).flatMap((atMs) => Array.from({ length: perRound }, () => atMs));
      const { effect } = stepsOf(objective, { everyMs, perRound });
      const found = effectOf(objective, times);
      expect(found).toBeGreaterThanOrEqual(0.99 * effect);
      expect(found).toBeLessThanOrEqual(1.1 * effect);
    }
  });

  const lastTen = { ...availability, burstMs };
  test.each<readonly [string, Objective, (spans: readonly Span[]) => Apart]>([
    ['an exclusion', lastTen, (spans) => apartOf(spans, [], sliceMs)],
    ['drills that are excluded', { ...lastTen, drills: 'excluded' }, (spans) => apartOf([], spans, sliceMs)],
    [
      'an exclusion, of a quantile',
      { ...lastTen, indicator: { kind: 'latency', quantile: 0.9, targetMs: 250 } },
      (spans) => apartOf(spans, [], sliceMs),
    ],
  ])('is not less for time that nothing is counted in: %s', (_name, objective, apart) => {
    const spans = [{ fromMs: t0, toMs: t0 + 50 * minuteMs }];
    expect(effectOf(objective, every(sliceMs, 0, hourMs), apart(spans))).toBe(30);
  });

  test('is seen where a heap of results lies across the edge of two blocks', () => {
    const acrossMs = 12.5 * minuteMs;
    const heap = every(sliceMs, acrossMs, acrossMs + 2 * minuteMs).map((atMs) => atMs + minuteMs);
    expect(effectOf({ ...availability, burstMs }, heap)).toBe(12);
  });
});

describe('merged slices', () => {
  const p90 = { kind: 'latency', quantile: 0.9, targetMs: 250 } as const;
  const objectives: readonly Objective[] = [
    ...[20_000, 5 * minuteMs, 7 * minuteMs, 20 * minuteMs, hourMs, 3 * hourMs].map(
      (burst): Objective => ({ ...availability, id: `up ${burst}`, windowMs: 3 * dayMs, burstMs: burst }),
    ),
    { ...availability, id: 'silence is bad', windowMs: 3 * dayMs, burstMs: 10 * minuteMs, missing: 'bad' },
    { ...availability, id: 'slow', windowMs: 3 * dayMs, burstMs: 10 * minuteMs, indicator: p90 },
    {
      ...availability,
      id: 'slow by region',
      windowMs: 3 * dayMs,
      burstMs: 15 * minuteMs,
      indicator: p90,
      weighting: { by: 'equal', weights: { us: 1, eu: 1 } },
    },
  ];

  test('know how their results lie: no verdict changes with them, and added up anew it is the same', () => {
    let nowMs = t0;
    const here = world(() => nowMs);
    const random = seededRandom(4);
    for (; nowMs < t0 + 2 * dayMs; nowMs += minuteMs) {
      // Most of an hour's results come in its first quarter; a region comes and goes.
      const results = nowMs % hourMs < hourMs / 4 ? 5 : random() < 0.3 ? 1 : 0;
      for (let index = 0; index < results; index += 1) {
        const region = nowMs % (7 * hourMs) < 3 * hourMs && index % 2 === 0 ? 'eu' : 'us';
        here.add(nowMs + index * sliceMs, { ...(random() < 0.02 ? bad : good), region, durationMs: 20 });
      }
      here.expect(nowMs, random() < 0.1 ? 1 : 0);
    }
    const kept = here.verdicts(objectives);
    const then = kept.at(t0 + 2 * dayMs);
    expect(then.every(({ because }) => /count as one|worth|regions/.test(because))).toBe(true);
    for (const days of [1, 3, 10]) {
      nowMs = t0 + (2 + days) * dayMs;
      here.slices.compact(nowMs);
      const now = kept.at(t0 + 2 * dayMs);
      expect(now.map(({ interval, status, n }) => [interval, status, n])).toEqual(
        then.map(({ interval, status, n }) => [interval, status, n]),
      );
      expect(here.verdicts(objectives).at(t0 + 2 * dayMs)).toEqual(now);
    }
    const [series] = here.slices.series();
    expect(series?.tiers.map((tier) => tier.size)).toEqual([0, 0, 48]);
  });

  test('that do not know how their results lie may have them all in one burst', () => {
    const effect = (widthMs: number): number => {
      const ledger = ledgerOf({ ...availability, windowMs: dayMs, burstMs }, () => nothingApart);
      const { regions } = sliceOf(t0, 60);
      ledger.put({ atMs: t0, widthMs }, [{ slice: { ...emptySlice(t0, widthMs), regions }, asked: true }]);
      return ledger.evidence({ fromMs: t0, toMs: t0 + dayMs }).designEffect;
    };
    expect(effect(hourMs)).toBe(60);
  });
});

test('an outage in all of several regions counts as what it does to their weighted share', () => {
  // Alike in size and weight, and busy in the same blocks: as if they were one.
  expect(jointEffect([1, 1, 1].map((weight) => ({ n: 600, effect: 5, weight })))).toBeCloseTo(15, 9);
  expect(jointEffect([{ n: 600, effect: 5, weight: 1 }])).toBeCloseTo(5, 9);
  expect(
    jointEffect([
      { n: 600, effect: 5, weight: 1 },
      { n: 0, effect: 1, weight: 1 },
    ]),
  ).toBeCloseTo(5, 9);
  expect(jointEffect([])).toBe(1);
});
