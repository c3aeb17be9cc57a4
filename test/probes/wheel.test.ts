import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cancel, type Clock, systemClock } from '../../contract/clock.ts';
import type { Effort } from '../../probes/effort.ts';
import { rhythmOf } from '../../probes/schedule.ts';
import { type Turn, type Wheel, wheelOn } from '../../probes/wheel.ts';
import { fakeClock } from '../fakes/clock.ts';

describe('the wheel', () => {
  test('runs everything at its instant, in the order of instants and of asking', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 }), async (delays) => {
        const clock = fakeClock();
        const wheel = wheelOn(clock);
        const startMs = clock.nowMs();
        const ran: { index: number; delayMs: number; atMs: number }[] = [];
        for (const [index, delayMs] of delays.entries())
          alarmAt(wheel, startMs + delayMs, () => ran.push({ index, delayMs, atMs: clock.nowMs() - startMs }));
        await clock.advance(50);
        expect(ran.map(({ index }) => index)).toEqual(
          [...delays.keys()].toSorted((a, b) => (delays[a] ?? 0) - (delays[b] ?? 0) || a - b),
        );
        for (const { delayMs, atMs } of ran) expect(atMs).toBe(delayMs);
        expect(clock.pending).toBe(0);
      }),
    );
  });

  test('waits with one timer, and with none for what was cancelled', async () => {
    const clock = fakeClock();
    const wheel = wheelOn(clock);
    const ran: string[] = [];
    const cancels = ['a', 'b', 'c'].map((name, index) =>
      alarmAt(wheel, clock.nowMs() + 10 + index, () => ran.push(name)),
    );
    expect(clock.pending).toBe(1);
    cancels[0]?.();
    cancels[2]?.();
    await clock.advance(20);
    expect(ran).toEqual(['b']);
    alarmAt(wheel, clock.nowMs() + 5, () => ran.push('d'))();
    expect(clock.pending).toBe(0);
  });

  test('an alarm rings once at the time that was set last, also where it was set for that before', async () => {
    const clock = fakeClock();
    const wheel = wheelOn(clock);
    const startMs = clock.nowMs();
    const rang: [string, number][] = [];
    const note = (name: string) => () => rang.push([name, clock.nowMs() - startMs]);
    const [moved, beside] = [wheel.alarm(note('moved')), wheel.alarm(note('beside'))];
    for (const at of [10, 30, 20, 10, 20]) moved.set(startMs + at);
    for (const at of [10, 20]) beside.set(startMs + at);
    moved.set(startMs + 20);
    await clock.advance(40);
    expect(rang.toSorted()).toEqual([
      ['beside', 20],
      ['moved', 20],
    ]);
    expect(clock.pending).toBe(0);
    moved.set(startMs + 50);
    await clock.advance(10);
    expect(rang.at(-1)).toEqual(['moved', 50]);
  });

  test('what is asked for while it turns and is due runs in the same turn, the rest in its own', async () => {
    const clock = fakeClock();
    const wheel = wheelOn(clock);
    const startMs = clock.nowMs();
    const turns: Turn[] = [];
    const ran: string[] = [];
    wheel.onTurn((turn) => turns.push(turn));
    alarmAt(wheel, startMs + 10, () => {
      alarmAt(wheel, startMs + 10, () => ran.push('now'));
      alarmAt(wheel, startMs + 15, () => ran.push('later'));
    });
    await clock.advance(10);
    expect([ran, turns.length]).toEqual([['now'], 1]);
    await clock.advance(5);
    expect([ran, turns.length]).toEqual([['now', 'later'], 2]);
  });

  test('turns every 40 ms while somebody hears, every 20 where that is asked for, and not at all when nobody does', async () => {
    const clock = fakeClock();
    const wheel = wheelOn(clock);
    const turns: Turn[] = [];
    const stop = wheel.onTurn((turn) => turns.push(turn));
    await clock.advance(1_000);
    expect(turns.length).toBe(25);
    await clock.advance(30);
    wheel.attend(true);
    await clock.advance(1_000);
    expect(turns.length).toBe(75);
    wheel.attend(false);
    await clock.advance(1_000);
    expect(turns.length).toBe(100);
    expect(turns.every(({ dueMs, nowMs }) => dueMs === nowMs)).toBe(true);
    stop();
    expect(clock.pending).toBe(0);
  });

  test('a timer that fires early begins nothing early', () => {
    let nowMs = 1_000;
    let fire: () => void = () => undefined;
    const clock = {
      nowMs: () => nowMs,
      wallMs: () => nowMs,
      after(_delayMs: number, run: () => void) {
        fire = run;
        return () => undefined;
      },
    };
    const began: number[] = [];
    alarmAt(wheelOn(clock), 1_010, () => began.push(nowMs));
    nowMs = 1_009.4;
    fire();
    expect(began).toEqual([]);
    nowMs = 1_010.2;
    fire();
    expect(began).toEqual([1_010.2]);
  });

  test('a timer that is set as a new millisecond begins is set again, so that it is not one late', () => {
    const { clock, timers, at } = handClock(1_000.99);
    const setting = {
      ...clock,
      after: (delayMs: number, run: () => void) => {
        if (timers.length === 0) at.nowMs = 1_001.01;
        return clock.after(delayMs, run);
      },
    };
    alarmAt(wheelOn(setting), 1_020, () => undefined);
    expect(timers.map(({ delayMs, cancelled }) => [delayMs, cancelled])).toEqual([
      [20, true],
      [19, false],
    ]);
  });

  test('a look begins what has come due meanwhile, once, and nothing that has not', async () => {
    const clock = fakeClock();
    const startMs = clock.nowMs();
    let aheadMs = 0;
    const wheel = wheelOn({ ...clock, nowMs: () => clock.nowMs() + aheadMs });
    const began: string[] = [];
    alarmAt(wheel, startMs + 10, () => {
      began.push('due');
      wheel.look();
    });
    alarmAt(wheel, startMs + 30, () => began.push('later'));
    wheel.look();
    expect(began).toEqual([]);
    aheadMs = 15;
    wheel.look();
    wheel.look();
    expect(began).toEqual(['due']);
    expect(clock.pending).toBe(1);
    await clock.advance(15);
    expect(began).toEqual(['due', 'later']);
  });
});

test('checks of one vantage share few instants, those of another have others', () => {
  const instants = (vantage: string): Set<number> => instantsOf(1_000, vantage);
  const [here, there] = [instants('us-east-1'), instants('eu-west-1')];
  expect(here.size).toBe(50);
  expect([...here].filter((offsetMs) => there.has(offsetMs))).toEqual([]);
});

test('checks with a TLS handshake each have instants of their own, as far as there are any', () => {
  const instants = instantsOf(200, 'us-east-1', 'handshake');
  expect(instants.size).toBeGreaterThan(170);
  expect([...instants].every((offsetMs) => Number.isInteger(offsetMs) && offsetMs < 1_000)).toBe(true);
});

/** A clock that a test sets, and the timers that were asked of it. */
function handClock(startMs: number): {
  readonly clock: Clock;
  readonly timers: readonly { readonly delayMs: number; readonly run: () => void; readonly cancelled: boolean }[];
  readonly at: { nowMs: number };
} {
  const at = { nowMs: startMs };
  const timers: { delayMs: number; run: () => void; cancelled: boolean }[] = [];
  const after = (delayMs: number, run: () => void): Cancel => {
    const timer = { delayMs, run, cancelled: false };
    timers.push(timer);
    return () => {
      timer.cancelled = true;
    };
  };
  return { clock: { nowMs: () => at.nowMs, wallMs: () => at.nowMs, after }, timers, at };
}

function instantsOf(checks: number, vantage: string, effort?: Effort): Set<number> {
  const rhythm = (index: number) => rhythmOf(`check-${index}`, vantage, 1_000, effort);
  return new Set(Array.from({ length: checks }, (_, index) => rhythm(index).offsetMs));
}

test('whole milliseconds of the timeline are those of the monotonic clock', () => {
  const clock = systemClock();
  const apartMs = (): number => Number(process.hrtime.bigint()) / 1_000_000 - clock.nowMs();
  // Two clocks are read one after the other: the closest of many readings has nothing between them.
  const closest = Math.min(
    ...Array.from({ length: 1_000 }, apartMs).map((apart) => Math.abs(apart - Math.round(apart))),
  );
  expect(closest).toBeLessThan(0.01);
});

function alarmAt(wheel: Wheel, atMs: number, run: () => void): Cancel {
  const alarm = wheel.alarm(run);
  alarm.set(atMs);
  return alarm.cancel;
}
