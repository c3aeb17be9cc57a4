/** docs/slo.md quotes verdicts: they are those that the code gives. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emptyAccount } from '../../aggregator/slo/account.ts';
import { leastToFire } from '../../aggregator/slo/burn.ts';
import { judge } from '../../aggregator/slo/judge.ts';
import type { Objective } from '../../contract/objective.ts';
import { quantileRanks, quantileSamplesNeeded, ratioInterval } from '../../contract/statistics.ts';
import { flowing } from './pages.ts';

const page = flowing(readFileSync(join(import.meta.dirname, '../../docs/slo.md'), 'utf8')).replaceAll(' > ', ' ');

const objective: Objective = {
  id: 'up',
  check: 'entry',
  region: null,
  from: 'all',
  indicator: { kind: 'availability', target: 0.999 },
  windowMs: 30 * 86_400_000,
};

test('the verdict that it explains is the one of 22 failures in 43,200 samples', () => {
  const account = { ...emptyAccount(), good: 43_178, bad: 22, missing: 40 };
  const evidence = {
    kind: 'ratio',
    account,
    policy: 'exclude',
    designEffect: 5,
    noun: 'samples',
    missing: 40,
  } as const;
  const { because } = judge(objective, evidence, { atMs: 0, witnesses: { known: 3, healthy: 3 }, final: true });
  expect(page).toContain(because);
});

test('its other numbers are right', () => {
  expect(ratioInterval(1_440, 1_440, 0.05)[0]).toBeCloseTo(0.9974, 4);
  expect(quantileRanks(1_000, 0.99, 0.05)).toEqual([983, 997]);
  expect(quantileSamplesNeeded(0.99, 0.05)).toBe(368);
  expect(ratioInterval(36, 36, 0.05)[0]).toBeGreaterThanOrEqual(0.9);
  expect(ratioInterval(35, 35, 0.05)[0]).toBeLessThan(0.9);
  expect(leastToFire(60, { factor: 14.4 }, 0.999)).toBe(5);
});
