import { describe, expect, test } from 'vitest';
import type { Objective } from '../../../contract/objective.ts';
import type { Verdict } from '../../../contract/verdict.ts';
import { availability, bad, dayMs, good, hourMs, t0, type World, world } from './world.ts';

function judged(objective: Objective, atMs: number, fill: (here: World) => void) {
  const here = world(() => atMs);
  fill(here);
  return here.verdicts([objective]).at(atMs)[0] as Verdict;
}

/** One result a second. */
function every(here: World, fromMs: number, toMs: number, result = good): void {
  for (let atMs = fromMs; atMs < toMs; atMs += 1_000) here.add(atMs, result);
}

describe('residency', () => {
  const objective: Objective = { ...availability, indicator: { kind: 'residency', target: 0.99 } };
  const key = { checkId: 'home/us', vantage: 'v1', burst: '' };
  const leaking = (here: World): void => {
    every(here, t0 + 3_500_000, t0 + 3_600_000, bad);
    for (let atMs = t0 + 3_500_000; atMs < t0 + 3_600_000; atMs += 1_000) here.slices.leaked(key, 'us', atMs, 1);
  };

  test('is the share of answers that kept the rule: a leak is a failure', () => {
    const found = judged(objective, t0 + hourMs, (here) => {
      every(here, t0, t0 + 3_500_000);
      leaking(here);
    });
    expect(found).toMatchObject({ n: 3_600, missing: 0, status: 'fail' });
    expect(found.because).toContain('97.22 % of 3600 answers good');
  });

  test('is not spoilt by what did not come about: that is missing, and shows nothing of where anything is', () => {
    const found = judged(objective, t0 + hourMs, (here) => {
      every(here, t0, t0 + 3_000_000);
      every(here, t0 + 3_000_000, t0 + 3_600_000, bad);
    });
    expect(found).toMatchObject({ n: 3_000, missing: 600, status: 'pass', measured: 1 });
    expect(found.could).toMatchObject({ worst: { status: 'fail' }, best: { status: 'pass' } });
    expect(
      judged({ ...objective, missing: 'bad' }, t0 + hourMs, (here) => every(here, t0, t0 + 60_000, bad)),
    ).toMatchObject({
      n: 60,
      status: 'fail',
    });
  });

  test('is the same once slices are merged, also by slices of time', () => {
    const nowMs = t0 + 4 * dayMs;
    const here = world(() => nowMs);
    every(here, t0, t0 + 3_000_000);
    every(here, t0 + 3_000_000, t0 + 3_500_000, bad);
    leaking(here);
    const month: Objective = { ...objective, windowMs: 30 * dayMs };
    const asked = [month, { ...month, id: 'minutes', timeSlices: { sliceMs: 60_000, target: 0.95 } }];
    const before = here.verdicts(asked).at(nowMs);
    here.slices.compact(nowMs);
    const after = here.verdicts(asked).at(nowMs);
    expect(after.map(({ n, measured, missing }) => ({ n, measured, missing }))).toEqual(
      before.map(({ n, measured, missing }) => ({ n, measured, missing })),
    );
    // Leaks spoilt two minutes; in eight nothing came about, and one had answers before.
    expect(after[1]).toMatchObject({ n: 52, measured: 50 / 52, missing: 8 });
  });
});
