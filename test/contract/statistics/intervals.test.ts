import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  binomialCdf,
  incompleteBeta,
  logGamma,
  meanInterval,
  quantile,
  quantileRanks,
  quantileSamplesNeeded,
  ratioInterval,
} from '../../../contract/statistics.ts';

test.each([
  [0, 60, 0, 0.0596],
  [1, 60, 0.0004, 0.0894],
  [0, 300, 0, 0.0122],
  [1, 1_440, 0.00002, 0.00386],
  [43, 43_200, 0.00072, 0.00134],
])('the exact interval of %i in %i is the tabled one', (k, n, lower, upper) => {
  const [low, high] = ratioInterval(k, n, 0.05);
  expect(low).toBeCloseTo(lower, 4);
  expect(high).toBeCloseTo(upper, 4);
});

test('nothing is known of a ratio without samples', () => {
  expect(ratioInterval(0, 0, 0.05)).toEqual([0, 1]);
});

test.each([
  [500, 490, 500],
  [1_000, 983, 997],
  [1_440, 1_418, 1_433],
  [5_000, 4_936, 4_964],
  [10_000, 9_880, 9_920],
])('the ranks that contain p99 of %i samples are the tabled ones, within one', (n, lower, upper) => {
  const ranks = quantileRanks(n, 0.99, 0.05);
  expect(Math.abs((ranks?.[0] ?? 0) - lower)).toBeLessThanOrEqual(1);
  expect(Math.abs((ranks?.[1] ?? 0) - upper)).toBeLessThanOrEqual(1);
});

test.each([
  [0.5, 6],
  [0.9, 36],
  [0.95, 72],
  [0.99, 368],
  [0.999, 3_688],
])('the quantile %f needs %i samples for a bound on both sides', (q, n) => {
  expect(Math.abs(quantileSamplesNeeded(q, 0.05) - n)).toBeLessThanOrEqual(1);
  expect(quantileRanks(n + 1, q, 0.05)).toBeDefined();
  expect(quantileRanks(n - 2, q, 0.05)).toBeUndefined();
});

describe('the binomial distribution', () => {
  test('agrees with the sum of its terms', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0.01, max: 0.99, noNaN: true }), (n, p) => {
        let sum = 0;
        for (let k = 0; k < n; k += 1) {
          const log =
            logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) + k * Math.log(p) + (n - k) * Math.log1p(-p);
          sum += Math.exp(log);
          expect(binomialCdf(k, n, p)).toBeCloseTo(sum, 9);
        }
      }),
      { numRuns: 50 },
    );
  });
  test('is symmetric in its incomplete beta function', () => {
    expect(incompleteBeta(0.3, 4, 7) + incompleteBeta(0.7, 7, 4)).toBeCloseTo(1, 12);
  });
});

test('an interval for a ratio contains the ratio seen, and narrows with more of the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
      const k = Math.round(n * share);
      const [lower, upper] = ratioInterval(k, n, 0.05);
      expect(lower).toBeLessThanOrEqual(k / n);
      expect(upper).toBeGreaterThanOrEqual(k / n);
      const [tighterLower, tighterUpper] = ratioInterval(k * 4, n * 4, 0.05);
      expect(tighterUpper - tighterLower).toBeLessThanOrEqual(upper - lower);
    }),
    { numRuns: 100 },
  );
});

test('a quantile is the sample at its rank', () => {
  const sorted = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(quantile(sorted, 0.95)).toBe(95);
  expect(quantile(sorted, 0)).toBe(1);
  expect(quantile([], 0.5)).toBeUndefined();
});

test("a mean of a few runs has Student's interval, and one run none", () => {
  // 1 to 5: mean 3, standard error 0.7071, t = 2.7764 with four degrees of freedom.
  const [lower = 0, upper = 0] = meanInterval([1, 2, 3, 4, 5], 0.05) ?? [];
  expect(lower).toBeCloseTo(3 - 2.776445 * Math.SQRT1_2, 5);
  expect(upper).toBeCloseTo(3 + 2.776445 * Math.SQRT1_2, 5);
  expect(meanInterval([1], 0.05)).toBeUndefined();
});
