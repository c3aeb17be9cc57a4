/** Ledgers of a process that starts are filled in turns: what is not read yet is told so, and nothing is lost meanwhile. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verdicts } from '../../../aggregator/slo/verdicts.ts';
import type { Objective } from '../../../contract/objective.ts';
import { availability, bad, dayMs, good, hourMs, t0, type World, world } from './world.ts';

const minuteMs = 60_000;

/** A clock that goes on by a turn's worth whenever it is looked at. */
function tired() {
  const clock = {
    now: t0 + 2 * dayMs,
    nowMs(): number {
      clock.now += 10;
      return clock.now;
    },
  };
  return clock;
}

const objectives: readonly Objective[] = [
  { ...availability, id: 'up', windowMs: dayMs },
  { ...availability, id: 'burst', windowMs: 2 * dayMs, burstMs: 10 * minuteMs },
  { ...availability, id: 'slow', windowMs: dayMs, indicator: { kind: 'latency', quantile: 0.9, targetMs: 50 } },
  { ...availability, id: 'slices', windowMs: dayMs, timeSlices: { sliceMs: minuteMs, target: 0.9 } },
  { ...availability, id: 'fresh', windowMs: dayMs, indicator: { kind: 'freshness', limitMs: 300_000, target: 0.9 } },
];

function fill(here: World): void {
  for (let atMs = t0; atMs < t0 + 2 * dayMs; atMs += minuteMs) here.add(atMs, atMs % (5 * hourMs) === 0 ? bad : good);
}

function turnsOf(found: Verdicts): number {
  let turns = 1;
  while (found.readOn()) turns += 1;
  return turns;
}

describe('while ledgers are being filled', () => {
  test('what is not read is inconclusive and says so, and no change of it is told', () => {
    const clock = tired();
    const here = world(clock.nowMs);
    fill(here);
    const found = here.verdicts(objectives);
    found.look(clock.now);
    expect(found.latest().map(({ status, n, final }) => [status, n, final])).toEqual(
      objectives.map(() => ['inconclusive', 0, false]),
    );
    expect(found.read()).toEqual([]);
    expect(found.latest()[0]?.because).toBe('its results are still being read from what is stored');
    expect(found.at(clock.now)[1]).toMatchObject({ status: 'inconclusive', n: 0 });
    // Narrower blocks than the window's are looked for in slices themselves.
    expect(found.since(t0 + dayMs, t0 + dayMs + hourMs).every(({ n }) => n > 0)).toBe(true);
    expect(found.since(t0 + dayMs, t0 + 1.5 * dayMs).map(({ n }) => n)).toEqual([0, 0, 0, 0, 0]);
    expect(found.burns(clock.now)).toEqual([]);
    expect(here.changed).toEqual([]);
    // Five objectives over 2,880 slices, a thousand of them or so in a turn.
    expect(turnsOf(found)).toBeGreaterThan(8);
    found.look(clock.now);
    expect(here.changed).toHaveLength(objectives.length);
    expect(found.latest().every(({ n }) => n > 1_000)).toBe(true);
    expect(found.burns(clock.now)).toHaveLength(4);
  });

  test('one that is asked for is made at once', () => {
    const clock = tired();
    const here = world(clock.nowMs);
    fill(here);
    const found = here.verdicts(objectives);
    expect(found.one('burst', t0 + 2 * dayMs)?.verdict.n).toBe(2_880);
    expect(found.at(t0 + 2 * dayMs).map(({ n }) => n > 0)).toEqual([false, true, false, false, false]);
  });

  test('nothing is lost or doubled of what comes, is merged, or is new meanwhile', () => {
    const event = fc.record({
      act: fc.constantFrom('add', 'compact', 'turn', 'turn', 'turn', 'look'),
      backMs: fc.integer({ min: 0, max: 4 * dayMs }),
      vantage: fc.constantFrom('v1', 'v2', 'v3'),
      isGood: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(event, { minLength: 5, maxLength: 40 }), (events) => {
        const clock = tired();
        const here = world(clock.nowMs);
        fill(here);
        clock.now = t0 + 4 * dayMs;
        const found = here.verdicts(objectives);
        for (const { act, backMs, vantage, isGood } of events) {
          if (act === 'add') here.add(Math.max(t0, clock.now - backMs), isGood ? good : bad, vantage);
          else if (act === 'compact') here.slices.compact(clock.now);
          else if (act === 'look') found.look(clock.now);
          else found.readOn();
        }
        turnsOf(found);
        for (const atMs of [t0 + 2 * dayMs, t0 + 3 * dayMs]) {
          const all = found.at(atMs);
          const anew = here.verdicts(objectives);
          turnsOf(anew);
          expect(all).toEqual(anew.at(atMs));
        }
      }),
      { numRuns: 25 },
    );
  });

  test('an objective that a reload leaves as it is keeps its verdict, and a new one waits for its turn', () => {
    const clock = tired();
    const here = world(clock.nowMs);
    fill(here);
    const found = here.verdicts(objectives.slice(0, 2));
    turnsOf(found);
    const [before] = found.at(t0 + 2 * dayMs);
    found.replace([...objectives.slice(2), ...objectives.slice(0, 1)]);
    const after = found.at(t0 + 2 * dayMs);
    expect(after.map(({ n }) => n > 0)).toEqual([false, false, false, true]);
    expect(after[3]).toEqual(before);
    turnsOf(found);
    expect(found.at(t0 + 2 * dayMs).every(({ n }) => n > 0)).toBe(true);
  });
});
