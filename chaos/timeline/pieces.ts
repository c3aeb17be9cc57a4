import type { Bounds } from '../../contract/bounds.ts';
import type { Attempt } from './attempt.ts';
import { earliestEnd, latestStart } from './span.ts';

/** A stretch of failures, on the vantage's clock. Open where the record shows no good attempt after it. */
export type Piece = { readonly began: Bounds; readonly ended: Bounds | null; readonly bad: readonly Attempt[] };

/**
 * The fewest stretches that explain all of `bad`: one stretch can hold several failures as long as no good attempt lies
 * wholly between the earliest end and the latest start among them.
 */
export function piecesOf(bad: readonly Attempt[], attempts: readonly Attempt[], from: Bounds): readonly Piece[] {
  const good = attempts.filter((attempt) => attempt.good);
  const groups: Attempt[][] = [];
  for (const attempt of [...bad].sort((a, b) => a.startMs - b.startMs)) {
    const group = groups.at(-1);
    if (group !== undefined && fitsOne([...group, attempt], good)) group.push(attempt);
    else groups.push([attempt]);
  }
  return groups.map((group) => pieceOf(group, good, from));
}

function fitsOne(group: readonly Attempt[], good: readonly Attempt[]): boolean {
  const fromMs = earliestEnd(group);
  const toMs = latestStart(group);
  return !good.some((attempt) => attempt.startMs >= fromMs && attempt.endMs <= toMs);
}

function pieceOf(bad: readonly Attempt[], good: readonly Attempt[], from: Bounds): Piece {
  const firstEndMs = earliestEnd(bad);
  const lastStartMs = latestStart(bad);
  const before = good.filter((attempt) => attempt.endMs <= lastStartMs && attempt.startMs < firstEndMs);
  const after = good.filter((attempt) => attempt.startMs >= firstEndMs);
  const beganMs = Math.min(Math.max(latestStart(before), from.lowerMs), firstEndMs);
  return {
    began: { lowerMs: beganMs, upperMs: firstEndMs },
    ended:
      after.length === 0
        ? null
        : { lowerMs: Math.max(lastStartMs, beganMs), upperMs: Math.max(earliestEnd(after), lastStartMs) },
    bad,
  };
}
