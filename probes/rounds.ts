/** Runs the rounds of one check and accounts for each of them. */
import type { Clock } from '../contract/clock.ts';
import type { Admission } from './overload.ts';
import {
  type Decision,
  decide,
  dueMs,
  firstRoundFrom,
  maxCaughtUp,
  mostAtOnce,
  type Rhythm,
  roundAt,
} from './schedule.ts';
import type { Wheel } from './wheel.ts';

export type Round = { readonly round: number; readonly dueMs: number };

export type RoundWork = {
  /** Makes the attempt of a round. Never rejects. */
  attempt(round: Round): Promise<void>;
  /** Counts a round as missing. */
  shed(round: Round, reason: string): void;
};

export type RoundDeps = {
  readonly clock: Clock;
  readonly wheel: Wheel;
  /** Absent: every round begins that is not too late. */
  readonly admission?: Admission | undefined;
};

export type RunningRounds = {
  /** When the next round is due; no result of a round that has not begun is older. */
  nextDueMs(): number;
  /** No further round begins; those that run go on. */
  stop(): void;
};

export function runRounds(
  { clock, wheel, admission }: RoundDeps,
  rhythm: Rhythm,
  check: { readonly timeoutMs: number; readonly pooled: boolean; readonly place?: number },
  work: RoundWork,
): RunningRounds {
  const most = mostAtOnce(check, rhythm, check.pooled);
  let running = 0;
  let next = firstRoundFrom(rhythm, clock.nowMs());
  let stopped = false;
  const alarm = wheel.alarm(fire);
  const ended = (): void => {
    running -= 1;
  };

  function fire(): void {
    const nowMs = clock.nowMs();
    // Every round that has come due by now: more than one only after a stall. Beyond the bound they are not told one
    // by one; the aggregator knows from the assignment that they were expected.
    next = Math.max(next, roundAt(rhythm, nowMs) - maxCaughtUp);
    for (; !stopped && dueMs(rhythm, next) <= nowMs; next += 1)
      begin({ round: next, dueMs: dueMs(rhythm, next) }, nowMs);
    if (!stopped) alarm.set(dueMs(rhythm, next));
  }

  function begin(round: Round, nowMs: number): void {
    const decision: Decision = decide(rhythm, { lateMs: nowMs - round.dueMs, running }, most);
    if (decision.act === 'shed') {
      work.shed(round, decision.reason);
      return;
    }
    if (admission !== undefined && !admission.admits(check.place ?? 0, round.round)) {
      work.shed(round, `shed: the agent keeps up with ${Math.floor(100 * admission.share)} in 100 of its rounds`);
      return;
    }
    running += 1;
    void work.attempt(round).then(ended);
  }

  alarm.set(dueMs(rhythm, next));
  return {
    nextDueMs: () => dueMs(rhythm, next),
    stop() {
      stopped = true;
      alarm.cancel();
    },
  };
}
