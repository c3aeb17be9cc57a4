import { describe, expect, test } from 'vitest';
import type { Check } from '../../contract/check.ts';
import { silent } from '../../contract/log.ts';
import { planRunner } from '../../probes/plans.ts';
import { qualityWatch } from '../../probes/quality.ts';
import type { Unnumbered } from '../../probes/record.ts';
import { fakeClock } from '../fakes/clock.ts';
import { dnsCheck, probing } from '../fakes/probing.ts';

/** A clock whose timers fire when the test says so: as late as it likes. */
function lateClock() {
  let nowMs = 1_000_000;
  let timers: (() => void)[] = [];
  return {
    nowMs: () => nowMs,
    wallMs: () => nowMs,
    after(_delayMs: number, run: () => void) {
      timers.push(run);
      return () => {
        timers = timers.filter((other) => other !== run);
      };
    },
    /** Time passes with nothing running. */
    stall(byMs: number) {
      nowMs += byMs;
    },
    /** Fires what waits. */
    wake() {
      const due = timers;
      timers = [];
      for (const run of due) run();
    },
  };
}

describe('the quality of a sample', () => {
  test('an attempt across a stall is a bad one, the next is not', async () => {
    const clock = lateClock();
    const quality = qualityWatch(clock, silent);
    quality.attend(true);
    const startMs = clock.nowMs();
    clock.stall(320);
    expect(quality.of({ dueMs: startMs - 5, startMs })).toEqual({ lateMs: 5, loopDelayMs: 300 });
    clock.wake();
    expect(quality.flaw({ startMs }, quality.of({ dueMs: startMs, startMs }))).toContain('stood still for 300 ms');
    clock.stall(1);
    const nowMs = clock.nowMs();
    expect(quality.flaw({ startMs: nowMs }, quality.of({ dueMs: nowMs, startMs: nowMs }))).toBeUndefined();
  });

  test('an attempt across a step of the wall clock, or a sleep of the machine, is a bad one', async () => {
    const clock = fakeClock();
    const quality = qualityWatch(clock, silent);
    const startMs = clock.nowMs();
    await clock.advance(100);
    clock.stepWall(3_600_000);
    await clock.advance(100);
    const after = clock.nowMs() + 1;
    expect(quality.flaw({ startMs }, { lateMs: 0, loopDelayMs: 0 })).toContain('the clock jumped');
    expect(quality.flaw({ startMs: after }, { lateMs: 0, loopDelayMs: 0 })).toBeUndefined();
    quality.stop();
  });

  test('a stall that was over when the attempt began says nothing about it', () => {
    const clock = lateClock();
    const quality = qualityWatch(clock, silent);
    clock.stall(500);
    const startMs = clock.nowMs();
    clock.wake();
    clock.stall(20);
    const measured = quality.of({ dueMs: startMs - 500, startMs });
    expect(measured).toEqual({ lateMs: 500, loopDelayMs: 0 });
    expect(quality.flaw({ startMs }, measured)).toBeUndefined();
  });

  /** An attempt of `rounds` ticks, each late by so much; what is said of it when it ended by itself, and when timed out. */
  function starved(rounds: number, lateMs: number) {
    const clock = lateClock();
    const quality = qualityWatch(clock, silent);
    quality.attend(true);
    const startMs = clock.nowMs();
    for (let round = 0; round < rounds; round += 1) {
      clock.stall(20 + lateMs);
      clock.wake();
    }
    const measured = quality.of({ dueMs: startMs, startMs });
    return {
      ended: quality.flaw({ startMs }, measured),
      timedOut: quality.flaw({ startMs, timedOutAfterMs: clock.nowMs() - startMs }, measured),
    };
  }

  test('many short stalls make a bad sample where they take half of its time', () => {
    expect(starved(40, 50).ended).toContain('kept from its work for 2000 ms, want at most 1400 ms');
    expect(starved(40, 10).ended).toBeUndefined();
  });

  test("a time-out is not the target's where the agent was absent for a quarter of the time", () => {
    expect(starved(40, 10).timedOut).toContain('kept from its work for 400 ms, want at most 300 ms');
    expect(starved(40, 5).timedOut).toBeUndefined();
  });

  test('one short stall on a quick attempt leaves it good', () => {
    expect(starved(1, 40).ended).toBeUndefined();
  });

  test("a time-out on a machine that stalls is missing, on one that doesn't it is bad", async () => {
    for (const [stallMs, outcome] of [
      [80, 'missing'],
      [0, 'bad'],
    ] as const) {
      const clock = fakeClock();
      let stalledMs = 0;
      const stalling = { ...clock, nowMs: () => clock.nowMs() + stalledMs, wallMs: () => clock.wallMs() + stalledMs };
      const results: Unnumbered[] = [];
      const runner = planRunner({
        clock: stalling,
        vantage: 'us-east-1',
        context: {
          ...probing(stalling),
          resolver: {
            own: { server: { host: '127.0.0.1', port: 9 }, sourceAddress: null },
            ask: (_prepared, signal) =>
              new Promise((resolve) => {
                stalledMs += stallMs;
                signal.addEventListener('abort', () =>
                  resolve({ ok: false, failure: { failedAt: 'resolve', reason: 'no answer' }, server: '' }),
                );
              }),
          },
        },
        quality: qualityWatch(stalling, silent),
        onResult: (result) => results.push(result),
      });
      const check: Check = dnsCheck({ host: '127.0.0.1', port: 9 }, { id: 'slow', everyMs: 1_000, timeoutMs: 250 });
      runner.reconcile('assignment', [{ check, everyMs: 1_000, client: 'fresh', burst: null }]);
      await clock.advance(1_500);
      expect(results[0]).toMatchObject({ outcome, failedAt: outcome === 'bad' ? 'resolve' : 'agent' });
      await Promise.all([runner.stop(0), clock.advance(1)]);
    }
  });
});
