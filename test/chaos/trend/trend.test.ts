import { describe, expect, test } from 'vitest';
import { slopeOf } from '../../../chaos/trend/slope.ts';
import { trendOf } from '../../../chaos/trend/trend.ts';
import type { DrillReport } from '../../../contract/drill.ts';
import { seededRandom } from '../../../contract/random.ts';
import { drillReport, entryReport } from '../../fakes/drill-report.ts';

const dayMs = 86_400_000;

/** Drills a day apart whose first good answers came after so long. */
function drills(...firstGoodMs: readonly number[]): readonly DrillReport[] {
  return firstGoodMs.map((ms, index) => {
    const entry = entryReport('api', 'eu-west-1', ['eu-west-1']);
    const bounds = { lowerMs: ms - 100, upperMs: ms + 100 };
    const failover = { ...entry.failover, stages: { 'eu-west-1': { fresh: { 'first-good': bounds } } } };
    return { ...drillReport('lose-us', index * dayMs, [{ ...entry, failover }]), id: `d${index}` };
  });
}

function firstGood(reports: readonly DrillReport[]) {
  return trendOf('lose-us', reports).stages.find(({ stage }) => stage === 'failover first-good api');
}

describe('several drills', () => {
  test('of six the median has an interval, and of five one more is needed', () => {
    expect(firstGood(drills(50, 10, 40, 30, 20, 60).map((one) => one))).toMatchObject({
      n: 6,
      medianMs: 30,
      intervalMs: [10, 60],
      needed: 0,
    });
    expect(firstGood(drills(50, 10, 40, 30, 20))).toMatchObject({ n: 5, medianMs: 30, intervalMs: null, needed: 1 });
  });

  test('whose last took longer than each before, beyond the bounds, are a finding', () => {
    const before = [4_000, 4_100, 4_300, 4_200];
    expect(firstGood(drills(...before, 4_700))?.finding).toBe('slower');
    expect(firstGood(drills(...before, 4_450))?.finding).toBeNull();
    expect(firstGood(drills(...before, 3_500))?.finding).toBe('faster');
    expect(trendOf('lose-us', drills(...before, 4_700)).findings).toEqual([
      'failover first-good api took 4.60 s to 4.80 s in the last drill, slower than in each of the 4 before (median of all 4.20 s); by chance alone that is so once in 5',
    ]);
  });

  test('of which fewer than four came before the last say nothing of it', () => {
    expect(firstGood(drills(4_000, 4_100, 4_200, 9_000))?.finding).toBeNull();
  });

  test('count once each, in the order in which they were run, and only those that took something away', () => {
    const [first, second, third] = drills(1_000, 2_000, 3_000);
    if (first === undefined || second === undefined || third === undefined) throw new Error('three drills');
    const others = [
      { ...third, id: 'd9', t0: null },
      { ...third, id: 'd10', name: 'other' },
      { ...third, id: 'd11', fault: 'observed' },
      { ...third, id: 'd12', status: 'running' as const },
    ];
    expect(trendOf('lose-us', [third, first, ...others, second, first]).drills.map(({ id }) => id)).toEqual([
      'd0',
      'd1',
      'd2',
    ]);
  });

  test('a stage that the last did not show is no finding of the last', () => {
    const before = drills(4_000, 4_100, 4_200, 4_300, 9_000);
    const unseen = { ...drillReport('lose-us', 9 * dayMs, []), id: 'd9' };
    expect(firstGood([...before, unseen])?.finding).toBeNull();
    expect(firstGood(before)?.finding).toBe('slower');
  });
});

describe('a slope', () => {
  test('is that of the line, with an interval from five values on', () => {
    expect(slopeOf([1, 3, 5, 7])).toEqual({ perStep: 2, interval: null });
    expect(slopeOf([1, 3, 5, 7, 9])).toEqual({ perStep: 2, interval: [2, 2] });
    expect(slopeOf([4])).toBeNull();
  });

  test('is not bent by one value that is far off', () => {
    expect(slopeOf([1, 2, 3, 400, 5, 6, 7])?.perStep).toBe(1);
  });

  test('of values in chance order has 0 in its interval at least 95 times of 100', () => {
    for (const n of [5, 6, 8, 12]) {
      const random = seededRandom(n);
      let held = 0;
      const tries = 1_000;
      for (let count = 0; count < tries; count += 1) {
        const interval = slopeOf(Array.from({ length: n }, () => random()))?.interval ?? null;
        if (interval !== null && interval[0] <= 0 && interval[1] >= 0) held += 1;
      }
      expect(held / tries).toBeGreaterThan(0.94);
    }
  });
});
