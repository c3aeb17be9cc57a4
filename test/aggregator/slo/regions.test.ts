import { describe, expect, test } from 'vitest';
import type { Objective } from '../../../contract/objective.ts';
import { seededRandom } from '../../../contract/random.ts';
import type { Verdict } from '../../../contract/verdict.ts';
import { availability, good, hourMs, t0, type World, world } from './world.ts';

const p90: Objective = { ...availability, indicator: { kind: 'latency', quantile: 0.9, targetMs: 500 } };
const equal: Objective = { ...p90, weighting: { by: 'equal', weights: { us: 1, eu: 1 } } };
const traffic: Objective = { ...p90, weighting: { by: 'traffic', weights: { us: 95, eu: 5 } } };

/** One result a second for each: us is probed nine times as often, and quick. */
function fill(here: World): void {
  for (let index = 0; index < 1_000; index += 1) {
    const isUs = index % 10 !== 0;
    const durationMs = isUs ? 50 + (index % 97) : 800 + (index % 89);
    here.add(t0 + index * 1_000, { ...good, region: isUs ? 'us' : 'eu', durationMs });
  }
}

function judged(objective: Objective, filled = fill, nowMs = t0 + hourMs): Verdict {
  const here = world(() => nowMs);
  filled(here);
  return here.verdicts([objective]).at(nowMs)[0] as Verdict;
}

describe('a quantile over several regions', () => {
  test('counts every result the same unless it says otherwise, and names the worst region beside it', () => {
    const found = judged({ ...p90, indicator: { kind: 'latency', quantile: 0.85, targetMs: 500 } });
    expect(found).toMatchObject({ status: 'pass', n: 1_000 });
    expect(found.worst).toMatchObject({ region: 'eu', status: 'fail', n: 100 });
    expect(found.because).toMatch(/; worst is eu: 8\d\d ms \(\d+ ms to \d+ ms, 100 samples\)/);
  });

  test('counts every region the same: a slow one is not hidden by being probed less', () => {
    const found = judged(equal);
    expect(found).toMatchObject({ status: 'fail', n: 1_000 });
    expect(found.measured).toBeGreaterThan(800);
    expect(found.because).toContain('p90 of 2 regions, each counted the same, is ');
  });

  test('counts regions by their share of the traffic', () => {
    const found = judged(traffic);
    expect(found).toMatchObject({ status: 'pass', n: 1_000 });
    expect(found.measured).toBeLessThan(160);
    expect(found.because).toContain('by traffic');
    expect(found.worst?.region).toBe('eu');
  });

  test('of which one is silent is not known, as long as its share could decide', () => {
    const onlyUs = (here: World): void => {
      for (let index = 0; index < 1_000; index += 1) here.add(t0 + index * 1_000, { ...good, region: 'us' });
    };
    const found = judged(equal, onlyUs);
    expect(found).toMatchObject({ status: 'inconclusive', interval: null, needed: null, n: 1_000 });
    expect(found.because).toContain('eu has no samples');
    // Five hundredths cannot move a ninetieth percentile beyond the others.
    expect(judged(traffic, onlyUs).status).toBe('pass');
  });

  test('with few samples says how many more would decide, and so many do', () => {
    const times = (factor: number) => (here: World) => {
      for (let index = 0; index < 40 * factor; index += 1)
        here.add(t0 + index * 100, { ...good, region: index % 2 === 0 ? 'us' : 'eu' });
    };
    const few = judged(equal, times(0.5));
    expect(few).toMatchObject({ status: 'inconclusive', n: 20, interval: null });
    const enough = (20 + (few.needed ?? 0)) / 40;
    expect(judged(equal, times(enough + 0.05)).status).toBe('pass');
    expect(judged(equal, times(enough - 0.1)).status).toBe('inconclusive');
    expect(judged(equal, () => undefined)).toMatchObject({ status: 'inconclusive', measured: null, n: 0 });
  });

  test('with a longest burst stated has fewer samples to go by', () => {
    expect(judged({ ...equal, burstMs: 2_000 }).status).toBe('fail');
    expect(judged({ ...equal, burstMs: 600_000 }).status).toBe('inconclusive');
  });

  test('is the same however its slices are merged', () => {
    let nowMs = t0 + hourMs;
    const here = world(() => nowMs);
    fill(here);
    const month: Objective = { ...equal, windowMs: 720 * hourMs };
    const kept = here.verdicts([month]);
    const before = kept.at(nowMs)[0];
    nowMs = t0 + 96 * hourMs;
    here.slices.compact(nowMs);
    const { at: _, final: __, ...after } = kept.at(nowMs)[0] as Verdict;
    expect(before).toMatchObject(after);
    expect(here.verdicts([month]).at(nowMs)).toEqual(kept.at(nowMs));
  });

  test('has an interval that contains the truth in at least 95 % of seeded windows', () => {
    const random = seededRandom(3);
    // Exponential in both: the weighted share below x is 1 - (exp(-x/100) + exp(-x/300)) / 2.
    const below = (ms: number): number => 1 - (Math.exp(-ms / 100) + Math.exp(-ms / 300)) / 2;
    let holds = 0;
    const windows = 120;
    for (let window = 0; window < windows; window += 1) {
      const { interval } = judged(equal, (here) => {
        for (let index = 0; index < 400; index += 1) {
          const isUs = index % 4 !== 0;
          const durationMs = -(isUs ? 100 : 300) * Math.log(1 - random());
          here.add(t0 + index * 1_000, { ...good, region: isUs ? 'us' : 'eu', durationMs });
        }
      });
      if (interval !== null && below(interval[0]) <= 0.9 && below(interval[1]) >= 0.9) holds += 1;
    }
    expect(holds / windows).toBeGreaterThanOrEqual(0.95);
  });
});
