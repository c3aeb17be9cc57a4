/** Runs the rounds of one check and accounts for each of them. */
import type { Cancel, Clock } from '../contract/clock.ts';
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

export type RunningRounds = {
  /** When the next round is due; no result of a round that has not begun is older. */
  nextDueMs(): number;
  /** No further round begins; those that run go on. */
  stop(): void;
};

export function runRounds(
  { clock, wheel }: { readonly clock: Clock; readonly wheel: Wheel },
  rhythm: Rhythm,
  check: { readonly timeoutMs: number; readonly pooled: boolean },
  work: RoundWork,
): RunningRounds {
  const most = mostAtOnce(check, rhythm, check.pooled);
  let running = 0;
  let next = firstRoundFrom(rhythm, clock.nowMs());
  let cancel: Cancel = () => undefined;
  let stopped = false;
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
    if (!stopped) cancel = wheel.at(dueMs(rhythm, next), fire);
  }

  function begin(round: Round, nowMs: number): void {
    const decision: Decision = decide(rhythm, { lateMs: nowMs - round.dueMs, running }, most);
    if (decision.act === 'shed') {
      work.shed(round, decision.reason);
      return;
    }
    running += 1;
    void work.attempt(round).then(ended);
  }

  cancel = wheel.at(dueMs(rhythm, next), fire);
  return {
    nextDueMs: () => dueMs(rhythm, next),
    stop() {
      stopped = true;
      cancel();
    },
  };
}
