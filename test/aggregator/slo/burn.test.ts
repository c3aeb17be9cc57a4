import { expect, test } from 'vitest';
import type { Tally } from '../../../aggregator/slo/account.ts';
import { exhaustedInMs } from '../../../aggregator/slo/budget.ts';
import { burning, burnPairs, canNeverFire, leastToFire, rateOf } from '../../../aggregator/slo/burn.ts';
import { seededRandom } from '../../../contract/random.ts';
import type { Span } from '../../../contract/slo/spans.ts';
import { binomialTail } from '../../../contract/statistics.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const [page, slowPage] = burnPairs(30 * dayMs) as [
  ReturnType<typeof burnPairs>[number],
  ReturnType<typeof burnPairs>[number],
];

test("the pairs of thirty days are the workbook's, and those of 28 days a little slower", () => {
  expect(burnPairs(30 * dayMs).map(({ factor }) => Number(factor.toFixed(6)))).toEqual([14.4, 6, 3, 1]);
  expect(burnPairs(28 * dayMs).map(({ factor }) => Number(factor.toFixed(4)))).toEqual([13.44, 5.6, 2.8, 0.9333]);
  expect(burnPairs(30 * dayMs).map(({ longMs, shortMs }) => longMs / shortMs)).toEqual([12, 12, 12, 12]);
  expect(burnPairs(dayMs)).toEqual([]);
});

test('a pair that asks for more than everything to fail can never fire', () => {
  expect(canNeverFire(page, 0.93)).toBe(true);
  expect(canNeverFire(page, 0.931)).toBe(false);
  expect(leastToFire(60, page, 0.93)).toBeNull();
});

test.each([
  [60, 0.999, 5],
  [300, 0.999, 11],
  [3_600, 0.999, 70],
  [60, 0.99, 16],
  [300, 0.9999, 3],
])('of %i probes an hour against %f, %i failures fire the fast page and one fewer does not', (n, target, least) => {
  expect(leastToFire(n, page, target)).toBe(least);
  expect(binomialTail(least, n, page.factor * (1 - target))).toBeLessThanOrEqual(0.01);
  expect(binomialTail(least - 1, n, page.factor * (1 - target))).toBeGreaterThan(0.01);
});

/** One probe a minute; minutes before now that failed. */
function probes(...failed: readonly number[]): (span: Span) => Tally {
  return ({ fromMs, toMs }) => {
    const n = Math.floor((toMs - fromMs) / 60_000);
    return { good: n - failed.filter((minute) => minute <= n).length, unsure: 0, n };
  };
}

test('at one probe a minute neither one failed probe pages nor two', () => {
  expect(burning(page, 0.999, probes(1), dayMs).state).toBe('quiet');
  expect(burning(page, 0.999, probes(1, 2), dayMs).state).toBe('quiet');
});

test('a total outage pages in its fifth minute, and is quiet soon after its end', () => {
  expect(burning(page, 0.999, probes(1, 2, 3, 4), dayMs).state).toBe('quiet');
  expect(burning(page, 0.999, probes(1, 2, 3, 4, 5), dayMs).state).toBe('firing');
  expect(burning(page, 0.999, probes(6, 7, 8, 9, 10), dayMs).state).toBe('quiet');
});

test('a slow leak fires the slow pair, not the fast one', () => {
  const leak = Array.from({ length: 12 }, (_, index) => 5 + index * 25);
  expect(burning(page, 0.999, probes(...leak), dayMs).state).toBe('quiet');
  expect(burning(slowPage, 0.999, probes(...leak), dayMs).state).toBe('firing');
});

test('without samples in the short window nobody knows', () => {
  const silent = ({ fromMs, toMs }: Span): Tally => {
    const n = toMs - fromMs > hourMs / 2 ? 60 : 0;
    return { good: 0, unsure: 0, n };
  };
  expect(burning(page, 0.999, silent, dayMs).state).toBe('unknown');
});

test('what may have been good does not burn', () => {
  expect(rateOf({ good: 50, unsure: 10, n: 60 }, 0.999)).toMatchObject({ bad: 0, burn: 0 });
});

test('a service that burns at exactly the rate of a pair fires it at most one look in a hundred', () => {
  const random = seededRandom(14);
  const limit = page.factor * 0.001;
  let fired = 0;
  const looks = 5_000;
  for (let look = 0; look < looks; look += 1) {
    const failed = Array.from({ length: 60 }, (_, minute) => minute + 1).filter(() => random() < limit);
    if (burning(page, 0.999, probes(...failed), dayMs).state === 'firing') fired += 1;
  }
  expect(fired / looks).toBeLessThanOrEqual(0.01);
});

test('the rest of a budget lasts as long as its rate leaves it, between the bounds of the rate', () => {
  const rate = rateOf({ good: 594, unsure: 0, n: 600 }, 0.999);
  const { atThisRateMs, betweenMs } = exhaustedInMs(0.5, 30 * dayMs, rate);
  expect(rate.burn).toBeCloseTo(10, 9);
  expect(atThisRateMs).toBeCloseTo(1.5 * dayMs, 3);
  expect(betweenMs[0]).toBeLessThan(1.5 * dayMs);
  expect(betweenMs[1]).toBeGreaterThan(1.5 * dayMs);
  expect(exhaustedInMs(0.5, 30 * dayMs, rateOf({ good: 600, unsure: 0, n: 600 }, 0.999)).atThisRateMs).toBeNull();
  expect(exhaustedInMs(-0.1, 30 * dayMs, rate).atThisRateMs).toBe(0);
});
