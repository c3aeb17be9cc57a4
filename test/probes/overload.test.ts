import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { admission, placeOf } from '../../probes/overload.ts';
import { runRounds } from '../../probes/rounds.ts';
import { rhythmOf } from '../../probes/schedule.ts';
import { wheelOn } from '../../probes/wheel.ts';

/** A machine with one thread: what it does takes time, and what is due meanwhile waits. */
function machine() {
  let nowMs = 1_700_000_000_000;
  let workedMs = 0;
  let timer: { readonly atMs: number; readonly run: () => void } | undefined;
  return {
    nowMs: () => nowMs,
    wallMs: () => nowMs,
    after(delayMs: number, run: () => void) {
      const mine = { atMs: nowMs + delayMs, run };
      timer = mine;
      return () => {
        if (timer === mine) timer = undefined;
      };
    },
    workedMs: () => workedMs,
    work(forMs: number) {
      nowMs += forMs;
      workedMs += forMs;
    },
    /** Others have the machine. */
    wait(forMs: number) {
      nowMs += forMs;
    },
    async runFor(forMs: number) {
      const untilMs = nowMs + forMs;
      while (timer !== undefined && nowMs < untilMs) {
        const { atMs, run } = timer;
        timer = undefined;
        nowMs = Math.max(nowMs, atMs);
        run();
        // The ends of attempts get their turn.
        for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
      }
    },
  };
}

type Seen = { begun: number; shed: number; worstLateMs: number };

/** So many checks every second, each of which takes the machine `costMs` once it has begun. */
function fleet(count: number) {
  const clock = machine();
  const wheel = wheelOn(clock);
  const overload = admission(clock.workedMs);
  wheel.onTurn(overload.heard);
  const seen = new Map<string, Seen>();
  const cost = { ms: 0, othersMs: 0 };
  let waitingMs = 0;
  // What an attempt costs is not spent in its turn but behind it, as answers come in.
  wheel.onTurn(() => {
    clock.work(waitingMs);
    clock.wait(cost.othersMs);
    waitingMs = 0;
  });
  for (let index = 0; index < count; index += 1) {
    const check = `check-${index}`;
    const own: Seen = { begun: 0, shed: 0, worstLateMs: 0 };
    seen.set(check, own);
    runRounds(
      { clock, wheel, admission: overload },
      rhythmOf(check, 'here', 1_000),
      { timeoutMs: 900, pooled: false, place: placeOf(check) },
      {
        async attempt({ dueMs }) {
          own.begun += 1;
          own.worstLateMs = Math.max(own.worstLateMs, clock.nowMs() - dueMs);
          waitingMs += cost.ms;
        },
        shed() {
          own.shed += 1;
        },
      },
    );
  }
  return {
    clock,
    overload,
    cost,
    /** What was seen in the next stretch of time alone. */
    async watch(forMs: number): Promise<readonly Seen[]> {
      for (const own of seen.values()) Object.assign(own, { begun: 0, shed: 0, worstLateMs: 0 });
      await clock.runFor(forMs);
      return [...seen.values()].map((own) => ({ ...own }));
    },
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('an agent with more work than time', () => {
  test('begins a steady share of it on time, the same of every check', async () => {
    const { cost, watch } = fleet(5_000);
    cost.ms = 0.5;
    await watch(10_000);
    const seen = await watch(30_000);
    const begun = sum(seen.map((own) => own.begun));
    // There is time for 60,000 attempts; the rest is margin.
    expect(begun).toBeGreaterThan(40_000);
    expect(Math.max(...seen.map((own) => own.worstLateMs))).toBeLessThan(200);
    const mean = begun / seen.length;
    expect(Math.min(...seen.map((own) => own.begun))).toBeGreaterThan(mean * 0.5);
    expect(Math.max(...seen.map((own) => own.begun))).toBeLessThan(mean * 1.5);
  });

  test('counts every round that it does not begin', async () => {
    const { cost, watch } = fleet(2_000);
    cost.ms = 1;
    await watch(5_000);
    for (const { begun, shed } of await watch(10_000)) {
      expect(begun + shed).toBeGreaterThanOrEqual(9);
      expect(begun + shed).toBeLessThanOrEqual(11);
    }
  });

  test('begins all of it again within seconds of the load’s end', async () => {
    const { cost, overload, watch } = fleet(3_000);
    cost.ms = 1;
    await watch(10_000);
    expect(overload.share).toBeLessThan(0.5);
    cost.ms = 0.1;
    await watch(8_000);
    expect(overload.share).toBe(1);
    expect(sum((await watch(5_000)).map(({ shed }) => shed))).toBe(0);
  });
});

describe('an agent that keeps up', () => {
  test('sheds nothing for one stall', async () => {
    const { clock, cost, overload, watch } = fleet(100);
    cost.ms = 0.5;
    await watch(2_000);
    clock.work(400);
    expect(sum((await watch(5_000)).map(({ shed }) => shed))).toBe(0);
    expect(overload.share).toBe(1);
  });
});

test('an agent that is late because others have the machine begins all that it has', async () => {
  const { cost, overload, watch } = fleet(100);
  cost.ms = 0.5;
  cost.othersMs = 35;
  expect(sum((await watch(20_000)).map(({ shed }) => shed))).toBe(0);
  expect(overload.share).toBe(1);
});

test('whatever the share, no check is left out for long', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.integer({ min: 0, max: 2_000_000_000 }),
      fc.integer({ min: 1, max: 20 }),
      (check, round, cuts) => {
        let nowMs = 0;
        const overload = admission(() => nowMs);
        for (let cut = 0; cut <= cuts; cut += 1) {
          nowMs += 300;
          overload.heard({ dueMs: nowMs - 50, nowMs });
        }
        const patience = Math.ceil(3 / overload.share);
        const place = placeOf(check);
        const rounds = Array.from({ length: patience }, (_, index) => overload.admits(place, round + index));
        expect(rounds).toContain(true);
      },
    ),
  );
});
