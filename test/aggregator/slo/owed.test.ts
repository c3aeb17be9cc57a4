/** What agents owe: of the objective's own checks, and of its own window. */
import { describe, expect, test } from 'vitest';
import type { DrillReport } from '../../../contract/drill.ts';
import type { Objective } from '../../../contract/objective.ts';
import { httpCheck } from '../harness.ts';
import { owing, stepMs } from './owing.ts';
import { availability, dayMs, good, hourMs, t0 } from './world.ts';

const home = httpCheck('home', 'us', stepMs);
const hourly = httpCheck('lag', 'us', hourMs);
const month: Objective = { ...availability, windowMs: 30 * dayMs };
const vantages = ['a', 'b', 'c', 'd', 'e'];
const dead = ['d', 'e'];

test('an objective is final as soon as its own checks are, however seldom others are made', () => {
  const lag: Objective = { ...month, id: 'lag', check: 'lag' };
  const { until, answers, nowMs, book } = owing(vantages, [home, hourly], [month, lag]);
  until(t0 + 3 * hourMs, vantages, () => good);
  expect(nowMs() - answers.completeThroughMs(month, nowMs())).toBeLessThanOrEqual(3 * stepMs);
  expect(nowMs() - answers.completeThroughMs(lag, nowMs())).toBeGreaterThanOrEqual(hourMs);
  expect(book.at(nowMs() - 60_000).map(({ final }) => final)).toEqual([true, false]);
});

test('an objective is final when those that make its check have declared it, and no others are waited for', () => {
  const { until, answers, nowMs, book } = owing(['a', 'b'], [{ ...home, vantages: ['a'] }, hourly], [month]);
  until(t0 + hourMs, ['a', 'b'], () => good);
  until(t0 + hourMs + 60_000, ['a'], () => good);
  expect(nowMs() - answers.completeThroughMs(month, nowMs())).toBeLessThanOrEqual(3 * stepMs);
  expect(book.at(nowMs() - 30_000)[0]).toMatchObject({ final: true, status: 'pass' });
});

describe('what is owed is missing', () => {
  test('of no drill: what agents owe are probes', () => {
    const failover: Objective = {
      ...month,
      id: 'failover',
      indicator: { kind: 'failover', limitMs: 240_000, target: 0.9 },
    };
    const { until, book, nowMs } = owing(vantages, [home], [failover, month], drills);
    until(t0 + hourMs, vantages, () => good);
    until(t0 + hourMs + 60_000, ['a', 'b', 'c'], () => good);
    const [drilled, up] = book.at(nowMs());
    expect(up?.missing).toBeGreaterThan(0);
    expect(drilled).toMatchObject({ final: false, missing: 0, n: drills.length });
    expect(drilled?.because).not.toContain('missing');
  });

  test('of the window alone, however long they owe', () => {
    const bad: Objective = { ...month, missing: 'bad', indicator: { kind: 'availability', target: 0.8 } };
    const { until, book, nowMs, answers } = owing(vantages, [home], [bad]);
    until(t0 + hourMs, vantages, () => good);
    until(t0 + hourMs + 60_000, ['a', 'b', 'c'], () => good);
    const all = answers.owedTo(bad, nowMs(), 0);
    for (const sinceMs of [20_000, 30_000, 40_000]) {
      const verdict = book.over('up', { atMs: nowMs(), sinceMs: nowMs() - sinceMs, target: null })?.verdict;
      // Nothing that is younger than two intervals is owed.
      const most = dead.length * (sinceMs / stepMs - 2);
      expect(verdict?.missing).toBe(most);
      expect(verdict?.n).toBe((3 * sinceMs) / stepMs + most);
      expect(all).toBeGreaterThan(most);
    }
  });
});

const drills = Array.from({ length: 3 }, (_, index): DrillReport => {
  const beganMs = t0 + index * 60_000;
  const passage = { observed: true, vantage: 'a', client: 'x', main: { ended: 1 }, servedBy: ['eu'] };
  const stages = { a: { x: { 'first-good': { lowerMs: 10_000, upperMs: 11_000 } } } };
  const times = { startedMs: beganMs, t0: { lowerMs: beganMs, upperMs: beganMs }, endedMs: beganMs + 50_000 };
  const entries = [{ servedBy: ['us'], failover: { passages: [passage], stages } }];
  const about = { id: `d${index}`, status: 'over', fault: 'stop', aliveAtMs: times.endedMs, leaseMs: 30_000 };
  return { ...about, ...times, entries } as unknown as DrillReport;
});
