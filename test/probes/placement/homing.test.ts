import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Homing, moved, type Sighting, startingAt, wanted } from '../../../probes/placement/homing.ts';

const order = ['a', 'b', 'c'];
const limits = { leaveAfterMs: 5_000, returnAfterMs: 30_000 };
const up = (sinceMs = 0): Sighting => ({ up: true, sinceMs });
const down = (sinceMs = 0): Sighting => ({ up: false, sinceMs });
const seen = (a: Sighting, b: Sighting, c: Sighting) =>
  new Map([
    ['a', a],
    ['b', b],
    ['c', c],
  ] as const);
const at = (name: string, over: Partial<Homing> = {}): Homing => ({ ...startingAt(name, 0), ...over });
const go = (homing: Homing, sightings: ReadonlyMap<string, Sighting>, nowMs: number): Homing =>
  moved(homing, order, sightings, { nowMs, limits });

test('it stays where it is while that is up, and for a while when it is gone', () => {
  expect(go(at('a'), seen(up(), up(), up()), 90_000).at).toBe('a');
  expect(go(at('a'), seen(down(90_000), up(), up()), 94_999).at).toBe('a');
  expect(go(at('a'), seen(down(90_000), up(), up()), 95_000).at).toBe('b');
});

test('it goes to the best that is up, and nowhere when none is', () => {
  expect(go(at('a'), seen(down(), down(), up()), 90_000).at).toBe('c');
  expect(go(at('a'), seen(down(), down(), down()), 90_000).at).toBe('a');
});

test('it returns when the better one has been there for long enough', () => {
  expect(go(at('b'), seen(up(10_000), up(), up()), 39_999).at).toBe('b');
  expect(go(at('b'), seen(up(10_000), up(), up()), 40_000)).toEqual({ at: 'a', sinceMs: 40_000, returns: 1 });
});

test('one that is not in the list any more is left at once', () => {
  expect(go(at('z'), seen(down(), up(), down()), 1).at).toBe('b');
});

test('one that comes and goes is waited for twice as long each time; one that stays is forgiven', () => {
  const back = go(at('b'), seen(up(0), up(), up()), 30_000);
  const left = go(back, seen(down(31_000), up(), up()), 36_000);
  expect(left).toEqual({ at: 'b', sinceMs: 36_000, returns: 1 });
  expect(go(left, seen(up(40_000), up(), up()), 99_999).at).toBe('b');
  expect(go(left, seen(up(40_000), up(), up()), 100_000).at).toBe('a');
  expect(go(back, seen(down(400_000), up(), up()), 405_000).returns).toBe(0);
});

test('whatever goes up and down, it moves at most once in each wait, never to one that is down', () => {
  const flips = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(20_000)), { maxLength: 60 });
  fc.assert(
    fc.property(flips, (events) => {
      const sightings = new Map(order.map((name) => [name, up()]));
      let homing = at('a');
      let nowMs = 0;
      for (const [name, afterMs] of events) {
        nowMs += afterMs;
        sightings.set(name, { up: sightings.get(name)?.up !== true, sinceMs: nowMs });
        for (const untilMs = nowMs + 6_000; nowMs < untilMs; nowMs += 500) {
          const next = go(homing, sightings, nowMs);
          if (next.at !== homing.at) {
            expect(sightings.get(next.at)?.up).toBe(true);
            expect(nowMs - homing.sinceMs).toBeGreaterThanOrEqual(limits.leaveAfterMs);
          }
          homing = next;
        }
      }
    }),
  );
});

test('links are wanted to the better ones and to whom something is owed; to all while there is none', () => {
  const names = (homing: Homing, sightings: ReadonlyMap<string, Sighting>, owes: readonly string[] = []) =>
    [...wanted(homing, order, sightings, (name) => owes.includes(name))].sort();
  expect(names(at('a'), seen(up(), up(), up()))).toEqual(['a']);
  expect(names(at('b'), seen(down(), up(), up()))).toEqual(['a', 'b']);
  expect(names(at('a'), seen(up(), up(), up()), ['c'])).toEqual(['a', 'c']);
  expect(names(at('a'), seen(down(), up(), up()))).toEqual(['a', 'b', 'c']);
});
