import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from '../../probes/uplink/backoff.ts';
import { clockEstimate } from '../../probes/uplink/clock-estimate.ts';
import { fakeClock } from '../fakes/clock.ts';

test('waits grow from a fifth of a second to ten, and are never the same for a whole fleet', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (failures, drawn) => {
        const waitMs = backoffMs(failures, () => drawn);
        const fullMs = Math.min(10_000, 200 * 2 ** (failures - 1));
        expect(waitMs).toBeGreaterThanOrEqual(fullMs / 2);
        expect(waitMs).toBeLessThanOrEqual(fullMs);
      },
    ),
  );
});

test('an instant of the aggregator’s clock is converted as surely as the narrowest exchange allows', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1e9, max: 1e9 }),
      fc.array(fc.tuple(fc.nat(200), fc.nat(200)), { minLength: 1, maxLength: 8 }),
      (aheadMs, ways) => {
        const clock = fakeClock();
        const estimate = clockEstimate(clock);
        const t1 = clock.nowMs();
        for (const [outMs, backMs] of ways) {
          const t2 = t1 + outMs + aheadMs;
          estimate.add({ t1, t2, t3: t2, t4: t1 + outMs + backMs });
        }
        const errorMs = Math.abs((estimate.toAgentMs(t1 + aheadMs) ?? Number.NaN) - t1);
        const narrowestMs = Math.min(...ways.map(([outMs, backMs]) => (outMs + backMs) / 2));
        expect(errorMs).toBeLessThanOrEqual(narrowestMs + 1);
      },
    ),
    {
      numRuns: 1_000,
      examples: [
        [
          0,
          [
            [0, 1],
            [4, 0],
          ],
        ],
      ],
    },
  );
});

test('an exchange that contradicts all before it starts over: a clock was set', () => {
  const clock = fakeClock();
  const estimate = clockEstimate(clock);
  expect(estimate.toAgentMs(5)).toBeUndefined();
  const t1 = clock.nowMs();
  estimate.add({ t1, t2: t1, t3: t1, t4: t1 });
  estimate.add({ t1, t2: t1 + 60_000, t3: t1 + 60_000, t4: t1 + 10 });
  expect(estimate.toAgentMs(t1 + 60_000)).toBeCloseTo(t1 + 5, 0);
});
