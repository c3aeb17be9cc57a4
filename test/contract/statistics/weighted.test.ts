import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../../contract/random.ts';
import { binomialTail, logWeightedCdf, logWeightedTail, type Stratum } from '../../../contract/statistics.ts';

/** P(the weighted share is at least that of `strata`) where the shares of two groups are these, term by term. */
function exactTail([a, b]: readonly [Stratum, Stratum], [p, q]: readonly [number, number]): number {
  const share = (a.weight * a.k) / a.n + (b.weight * b.k) / b.n;
  let sum = 0;
  for (let k = 0; k <= a.n; k += 1) {
    const least = Math.ceil(((share - (a.weight * k) / a.n) * b.n) / b.weight - 1e-9);
    if (least > b.n) continue;
    const term = binomialTail(k, a.n, p) - (k === a.n ? 0 : binomialTail(k + 1, a.n, p));
    sum += term * (least <= 0 ? 1 : binomialTail(least, b.n, q));
  }
  return sum;
}

test('no shares of the groups that add up to q make the tail larger than its bound', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0.05, max: 0.95, noNaN: true }),
      fc.double({ min: 0.1, max: 0.99, noNaN: true }),
      (n, m, k, l, weight, q) => {
        const groups = [
          { weight, n, k: Math.round(k * n) },
          { weight: 1 - weight, n: m, k: Math.round(l * m) },
        ] as const;
        const bound = Math.exp(logWeightedTail(groups, q));
        for (let step = 0; step <= 20; step += 1) {
          const p = step / 20;
          const other = (q - weight * p) / (1 - weight);
          if (other < 0 || other > 1) continue;
          expect(exactTail(groups, [p, other])).toBeLessThanOrEqual(bound * (1 + 1e-9));
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('with one group that never failed, and with all groups alike, it is the exact tail', () => {
  const alone: readonly Stratum[] = [{ weight: 1, n: 72, k: 72 }];
  expect(Math.exp(logWeightedTail(alone, 0.95))).toBeCloseTo(0.95 ** 72, 12);
  const alike: readonly Stratum[] = [0.5, 0.5].map((weight) => ({ weight, n: 36, k: 36 }));
  expect(Math.exp(logWeightedTail(alike, 0.95))).toBeCloseTo(0.95 ** 72, 12);
});

test('a group of which there are few samples holds the whole back', () => {
  const groups: readonly Stratum[] = [
    { weight: 0.5, n: 10, k: 10 },
    { weight: 0.5, n: 1_000, k: 1_000 },
  ];
  // 10 % of the first may lie beyond, and none of the second.
  expect(Math.exp(logWeightedTail(groups, 0.95))).toBeCloseTo(0.9 ** 10, 9);
  const silent = groups.map((group) => (group.n === 10 ? { ...group, n: 0, k: 0 } : group));
  expect(logWeightedTail(silent, 0.95)).toBe(0);
});

test('below is the mirror of above, and nothing is refuted by its own value', () => {
  const groups: readonly Stratum[] = [
    { weight: 0.6, n: 300, k: 280 },
    { weight: 0.4, n: 50, k: 45 },
  ];
  const mirrored = groups.map(({ weight, n, k }) => ({ weight, n, k: n - k }));
  expect(logWeightedCdf(groups, 0.96)).toBe(logWeightedTail(mirrored, 1 - 0.96));
  expect(logWeightedTail(groups, 0.95)).toBe(0);
  expect(logWeightedCdf(groups, 0.5)).toBe(0);
});

test('twice the samples square the bound', () => {
  const groups: readonly Stratum[] = [
    { weight: 0.6, n: 300, k: 295 },
    { weight: 0.4, n: 50, k: 49 },
  ];
  const twice = groups.map(({ weight, n, k }) => ({ weight, n: 2 * n, k: 2 * k }));
  expect(logWeightedTail(twice, 0.95) / logWeightedTail(groups, 0.95)).toBeCloseTo(2, 6);
});

test('it refutes the truth in at most 5 % of seeded windows, both sides together, and not never', () => {
  const random = seededRandom(5);
  const truth = [0.99, 0.9, 0.8] as const;
  const weights = [0.6, 0.3, 0.1] as const;
  const sizes = [400, 120, 60] as const;
  const q = truth.reduce((sum, p, index) => sum + p * (weights[index] as number), 0);
  let refuted = 0;
  const windows = 1_000;
  for (let window = 0; window < windows; window += 1) {
    const groups = truth.map((p, index): Stratum => {
      const n = sizes[index] as number;
      let k = 0;
      for (let sample = 0; sample < n; sample += 1) if (random() < p) k += 1;
      return { weight: weights[index] as number, n, k };
    });
    if (logWeightedTail(groups, q) <= Math.log(0.025)) refuted += 1;
    else if (logWeightedCdf(groups, q) <= Math.log(0.025)) refuted += 1;
  }
  expect(refuted / windows).toBeLessThanOrEqual(0.05);
  expect(refuted).toBeGreaterThan(0);
});
