/** Attempts that hang are on record only when their time is up, and they are what an outage is made of. */
import { type Clock, sleep } from '../../contract/clock.ts';
import type { DrillReport, EntryTimeline } from '../../contract/drill.ts';
import { formatMs } from '../../contract/units.ts';
import type { DrillFacts } from '../facts.ts';
import { reportOf } from '../judge.ts';

/** How often the record is looked at: it is long by now. */
const lookEveryMs = 1_000;

export type Latecomers = {
  readonly clock: Clock;
  /** Whoever interrupts does not wait. */
  readonly interrupt: AbortSignal;
  readonly facts: () => DrillFacts;
  /** No attempt of the burst takes longer. */
  readonly attemptMs: number;
  /** Called once, when there is something to wait for. */
  waiting(longestMs: number): void;
};

/** Resolves when no hole in the record can be one of attempts that have begun in it and not ended. */
export async function latecomers({ clock, interrupt, facts, attemptMs, waiting }: Latecomers): Promise<void> {
  for (let isTold = false; !interrupt.aborted; isTold = true) {
    const known = facts();
    const nowMs = clock.nowMs() + (known.offset.lowerMs + known.offset.upperMs) / 2;
    const leftMs = lastHoleEndMs(reportOf(known)) + attemptMs - nowMs;
    if (leftMs <= 0) return;
    if (!isTold) waiting(leftMs);
    await sleep(clock, Math.min(leftMs, lookEveryMs), interrupt).catch(() => undefined);
  }
}

export function waitingFor(longestMs: number): string {
  return `attempts may still hang whose results decide: waiting for them, ${formatMs(longestMs)} at most`;
}

/** On the aggregator's clock; none: in the past for ever. */
function lastHoleEndMs({ entries, t0, restoreCalled }: DrillReport): number {
  const ends = entries.flatMap(({ failover, failback }) => [
    ...holeEnds(failover).map((endMs) => (t0?.upperMs ?? Number.NEGATIVE_INFINITY) + endMs),
    ...holeEnds(failback).map((endMs) => (restoreCalled?.upperMs ?? Number.NEGATIVE_INFINITY) + endMs),
  ]);
  return Math.max(Number.NEGATIVE_INFINITY, ...ends);
}

/** Of those by whom a drill is judged. A kept connection makes one attempt at a time: its record is full of holes. */
function holeEnds({ passages }: EntryTimeline): readonly number[] {
  return passages
    .filter(({ client, observed }) => client === 'fresh' && observed)
    .flatMap(({ holes = [] }) => holes.map(({ toMs }) => toMs));
}
