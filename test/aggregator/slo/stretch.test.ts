import { expect, test } from 'vitest';
import type { Objective } from '../../../contract/objective.ts';
import { availability, bad, dayMs, good, hourMs, t0, type World, world } from './world.ts';

const month: Objective = { ...availability, windowMs: 30 * dayMs, indicator: { kind: 'availability', target: 0.9 } };

/** A day of one result a minute; of the last hour the second half failed. */
function fill(here: World, nowMs: number): void {
  for (let atMs = nowMs - dayMs; atMs < nowMs; atMs += 60_000) here.add(atMs, atMs < nowMs - hourMs / 2 ? good : bad);
}

test('over another stretch a verdict is that of an objective with such a window', () => {
  const nowMs = t0 + 2 * dayMs;
  const here = world(() => nowMs);
  fill(here, nowMs);
  here.slices.compact(nowMs);
  const found = here.verdicts([month]);
  for (const windowMs of [600_000, hourMs, 12 * hourMs, 3 * dayMs]) {
    const asked = { atMs: nowMs, sinceMs: nowMs - windowMs, target: null };
    const [own] = here.verdicts([{ ...month, windowMs }]).at(nowMs);
    expect(found.over('up', asked)?.verdict).toEqual(own);
    expect(found.since(nowMs - windowMs, nowMs)).toEqual([own]);
  }
});

test('it begins with the first whole slice, leaves out what the objective does, and may ask for another target', () => {
  const nowMs = t0 + dayMs;
  const here = world(() => nowMs);
  for (let atMs = nowMs - 600_000; atMs < nowMs; atMs += 1_000) here.add(atMs, good);
  const asked = { atMs: nowMs, sinceMs: nowMs - 65_000, target: 0.999 };
  expect(here.verdicts([month]).over('up', asked)?.verdict).toMatchObject({
    n: 60,
    target: 0.999,
    status: 'inconclusive',
  });
  const exclusions = [{ fromMs: nowMs - 30_000, toMs: nowMs - 20_000, because: 'works' }];
  expect(here.verdicts([{ ...month, exclusions }]).over('up', { ...asked, target: null })?.verdict.n).toBe(50);
  expect(here.verdicts([month]).over('down', asked)).toBeUndefined();
});

test('of a calendar it is that stretch, and not the period', () => {
  const nowMs = t0 + dayMs;
  const here = world(() => nowMs);
  fill(here, nowMs);
  const calendar = { every: 'day', timeZone: 'UTC' } as const;
  const found = here.verdicts([{ ...month, calendar }]);
  expect(found.over('up', { atMs: nowMs, sinceMs: nowMs - 2 * hourMs, target: null })?.verdict.n).toBe(120);
});
