/** What is left of the regions that stood in, once the one that was taken away is back. */
import type { Bounds } from '../../contract/bounds.ts';
import type { Flap } from '../../contract/drill.ts';
import type { Attempt } from './attempt.ts';
import { answersThatEnd, type Window } from './crossing.ts';
import { since } from './passage.ts';
import { piecesOf } from './pieces.ts';
import { transition } from './span.ts';

export type Residual = {
  /** When the last of the traffic left them; `undefined` where they served none, or still do. */
  readonly ended: Bounds | undefined;
  /** Who served last, where that is one of them. */
  readonly servedLast: string | null;
};

/** Of a client that was on the region before. It has left for good once `answersThatEnd` answers in a row are from there. */
export function residualOf(inside: readonly Attempt[], window: Window): Residual {
  const good = inside.filter((attempt) => attempt.good);
  const away = good.filter((attempt) => window.origin(attempt.servedBy));
  const lastly = good.toSorted((a, b) => a.endMs - b.endMs).slice(-answersThatEnd);
  const isBack = lastly.length === answersThatEnd && lastly.every((attempt) => window.target(attempt.servedBy));
  if (away.length === 0) return { ended: undefined, servedLast: null };
  if (!isBack) return { ended: undefined, servedLast: away.at(-1)?.servedBy ?? null };
  const home = good.filter((attempt) => window.target(attempt.servedBy));
  return { ended: transition(away, home, window.from), servedLast: null };
}

/** Stretches in which they served the client again, behind its return. */
export function flapsOf(inside: readonly Attempt[], window: Window, returned: Bounds): readonly Flap[] {
  // To those who count from the region, an answer from elsewhere is a failure to be there.
  const seen = inside.map((attempt) => ({ ...attempt, good: attempt.good && window.target(attempt.servedBy) }));
  const away = seen.filter(
    (attempt, index) =>
      inside[index]?.good === true && window.origin(attempt.servedBy) && attempt.startMs >= returned.upperMs,
  );
  return piecesOf(away, seen, window.from).map(({ began, ended, bad }) => ({
    began: since(window.from, began),
    ended: ended === null ? null : since(window.from, ended),
    servedBy: [...new Set(bad.flatMap(({ servedBy }) => servedBy ?? []))].sort(),
    answers: bad.length,
  }));
}
