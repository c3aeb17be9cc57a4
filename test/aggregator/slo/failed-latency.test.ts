/** What failed has no duration: to a quantile of latency it is slower than anything that has one. */
import { expect, test } from 'vitest';
import type { Objective } from '../../../contract/objective.ts';
import { seededRandom } from '../../../contract/random.ts';
import type { Verdict } from '../../../contract/verdict.ts';
import { availability, bad, good, hourMs, t0, type World, world } from './world.ts';

const p95: Objective = { ...availability, indicator: { kind: 'latency', quantile: 0.95, targetMs: 250 } };
const equal: Objective = { ...p95, weighting: { by: 'equal', weights: { us: 1, eu: 1 } } };

function judged(objective: Objective, fill: (here: World) => void): Verdict {
  const here = world(() => t0 + hourMs);
  fill(here);
  return here.verdicts([objective]).at(t0 + hourMs)[0] as Verdict;
}

/** So many good and then so many bad results, one a second. */
const results =
  (goodOnes: number, badOnes: number, region = 'us') =>
  (here: World): void => {
    for (let index = 0; index < goodOnes + badOnes; index += 1)
      here.add(t0 + index * 1_000, { ...(index < goodOnes ? good : bad), region });
  };

test('a total outage is not fast: what came before it was, and that is no pass', () => {
  const outage = judged(p95, results(96, 84));
  expect(outage).toMatchObject({ status: 'fail', measured: null, interval: null, needed: null, n: 180 });
  expect(outage.because).toBe(
    'p95 of 180 samples is a failure, 95 % interval a failure to a failure, want at most 250 ms; ' +
      '84 of them failed, which is slower than any duration',
  );
  expect(judged(p95, results(0, 500))).toMatchObject({ status: 'fail', measured: null });
});

test('as many failures as the quantile leaves room for spend it, and are told', () => {
  expect(judged(p95, results(990, 10))).toMatchObject({ status: 'pass', n: 1_000, measured: 20 });
  const open = judged(p95, results(950, 50));
  expect(open).toMatchObject({ status: 'inconclusive', measured: 20, interval: null });
  expect(open.because).toContain('95 % interval 20 ms to a failure');
  expect(open.because).toContain('50 of them failed');
  expect(judged(p95, results(900, 100)).status).toBe('fail');
});

test('it is the verdict that durations beyond all would give, whatever the share that failed', () => {
  const random = seededRandom(12);
  for (let run = 0; run < 60; run += 1) {
    const share = random() / 8;
    const drawn = Array.from({ length: 200 + Math.floor(random() * 600) }, () => [random() < share, 300 * random()]);
    const of = (failed: typeof bad) => (here: World) => {
      for (const [index, [fails, durationMs]] of drawn.entries())
        here.add(t0 + index * 1_000, fails === true ? failed : { ...good, durationMs: Number(durationMs) });
    };
    const endless = { ...good, durationMs: 1e9 };
    expect(judged(p95, of(bad)).status).toBe(judged(p95, of(endless)).status);
    expect(judged(equal, of(bad)).status).toBe(judged(equal, of(endless)).status);
  }
});

test('a region that is down is the worst, and fails what counts regions by weight', () => {
  const oneDown = (here: World): void => {
    results(1_000, 0)(here);
    results(0, 100, 'eu')(here);
  };
  const found = judged(equal, oneDown);
  expect(found).toMatchObject({ status: 'fail', measured: null, interval: null });
  expect(found.because).not.toContain('eu has no samples');
  expect(found.worst).toEqual({ region: 'eu', status: 'fail', measured: null, interval: null, n: 100 });
  expect(found.because).toContain('worst is eu: a failure (failures among its bounds, 100 samples)');
  expect(
    judged(equal, (here) => {
      results(0, 200)(here);
      results(0, 200, 'eu')(here);
    }),
  ).toMatchObject({ status: 'fail', measured: null });
  // Pooled, a ninth of all is more than a twentieth.
  expect(judged(p95, oneDown).status).toBe('fail');
});

test('is the same however its slices are merged, and after a restart', () => {
  let nowMs = t0 + hourMs;
  const here = world(() => nowMs);
  results(600, 40)(here);
  results(300, 3, 'eu')(here);
  for (const objective of [p95, equal]) {
    const month: Objective = { ...objective, windowMs: 720 * hourMs };
    nowMs = t0 + hourMs;
    const before = here.verdicts([month]).at(nowMs)[0] as Verdict;
    nowMs = t0 + 96 * hourMs;
    here.slices.compact(nowMs);
    const after = here.verdicts([month]).at(nowMs)[0] as Verdict;
    expect([after.status, after.n, after.measured]).toEqual([before.status, before.n, before.measured]);
  }
});
