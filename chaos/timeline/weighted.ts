/** Names whose answers are weighted: a fresh client is led to the region again and again until all name servers left it. */
import type { Bounds } from '../../contract/bounds.ts';
import type { Attempt } from './attempt.ts';
import { firstRun, type Window } from './crossing.ts';
import { type Piece, piecesOf } from './pieces.ts';
import { earliestEnd, latestEnd, latestStart } from './span.ts';

/**
 * Only bad attempts directed at the region, behind all that it served, tell of its loss; a client that drew none was not touched, so it is not
 * observed. It has moved with the run of good answers behind the last of them, and that is known once an answer came
 * after `confirmedMs`: before, its next draw might have led back. The main outage is the longest of its pieces.
 */
export function weightedCrossing(
  attempts: readonly Attempt[],
  window: Window,
  evidence: { readonly region: string; readonly confirmedMs: number },
): { readonly observed: boolean; readonly main: Piece | undefined; readonly moved: Bounds | undefined } {
  const { from } = window;
  const served = attempts.filter((attempt) => attempt.good && window.origin(attempt.servedBy));
  const settledMs = Math.max(latestEnd(served), from.upperMs);
  const bad = attempts.filter(
    (attempt) => !attempt.good && attempt.region === evidence.region && attempt.endMs > latestStart(served),
  );
  if (!bad.some((attempt) => attempt.startMs >= settledMs)) {
    return { observed: false, main: undefined, moved: undefined };
  }
  const pieces = piecesOf(bad, attempts, from);
  const main = pieces.reduce((longest, piece) => (leastMs(piece) > leastMs(longest) ? piece : longest));
  const lastMs = latestEnd(bad);
  const behind = attempts.filter((attempt) => attempt.startMs >= lastMs);
  const run = firstRun(behind, window);
  const confirmed = behind.some(
    (attempt) => attempt.good && window.target(attempt.servedBy) && attempt.startMs >= evidence.confirmedMs,
  );
  const moved = run === undefined || !confirmed ? undefined : { lowerMs: latestStart(bad), upperMs: earliestEnd(run) };
  return { observed: true, main, moved };
}

function leastMs(piece: Piece): number {
  return latestStart(piece.bad) - earliestEnd(piece.bad);
}
