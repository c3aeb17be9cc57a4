import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aged, boundsOf, type ClockOffset, errorMs, offsetAt, withExchange } from '../../aggregator/clock-offset.ts';
import { contains } from '../../contract/bounds.ts';

/** An agent's clock: `aheadMs` at time 0 of the aggregator's, and so many ppm faster. */
function agentClock(aheadMs: number, ppm: number) {
  return (atMs: number): number => atMs * (1 + ppm / 1_000_000) + aheadMs;
}

const exchange = fc.record({
  afterMs: fc.double({ min: 1, max: 60_000, noNaN: true }),
  thereMs: fc.double({ min: 0.01, max: 200, noNaN: true }),
  insideMs: fc.double({ min: 0, max: 5, noNaN: true }),
  backMs: fc.double({ min: 0.01, max: 200, noNaN: true }),
});

test('with any drift up to 200 ppm and any delays, the bounds contain the true offset, then and later', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e5, max: 1e5, noNaN: true }),
      fc.double({ min: -199, max: 199, noNaN: true }),
      fc.array(exchange, { minLength: 1, maxLength: 30 }),
      fc.double({ min: 0, max: 3_600_000, noNaN: true }),
      (aheadMs, ppm, exchanges, laterMs) => {
        const agent = agentClock(aheadMs, ppm);
        let known: ClockOffset | null = null;
        let nowMs = 1_700_000_000_000;
        for (const { afterMs, thereMs, insideMs, backMs } of exchanges) {
          const t1 = nowMs + afterMs;
          const receivedMs = t1 + thereMs;
          const sentMs = receivedMs + insideMs;
          nowMs = sentMs + backMs;
          known = withExchange(known, { t1, t2: agent(receivedMs), t3: agent(sentMs), t4: nowMs });
        }
        expect(known?.restarts).toBe(0);
        for (const atMs of [nowMs, nowMs + laterMs, nowMs - 500]) {
          const agentMs = agent(atMs);
          expect(contains(offsetAt(known, agentMs), atMs - agentMs)).toBe(true);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('a narrow exchange is kept when a wide one follows', () => {
  const narrow = withExchange(null, { t1: 1_000, t2: 2_000.5, t3: 2_000.5, t4: 1_001 });
  const wide = withExchange(narrow, { t1: 2_000, t2: 3_050, t3: 3_050, t4: 2_100 });
  expect(errorMs(wide?.bounds ?? { lowerMs: 0, upperMs: 1e9 })).toBeLessThan(1);
});

test('bounds widen with age', () => {
  const known = withExchange(null, { t1: 1_000, t2: 2_000.5, t3: 2_000.5, t4: 1_001 });
  if (known === null) throw new Error('no offset');
  const hourMs = 3_600_000;
  expect(errorMs(aged(known, known.atMs + hourMs)) - errorMs(known.bounds)).toBeCloseTo(720, 3);
});

test('a clock that was stepped starts the comparison over, and says so', () => {
  const before = withExchange(null, { t1: 1_000, t2: 2_000, t3: 2_000, t4: 1_001 });
  const after = withExchange(before, { t1: 3_000, t2: 9_000, t3: 9_000, t4: 3_001 });
  expect(after?.restarts).toBe(1);
  expect(contains(after?.bounds ?? { lowerMs: 0, upperMs: 0 }, -5_999.5)).toBe(true);
});

test('stamps that contradict themselves prove nothing', () => {
  expect(boundsOf({ t1: 2, t2: 1, t3: 1, t4: 1 })).toBeUndefined();
  expect(boundsOf({ t1: 1, t2: 5, t3: 4, t4: 2 })).toBeUndefined();
  expect(boundsOf({ t1: 1, t2: 0, t3: 9, t4: 2 })).toBeUndefined();
});
