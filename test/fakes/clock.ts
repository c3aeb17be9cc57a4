import type { Cancel, Clock } from '../../contract/clock.ts';

/** Time that stands still until a test moves it. */
export type FakeClock = Clock & {
  /** Moves time on, running what falls due in order; between two timers all settled promises get their turn. */
  advance(byMs: number): Promise<void>;
  /** Steps the wall clock alone, as an administrator would. */
  stepWall(byMs: number): void;
  /** Timers that wait. */
  readonly pending: number;
};

type Timer = { readonly dueMs: number; readonly order: number; readonly run: () => void };

export function fakeClock(startMs = 1_700_000_000_000): FakeClock {
  let nowMs = startMs;
  let wallOffsetMs = 0;
  let order = 0;
  const timers = new Set<Timer>();

  function nextDue(untilMs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers) {
      const earlier =
        first === undefined || timer.dueMs < first.dueMs || (timer.dueMs === first.dueMs && timer.order < first.order);
      if (timer.dueMs <= untilMs && earlier) first = timer;
    }
    return first;
  }

  return {
    nowMs: () => nowMs,
    wallMs: () => nowMs + wallOffsetMs,
    after(delayMs, run): Cancel {
      order += 1;
      const timer: Timer = { dueMs: nowMs + Math.max(0, delayMs), order, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(byMs) {
      const untilMs = nowMs + byMs;
      await settle();
      for (let timer = nextDue(untilMs); timer !== undefined; timer = nextDue(untilMs)) {
        nowMs = timer.dueMs;
        timers.delete(timer);
        timer.run();
        await settle();
      }
      nowMs = untilMs;
    },
    stepWall(byMs) {
      wallOffsetMs += byMs;
    },
    get pending() {
      return timers.size;
    },
  };
}

/** Lets promise chains of ordinary depth run out. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
