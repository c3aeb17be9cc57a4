import { describe, expect, test } from 'vitest';
import type { DrillFacts } from '../../../chaos/facts.ts';
import { reportOf } from '../../../chaos/judge.ts';
import { latecomers } from '../../../chaos/runner/latecomers.ts';
import type { StoredResult } from '../../../contract/api.ts';
import { exactly } from '../../../contract/bounds.ts';
import { fakeClock } from '../../fakes/clock.ts';
import { attempts, facts, originMs, result } from '../../fakes/drill-facts.ts';

const attemptMs = 10_000;
/** Attempts from 100 to 1,400 reach a door that swallows, and end after ten seconds each. */
const hanging = Array.from({ length: 14 }, (_, index) => {
  const from = 100 + 100 * index;
  return result({ from, to: from + attemptMs, by: null });
});
const prompt = [...attempts(-500, 'RRRRRR'), ...attempts(1_500, 'XXXXX'), ...attempts(2_000, 'X.RRRRRRRR')];

/** The aggregator's clock is ahead of the runner's by this. */
const aheadMs = 3_000;

/** Waits from `afterMs` on, seeing of `all` what has ended: how long it waited, what it said, and what it then knew. */
async function waited(
  all: readonly StoredResult[],
  { afterMs = 2_900, interruptAfterMs = Number.POSITIVE_INFINITY } = {},
) {
  const startMs = originMs - aheadMs + afterMs;
  const clock = fakeClock(startMs);
  const interrupt = new AbortController();
  const known = (): DrillFacts =>
    facts(
      all.filter(({ atMs, durationMs }) => atMs + durationMs <= clock.nowMs() + aheadMs),
      { offset: exactly(aheadMs), t0: exactly(originMs - aheadMs), restoreCalled: exactly(originMs + 2_000 - aheadMs) },
    );
  const told: number[] = [];
  let isOver = false;
  const waiting = (ms: number): void => void told.push(ms);
  const ended = latecomers({ clock, interrupt: interrupt.signal, facts: known, attemptMs, waiting }).then(() => {
    isOver = true;
  });
  while (!isOver) {
    await clock.advance(100);
    if (clock.nowMs() - startMs >= interruptAfterMs) interrupt.abort(new Error('Ctrl-C'));
    if (clock.nowMs() - startMs > 60_000) throw new Error('it waits for ever');
  }
  await ended;
  return { tookMs: clock.nowMs() - startMs, told, verdict: reportOf(known()).verdict };
}

describe('the end of a record', () => {
  test('is waited for while attempts hang, which decide by when users were served again', async () => {
    const { tookMs, told, verdict } = await waited([...prompt, ...hanging]);
    expect(told).toHaveLength(1);
    // The last of them has ended 11,400 after t0.
    expect(tookMs).toBeGreaterThanOrEqual(8_500);
    expect(tookMs).toBeLessThanOrEqual(9_600);
    expect(verdict).toMatchObject({ status: 'pass', because: expect.stringContaining('served again') });
  });

  test('that nothing is missing in is not waited for', async () => {
    const whole = [
      ...attempts(-500, 'RRRRRR'),
      ...attempts(100, '.......XXXXXXXXXXXX'),
      ...attempts(2_000, 'XRRRRRRRRR'),
    ];
    const { tookMs, told } = await waited(whole);
    expect({ tookMs, told }).toEqual({ tookMs: 100, told: [] });
  });

  test('with a hole in which nothing began is waited for as long as an attempt may take, and stays undecided', async () => {
    const { tookMs, verdict } = await waited(prompt);
    // The hole ends 1,500 after t0.
    expect(tookMs).toBeGreaterThanOrEqual(8_500);
    expect(tookMs).toBeLessThanOrEqual(8_800);
    expect(verdict).toMatchObject({
      status: 'inconclusive',
      because: expect.stringContaining('the record has a hole'),
    });
  });

  test('with a hole so long ago that all has ended is not waited for', async () => {
    const { tookMs, told } = await waited(prompt, { afterMs: 11_600 });
    expect({ tookMs, told }).toEqual({ tookMs: 100, told: [] });
  });

  test('is not waited for by whoever interrupts', async () => {
    const { tookMs } = await waited([...prompt, ...hanging], { interruptAfterMs: 1_500 });
    expect(tookMs).toBeLessThanOrEqual(1_600);
  });
});
