import { expect, test } from 'vitest';
import { type Burns, burnWindows, wholeWindow } from '../../../aggregator/slo/burns.ts';
import type { DrillReport } from '../../../contract/drill.ts';
import type { Objective } from '../../../contract/objective.ts';
import { promDuration } from '../../../contract/prometheus.ts';
import { availability, bad, dayMs, good, hourMs, t0, world } from './world.ts';

const minuteMs = 60_000;
const month: Objective = { ...availability, windowMs: 30 * dayMs };
const nowMs = t0 + dayMs;
const drill = {
  ...{ id: 'd', fault: 'scale-to-zero', endedMs: nowMs - 3 * minuteMs },
  t0: { lowerMs: nowMs - 4 * minuteMs, upperMs: nowMs - 4 * minuteMs },
} as DrillReport;

/** A day of one result a minute; of the last ten minutes five failed and two never came. */
function burns(objective: Objective, drills: readonly DrillReport[] = []): readonly Burns[] {
  const here = world(() => nowMs);
  for (let minute = 1; minute <= 1_440; minute += 1) {
    const atMs = nowMs - minute * minuteMs;
    here.expect(atMs, 1);
    if (minute !== 8 && minute !== 9) here.add(atMs, minute <= 5 ? bad : good);
  }
  return here.verdicts([objective], drills).burns(nowMs);
}

function sumsOf(objective: Objective, drills: readonly DrillReport[] = []): ReadonlyMap<string, readonly number[]> {
  const [found] = burns(objective, drills);
  return new Map(found?.windows.map(({ name, tally: { good: fine, unsure, n } }) => [name, [fine, unsure, n]]));
}

test('every window has its sum, and the whole one is that of the objective', () => {
  const sums = sumsOf(month);
  expect([...sums.keys()]).toEqual([...burnWindows.map(({ name }) => name), wholeWindow]);
  expect(sums.get('5m')).toEqual([0, 0, 5]);
  expect(sums.get('30m')).toEqual([23, 0, 28]);
  expect(sums.get('1d')).toEqual([1_433, 0, 1_438]);
  expect(sums.get(wholeWindow)).toEqual(sums.get('1d'));
  expect(sumsOf({ ...month, windowMs: 10 * minuteMs }).get(wholeWindow)).toEqual([3, 0, 8]);
});

test('names of windows are how Prometheus writes them', () => {
  for (const { name, windowMs } of burnWindows) expect(promDuration(windowMs)).toBe(name);
  const written = [30 * dayMs, 28 * dayMs, 365 * dayMs, 25 * hourMs, 31 * dayMs + hourMs, 1_500, 0];
  expect(written.map(promDuration)).toEqual(['30d', '4w', '1y', '1d1h', '31d1h', '1s500ms', '0s']);
});

test.each([
  ['exclude', [23, 0, 28]],
  ['bad', [23, 0, 30]],
  ['hold', [25, 0, 30]],
] as const)('what is missing is counted as the objective says: %s', (missing, sum) => {
  expect(sumsOf({ ...month, missing }).get('30m')).toEqual(sum);
});

test.each([
  ['charged', [23, 0, 28]],
  ['apart', [23, 0, 27]],
  ['excluded', [23, 0, 27]],
] as const)('a drill counts where it is charged, and nowhere else: %s', (drills, sum) => {
  expect(sumsOf({ ...month, drills }, [drill]).get('30m')).toEqual(sum);
});

test('the pairs fire by those sums', () => {
  const [found] = burns(month);
  expect(found?.pairs.map(({ pair, state }) => [promDuration(pair.longMs), state])).toEqual([
    ['1h', 'quiet'],
    ['6h', 'quiet'],
    ['1d', 'quiet'],
    ['3d', 'quiet'],
  ]);
  const strict: Objective = { ...month, indicator: { kind: 'availability', target: 0.999 } };
  expect(burns(strict)[0]?.pairs[0]).toMatchObject({
    state: 'firing',
    long: { bad: 5, n: 58 },
    short: { bad: 5, n: 5 },
  });
});

test('quantiles and drills have no budget, and do not burn', () => {
  const quantile: Objective = { ...month, indicator: { kind: 'latency', quantile: 0.95, targetMs: 100 } };
  const failover: Objective = { ...month, indicator: { kind: 'failover', limitMs: minuteMs, target: 0.9 } };
  expect([quantile, failover].flatMap((objective) => burns(objective))).toEqual([]);
});
