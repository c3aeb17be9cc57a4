/** How a client got from who served it to who serves it now: the rules of one outage, over attempts that may overlap. */
import type { Bounds } from '../../contract/bounds.ts';
import type { Attempt } from './attempt.ts';
import type { Piece } from './pieces.ts';
import { earliestEnd, earliestStart, latestEnd, latestStart } from './span.ts';

/** Good answers in a row that end an outage. */
export const answersThatEnd = 3;

export type Window = {
  /** t0, or the call of restore. */
  readonly from: Bounds;
  /** The call of restore; `null` when the record goes on to its end. */
  readonly until: Bounds | null;
  /** Who served before, and who is to serve after. */
  readonly origin: (region: string | null) => boolean;
  readonly target: (region: string | null) => boolean;
};

/**
 * The attempts of a window: those that may have been made in it. One that the origin served while the window was being
 * closed may be its return, and says nothing.
 */
export function within(attempts: readonly Attempt[], window: Window): readonly Attempt[] {
  const { from, until, origin } = window;
  return attempts.filter((attempt) => {
    if (attempt.endMs < from.lowerMs) return false;
    if (until === null) return true;
    return (
      attempt.startMs < until.upperMs && !(attempt.good && origin(attempt.servedBy) && attempt.endMs > until.lowerMs)
    );
  });
}

/**
 * The first `answersThatEnd` good answers from the target, by when the first of them came, with no other attempt surely
 * among them; `undefined` when there is no such run. Those behind the first are the ones that began soonest: a slow
 * answer belongs to when it was asked for.
 */
export function firstRun(attempts: readonly Attempt[], window: Window): readonly Attempt[] | undefined {
  const hits = (attempt: Attempt): boolean => attempt.good && window.target(attempt.servedBy);
  const good = attempts.filter((attempt) => hits(attempt) && attempt.startMs >= window.from.upperMs);
  const byStart = good.toSorted((a, b) => a.startMs - b.startMs);
  const breakers = attempts.filter((attempt) => !hits(attempt)).sort((a, b) => a.startMs - b.startMs);
  let next = 0;
  for (const first of good.toSorted((a, b) => a.endMs - b.endMs)) {
    const members = [first, ...soonest(byStart, first)];
    if (members.length < answersThatEnd) return undefined;
    while (next < breakers.length && (breakers[next]?.startMs ?? 0) < first.endMs) next += 1;
    if (!anyInside(breakers, next, latestStart(members))) return members;
  }
  return undefined;
}

function soonest(byStart: readonly Attempt[], first: Attempt): readonly Attempt[] {
  const others: Attempt[] = [];
  for (const attempt of byStart) {
    if (others.length === answersThatEnd - 1) break;
    if (attempt !== first && attempt.endMs >= first.endMs) others.push(attempt);
  }
  return others;
}

function anyInside(sorted: readonly Attempt[], start: number, toMs: number): boolean {
  for (let index = start; index < sorted.length; index += 1) {
    const attempt = sorted[index];
    if (attempt === undefined || attempt.startMs > toMs) return false;
    if (attempt.endMs <= toMs) return true;
  }
  return false;
}

/**
 * The main outage of a window whose attempts are `attempts`, `undefined` when the record shows none: the origin went on
 * serving, or too few attempts failed to tell an open outage from stray failures.
 */
export function crossing(attempts: readonly Attempt[], window: Window): Piece | undefined {
  const { from } = window;
  const run = firstRun(attempts, window);
  const goodMs = run === undefined ? Number.POSITIVE_INFINITY : earliestEnd(run);
  const runStartMs = run === undefined ? Number.POSITIVE_INFINITY : earliestStart(run);
  const fromOrigin = (attempt: Attempt): boolean => attempt.good && window.origin(attempt.servedBy);
  const served = attempts.filter((attempt) => fromOrigin(attempt) && attempt.startMs < goodMs);
  // What began after the run did may be behind it, or a stray failure: it is no lower bound for what was ahead of the run.
  const ahead = attempts.filter((attempt) => attempt.startMs <= runStartMs);
  const servedMs = Math.max(latestStart(ahead.filter(fromOrigin)), from.lowerMs);
  const bad = attempts.filter((attempt) => !attempt.good && attempt.endMs > servedMs && attempt.startMs < goodMs);
  if (run === undefined && bad.length < answersThatEnd) return undefined;
  const settledMs = Math.max(latestEnd(served), from.upperMs);
  const unserved = attempts.filter((attempt) => !fromOrigin(attempt) && attempt.startMs >= settledMs);
  const latestMs = run === undefined ? latestEnd(bad) : goodMs;
  const lowerMs = Math.min(servedMs, latestMs);
  const began = { lowerMs, upperMs: Math.max(lowerMs, Math.min(earliestEnd(unserved), latestMs)) };
  if (run === undefined) return { began, ended: null, bad };
  const fromTarget = (attempt: Attempt): boolean => attempt.good && window.target(attempt.servedBy);
  // One in flight as the window opened may have been the target's first answer in it, or its last one before.
  const inFlight = attempts.some((attempt) => fromTarget(attempt) && attempt.startMs < from.upperMs);
  // A failure of the target itself shows that it was not there yet only when it was over before the run began.
  const yet = ahead.filter((attempt) =>
    attempt.good || !window.target(attempt.region) ? !fromTarget(attempt) : attempt.endMs <= runStartMs,
  );
  const unservedMs = inFlight ? from.lowerMs : latestStart(yet);
  return { began, ended: { lowerMs: Math.min(Math.max(unservedMs, from.lowerMs), goodMs), upperMs: goodMs }, bad };
}
