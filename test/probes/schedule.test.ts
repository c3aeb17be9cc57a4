import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Round, runRounds } from '../../probes/rounds.ts';
import { decide, dueMs, firstRoundFrom, mostAtOnce, rhythmOf, roundAt } from '../../probes/schedule.ts';
import { wheelOn } from '../../probes/wheel.ts';
import { fakeClock } from '../fakes/clock.ts';

const name = fc.string({ minLength: 1, maxLength: 20 });
const everyMs = fc.integer({ min: 10, max: 3_600_000 });
const instant = fc.integer({ min: 1_600_000_000_000, max: 2_000_000_000_000 });

describe('rounds are aligned', () => {
  test('every due time lies in its own round, and rounds are one interval apart', () => {
    fc.assert(
      fc.property(name, name, everyMs, instant, (check, vantage, every, atMs) => {
        const rhythm = rhythmOf(check, vantage, every);
        const round = firstRoundFrom(rhythm, atMs);
        expect(roundAt(rhythm, dueMs(rhythm, round))).toBe(round);
        expect(round).toBe(Math.floor(dueMs(rhythm, round) / every));
        expect(dueMs(rhythm, round + 1) - dueMs(rhythm, round)).toBeCloseTo(every, 2);
      }),
    );
  });

  test('the first round from an instant is due at it or behind it, by less than an interval', () => {
    fc.assert(
      fc.property(name, name, everyMs, instant, (check, vantage, every, atMs) => {
        const rhythm = rhythmOf(check, vantage, every);
        const firstMs = dueMs(rhythm, firstRoundFrom(rhythm, atMs));
        expect(firstMs).toBeGreaterThanOrEqual(atMs);
        expect(firstMs - atMs).toBeLessThanOrEqual(every);
      }),
    );
  });

  test('the offset is the same after a restart, and spreads vantages over the interval', () => {
    const offsets = Array.from({ length: 200 }, (_, index) => rhythmOf('home', `vantage-${index}`, 1_000).offsetMs);
    expect(offsets).toEqual(
      Array.from({ length: 200 }, (_, index) => rhythmOf('home', `vantage-${index}`, 1_000).offsetMs),
    );
    const tenths = new Set(offsets.map((offset) => Math.floor(offset / 100)));
    expect(tenths.size).toBe(10);
    expect(Math.max(...offsets)).toBeLessThan(1_000);
  });
});

describe('a round is started or shed', () => {
  const rhythm = rhythmOf('home', 'us-east-1', 1_000);
  test('a late one is started up to half its interval, and shed beyond', () => {
    expect(decide(rhythm, { lateMs: 500, running: 0 }, 1)).toEqual({ act: 'start' });
    expect(decide(rhythm, { lateMs: 501, running: 0 }, 1)).toMatchObject({ act: 'shed', reason: /501 ms late/ });
  });
  test('attempts may overlap as far as their own time allows, pooled ones never', () => {
    expect(mostAtOnce({ timeoutMs: 3_000 }, rhythm, false)).toBe(3);
    expect(mostAtOnce({ timeoutMs: 500 }, rhythm, false)).toBe(1);
    expect(mostAtOnce({ timeoutMs: 3_000 }, rhythm, true)).toBe(1);
    expect(decide(rhythm, { lateMs: 0, running: 3 }, 3)).toMatchObject({ act: 'shed' });
  });
});

describe('running rounds', () => {
  type Seen = { readonly started: Round[]; readonly shed: Round[]; readonly finish: (() => void)[] };
  function run(timeoutMs: number, pooled = false) {
    const clock = fakeClock();
    const seen: Seen = { started: [], shed: [], finish: [] };
    const rhythm = rhythmOf('home', 'us-east-1', 100);
    const rounds = runRounds(
      { clock, wheel: wheelOn(clock) },
      rhythm,
      { timeoutMs, pooled },
      {
        attempt(round) {
          seen.started.push(round);
          return new Promise((resolve) => seen.finish.push(resolve));
        },
        shed: (round) => seen.shed.push(round),
      },
    );
    return { clock, seen, rounds };
  }
  const numbers = (rounds: readonly Round[]): number[] => rounds.map(({ round }) => round);

  test('each begins when it is due, once, none is left out', async () => {
    const { clock, seen, rounds } = run(10_000);
    await clock.advance(1_000);
    const [first = 0] = numbers(seen.started);
    expect(numbers(seen.started)).toEqual(Array.from({ length: 10 }, (_, index) => first + index));
    expect(seen.shed).toEqual([]);
    rounds.stop();
    await clock.advance(1_000);
    expect(seen.started.length).toBe(10);
  });

  test('a target that answers no more sheds nothing within its own time', async () => {
    const { clock, seen, rounds } = run(300);
    await clock.advance(300);
    expect(seen.started.length).toBe(3);
    seen.finish.shift()?.();
    await clock.advance(100);
    expect(seen.shed).toEqual([]);
    await clock.advance(100);
    expect(seen.shed.length).toBe(1);
    rounds.stop();
  });

  test('a kept connection that still waits sheds the next round', async () => {
    const { clock, seen, rounds } = run(3_000, true);
    await clock.advance(200);
    expect(seen.started.length).toBe(1);
    expect(seen.shed.length).toBe(1);
    rounds.stop();
  });

  test('after a stall every round that was slept through is counted, and the next begins on time', () => {
    let nowMs = 1_700_000_000_000;
    const timers: (() => void)[] = [];
    const seen: Seen = { started: [], shed: [], finish: [] };
    const clock = {
      nowMs: () => nowMs,
      wallMs: () => nowMs,
      after(_delayMs: number, run: () => void) {
        timers.push(run);
        return () => undefined;
      },
    };
    runRounds(
      { clock, wheel: wheelOn(clock) },
      rhythmOf('home', 'us-east-1', 100),
      { timeoutMs: 100, pooled: false },
      {
        async attempt(round) {
          seen.started.push(round);
        },
        shed: (round) => seen.shed.push(round),
      },
    );
    nowMs += 1_000;
    timers[0]?.();
    expect(seen.shed.length).toBeGreaterThanOrEqual(9);
    const all = numbers([...seen.shed, ...seen.started]).sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: 10 }, (_, index) => (all[0] ?? 0) + index));
  });
});
