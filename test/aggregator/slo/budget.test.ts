import { expect, test } from 'vitest';
import type { Spending } from '../../../contract/api.ts';
import type { DrillReport } from '../../../contract/drill.ts';
import type { Objective } from '../../../contract/objective.ts';
import { availability, bad, dayMs, good, hourMs, t0, world } from './world.ts';

const month: Objective = { ...availability, indicator: { kind: 'availability', target: 0.99 }, windowMs: 30 * dayMs };
const drill = {
  id: 'd',
  fault: 'scale-to-zero',
  t0: { lowerMs: t0 + hourMs, upperMs: t0 + hourMs },
  endedMs: t0 + hourMs + 600_000,
};

/** A day of one result a minute; the first hour's first 36 failed, and so did all during the drill. */
function spending(objective: Objective, drills: readonly DrillReport[] = []): Spending | null {
  const nowMs = t0 + dayMs;
  const here = world(() => nowMs);
  for (let minute = 0; minute < 1_440; minute += 1) {
    here.add(t0 + minute * 60_000, minute < 36 || (minute >= 60 && minute < 70) ? bad : good);
  }
  return here.verdicts([objective], drills).one('up', nowMs)?.budget ?? null;
}

test('of a month one percent may fail, 7.2 hours; what was not measured yet is taken for good', () => {
  const found = spending(month);
  expect(found?.allowedMs).toBeCloseTo(7.2 * hourMs, 3);
  expect(found?.spent).toBeCloseTo(46 / 432, 3);
  expect(found?.left).toBeCloseTo(1 - 46 / 432, 3);
});

test.each([
  ['charged', 46, 10],
  ['apart', 36, 10],
  ['excluded', 36, 10],
] as const)("a drill's part is on a line of its own, and %s", (drills, spent, byDrills) => {
  const found = spending({ ...month, drills }, [drill as DrillReport]);
  expect(found?.spent).toBeCloseTo(spent / 432, 3);
  expect(found?.spentByDrills).toBeCloseTo(byDrills / 432, 3);
});

test('at five percent of two weeks, by slices of a minute, 16.8 hours may fail', () => {
  const indicator = { kind: 'availability', target: 0.95 } as const;
  const timeSlices = { sliceMs: 60_000, target: 0.9 };
  const found = spending({ ...month, indicator, windowMs: 14 * dayMs, timeSlices });
  expect(found?.allowedMs).toBeCloseTo(16.8 * hourMs, 3);
  expect(found?.spent).toBeCloseTo(46 / (14 * 1_440 * 0.05), 3);
});

test('nothing burns when the last hour was good, and the ticket of three days tells of the outage', () => {
  const found = spending(month);
  expect(found?.exhaustedIn.atThisRateMs).toBeNull();
  expect(found?.exhaustedIn.betweenMs[1]).toBeNull();
  expect(found?.burns.map(({ state }) => state)).toEqual(['quiet', 'quiet', 'quiet', 'quiet']);
  expect(found?.burns[2]?.long).toBeCloseTo(46 / 1_440 / 0.01, 1);
});

test('an outage that goes on fires, and it is told when the budget is gone', () => {
  const nowMs = t0 + dayMs;
  const here = world(() => nowMs);
  for (let minute = 0; minute < 1_440; minute += 1) here.add(t0 + minute * 60_000, minute < 1_410 ? good : bad);
  const found = here.verdicts([month]).one('up', nowMs)?.budget;
  expect(found?.burns.map(({ state }) => state)).toEqual(['firing', 'quiet', 'quiet', 'firing']);
  const left = 1 - 30 / 432;
  expect(found?.exhaustedIn.atThisRateMs).toBeCloseTo((left * 30 * dayMs) / 50, -6);
});

test('a quantile has no budget', () => {
  expect(spending({ ...month, indicator: { kind: 'latency', quantile: 0.95, targetMs: 100 } })).toBeNull();
});
