import { describe, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../../contract/random.ts';
import {
  burstBlockMs,
  crowdingOf,
  evenEffect,
  quantileRanks,
  ratioIntervalInBursts,
  ratioSamplesNeeded,
  samplesInBurst,
  sideOf,
  slicesInBurst,
  statedEffect,
} from '../../../contract/statistics.ts';

const windows = 10_000;
const alpha = 0.05;
const least = 0.945;

type Lengths = 'all of the longest' | 'of any length up to the longest';
type Bursty = { readonly p: number; readonly longest: number; readonly lengths: Lengths };

/** Calls `bad` with each burst's start and length, for a service that is bad for a share of `p` of all samples. */
function play(
  { p, longest, lengths }: Bursty,
  n: number,
  random: Random,
  bad: (from: number, to: number) => void,
): void {
  const mean = lengths === 'all of the longest' ? longest : (longest + 1) / 2;
  // Good stretches are geometric, of at least one sample, so that two bursts are never one longer burst.
  const goodMean = (mean * (1 - p)) / p;
  const draw = (): number => 1 + Math.floor(Math.log(1 - random()) / Math.log(1 - 1 / goodMean));
  const length = (): number => (lengths === 'all of the longest' ? longest : 1 + Math.floor(random() * longest));
  let at = -20 * (longest + goodMean) * random();
  at = Math.round(at);
  while (at < n) {
    at += draw();
    const to = at + length();
    if (to > 0 && at < n) bad(Math.max(0, at), Math.min(n, to));
    at = to;
  }
}

function coverage(of: Bursty, n: number, designEffect: number): number {
  const random = seededRandom(n + of.longest);
  const known = new Map<number, boolean>();
  let contained = 0;
  for (let window = 0; window < windows; window += 1) {
    let bad = 0;
    play(of, n, random, (from, to) => {
      bad += to - from;
    });
    let holds = known.get(bad);
    if (holds === undefined) {
      const [lower, upper] = ratioIntervalInBursts(bad, n, designEffect, alpha);
      holds = lower <= of.p && of.p <= upper;
      known.set(bad, holds);
    }
    if (holds) contained += 1;
  }
  return contained / windows;
}

describe(`95 % intervals contain the true share of failures in at least 94.5 % of ${windows} windows`, () => {
  test.each([
    [60, 0.02],
    [1_440, 0.001],
    [1_440, 0.01],
    [10_080, 0.001],
    [43_200, 0.0002],
  ])('independent: %i samples, %f of them bad', (n, p) => {
    const random = seededRandom(n);
    const known = new Map<number, boolean>();
    let contained = 0;
    for (let window = 0; window < windows; window += 1) {
      let bad = 0;
      for (let at = skip(p, random); at < n; at += 1 + skip(p, random)) bad += 1;
      let holds = known.get(bad);
      if (holds === undefined) {
        const [lower, upper] = ratioIntervalInBursts(bad, n, 1, alpha);
        holds = lower <= p && p <= upper;
        known.set(bad, holds);
      }
      if (holds) contained += 1;
    }
    expect(contained / windows).toBeGreaterThanOrEqual(least);
  });

  test.each<readonly [number, Bursty]>([
    [1_440, { p: 0.01, longest: 5, lengths: 'all of the longest' }],
    [1_440, { p: 0.01, longest: 30, lengths: 'all of the longest' }],
    [1_440, { p: 0.02, longest: 30, lengths: 'of any length up to the longest' }],
    [1_440, { p: 0.002, longest: 60, lengths: 'all of the longest' }],
    [10_080, { p: 0.001, longest: 30, lengths: 'all of the longest' }],
    [10_080, { p: 0.005, longest: 60, lengths: 'of any length up to the longest' }],
    [43_200, { p: 0.001, longest: 120, lengths: 'of any length up to the longest' }],
  ])('in bursts, the longest stated: %i samples, %o', (n, of) => {
    expect(coverage(of, n, of.longest)).toBeGreaterThanOrEqual(least);
  });
});

/** How many good samples come before the next bad one. */
function skip(p: number, random: Random): number {
  return Math.floor(Math.log(1 - random()) / Math.log1p(-p));
}

test('taken for independent, samples in bursts are contained far less often: why a longest burst has to be stated', () => {
  const of: Bursty = { p: 0.01, longest: 30, lengths: 'all of the longest' };
  expect(coverage(of, 1_440, 1)).toBeLessThan(0.5);
});

test('the order statistics of a quantile contain it, with slow samples in bursts of a stated length too', () => {
  const [n, longest, p] = [1_440, 10, 0.05];
  const random = seededRandom(9);
  const ranks = quantileRanks(n, 1 - p, alpha, longest) ?? [0, 0];
  let contained = 0;
  for (let window = 0; window < windows; window += 1) {
    let slow = 0;
    play({ p, longest, lengths: 'all of the longest' }, n, random, (from, to) => {
      slow += to - from;
    });
    // The quantile lies between the slowest of the fast samples and the fastest of the slow ones.
    const fast = n - slow;
    if (ranks[0] <= fast && fast < ranks[1]) contained += 1;
  }
  expect(contained / windows).toBeGreaterThanOrEqual(least);
});

test('a burst is worth the samples that fall into it', () => {
  expect(samplesInBurst(300_000, 8_640, 86_400_000)).toBe(30);
  expect(samplesInBurst(1_000, 1_440, 86_400_000)).toBe(1);
  expect(samplesInBurst(300_000, 3, 10_000)).toBe(3);
  expect(samplesInBurst(300_000, 0, 0)).toBe(1);
});

const minuteMs = 60_000;

test('a stated burst is counted in blocks as long as it that an hour is whole numbers of, or in whole hours', () => {
  const inMinutes = (minutes: number): number => burstBlockMs(minutes * minuteMs) / minuteMs;
  expect([0.1, 1, 5, 5.5, 7, 30, 60, 61, 150].map(inMinutes)).toEqual([1, 1, 5, 6, 10, 30, 60, 120, 180]);
});

test('blocks of unequal size count for their squares, and a part of a minute for as much of it', () => {
  expect(statedEffect(30 * 30 * 10 + 10, 310, 5 * minuteMs)).toBeCloseTo(9_010 / 310, 12);
  expect(statedEffect(60 * 60, 60, 10_000)).toBeCloseTo(1 + 59 / 6, 12);
  expect([statedEffect(0, 0, minuteMs), statedEffect(5, 5, minuteMs), statedEffect(900, 3, minuteMs)]).toEqual([
    1, 1, 3,
  ]);
});

test.each([
  [5 * minuteMs, 10_000, 1],
  [5 * minuteMs, minuteMs, 3],
  [5 * minuteMs, 2 * minuteMs, 2],
  [10 * minuteMs, 7 * minuteMs, 1],
  [minuteMs, 45_000, 4],
  [5 * minuteMs, 3_600_000, 9],
])(
  'at an even rate it is the mean over all places of blocks: %i ms, every %i ms, %i in a round',
  (burstMs, everyMs, perRound) => {
    const blockMs = burstBlockMs(burstMs);
    const [rounds, shifts] = [600, 60];
    let squares = 0;
    for (let shift = 0; shift < shifts; shift += 1) {
      const sizes = new Map<number, number>();
      for (let round = 0; round < rounds; round += 1) {
        const block = Math.floor((round * everyMs + (shift / shifts) * blockMs) / blockMs);
        sizes.set(block, (sizes.get(block) ?? 0) + perRound);
      }
      for (const size of sizes.values()) squares += size ** 2;
    }
    const mean = statedEffect(squares / shifts, rounds * perRound, burstMs);
    expect(mean / evenEffect(burstMs, everyMs, perRound)).toBeGreaterThan(0.97);
    expect(mean / evenEffect(burstMs, everyMs, perRound)).toBeLessThan(1.01);
  },
);

test('a burst touches one slice of time more than it is long', () => {
  expect(slicesInBurst(300_000, 60_000)).toBe(6);
  expect(slicesInBurst(90_000, 60_000)).toBe(3);
  expect(slicesInBurst(10_000, 60_000)).toBe(2);
});

function summed(blocks: readonly { readonly good: number; readonly bad: number }[]) {
  const sums = { good: 0, bad: 0, blocks: blocks.length, squares: 0 };
  for (const { good, bad } of blocks) {
    sums.good += good;
    sums.bad += bad;
    sums.squares += bad ** 2 / (good + bad);
  }
  return sums;
}

test('independent failures are not taken for bursts', () => {
  const random = seededRandom(5);
  let taken = 0;
  for (let run = 0; run < 200; run += 1) {
    const blocks = Array.from({ length: 100 }, () => {
      let bad = 0;
      for (let sample = 0; sample < 50; sample += 1) if (random() < 0.05) bad += 1;
      return { good: 50 - bad, bad };
    });
    if (crowdingOf(summed(blocks)) > 1) taken += 1;
  }
  expect(taken).toBeLessThan(6);
});

test('blocks that differ more than chance explains show by how much', () => {
  const blocks = Array.from({ length: 100 }, (_, index) => ({ good: index === 3 ? 0 : 50, bad: index === 3 ? 50 : 0 }));
  expect(crowdingOf(summed(blocks))).toBeGreaterThan(40);
  expect(crowdingOf(summed([{ good: 50, bad: 0 }]))).toBe(1);
  expect(crowdingOf(summed([]))).toBe(1);
});

test.each([
  [100, 100, 0.99, 1],
  [9_990, 10_000, 0.9985, 1],
  [995, 1_000, 0.99, 1],
  [995, 1_000, 0.99, 7.5],
  [985, 1_000, 0.99, 1],
])(
  '%i good of %i against %f, %f counting as one: so many more decide, and one fewer do not',
  (good, n, target, effect) => {
    const question = { good, n, target, designEffect: effect, alpha };
    const needed = ratioSamplesNeeded(question);
    const side = (total: number) => sideOf({ ...question, good: (good / n) * total, n: total });
    expect(side(n)).toBe('both');
    expect(side(n + needed)).not.toBe('both');
    expect(side(n + needed - 1)).toBe('both');
  },
);
