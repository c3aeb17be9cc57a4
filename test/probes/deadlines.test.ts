import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deadlines } from '../../probes/deadlines.ts';
import { ending, endingWithin } from '../../probes/ending.ts';
import { fakeClock } from '../fakes/clock.ts';

const step = fc.record({
  waitMs: fc.integer({ min: 0, max: 30 }),
  limitMs: fc.constantFrom(10, 25, 40),
  calledOffAfterMs: fc.option(fc.integer({ min: 0, max: 60 })),
});

describe('deadlines', () => {
  test('each runs at its instant unless it was called off before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const clock = fakeClock();
        const startMs = clock.nowMs();
        const timers = deadlines(clock);
        const ran: [number, number][] = [];
        const wanted: [number, number][] = [];
        let atMs = 0;
        for (const [index, { waitMs, limitMs, calledOffAfterMs }] of steps.entries()) {
          atMs += waitMs;
          await clock.advance(startMs + atMs - clock.nowMs());
          const callOff = timers.after(limitMs, () => ran.push([index, clock.nowMs() - startMs]));
          if (calledOffAfterMs !== null) clock.after(calledOffAfterMs, callOff);
          // At the same instant either may be first.
          if (calledOffAfterMs === limitMs) callOff();
          else if (calledOffAfterMs === null || calledOffAfterMs > limitMs) wanted.push([index, atMs + limitMs]);
        }
        await clock.advance(200);
        expect(ran.toSorted(([a], [b]) => a - b)).toEqual(wanted);
        expect(clock.pending).toBe(0);
      }),
    );
  });

  test('of one length wait with one timer, and with none once they are stopped', () => {
    const clock = fakeClock();
    const timers = deadlines(clock);
    for (let count = 0; count < 100; count += 1) timers.after(900, () => undefined);
    timers.after(50, () => undefined);
    expect(clock.pending).toBe(2);
    timers.stop();
    expect(clock.pending).toBe(0);
  });
});

test('a deadline that asks for another as it is run leaves one timer for both that wait', async () => {
  const clock = fakeClock();
  const timers = deadlines(clock);
  const ran: string[] = [];
  timers.after(100, () => {
    ran.push('first');
    timers.after(100, () => ran.push('third'));
  });
  await clock.advance(50);
  timers.after(100, () => ran.push('second'));
  await clock.advance(50);
  expect([ran, clock.pending]).toEqual([['first'], 1]);
  await clock.advance(100);
  expect([ran, clock.pending]).toEqual([['first', 'second', 'third'], 0]);
});

describe('an ending', () => {
  test('is told once to each listener that still listens', () => {
    const end = ending();
    const heard: string[] = [];
    const listener = (name: string) => () => heard.push(name);
    const [a, b, c] = [listener('a'), listener('b'), listener('c')];
    for (const one of [a, b, c]) end.addEventListener('abort', one);
    end.removeEventListener('abort', b);
    end.end(new Error('over'));
    end.end(new Error('again'));
    expect(heard.toSorted()).toEqual(['a', 'c']);
    expect([end.aborted, (end.reason as Error).message]).toEqual([true, 'over']);
  });

  test('comes with the time or with the outer one, and leaves nothing behind', async () => {
    const clock = fakeClock();
    const outer = ending();
    const first = endingWithin(clock, 100, outer);
    const second = endingWithin(clock, 500, outer);
    await clock.advance(100);
    expect(first.ending.reason).toMatchObject({ limitMs: 100 });
    outer.end(new Error('stopping'));
    expect(second.ending.reason).toMatchObject({ message: 'stopping' });
    first.callOff();
    second.callOff();
    expect(clock.pending).toBe(0);
  });
});
