import type { Result } from '../../contract/result.ts';
import { type ClockOffset, middleMs, offsetAt } from '../clock-offset.ts';
import type { CheckRow } from '../store/rows.ts';
import { alignmentMs } from './rounds.ts';

/** Where a result counts, on the aggregator's clock. */
export type Place = {
  /** The start of its round: decides the slice. */
  readonly roundStartMs: number;
  /** The same number for all agents. */
  readonly round: number;
  readonly atMs: number;
};

/** Rounds are trusted where they agree with the clock; otherwise the clock decides. */
export function placeOf(
  result: Result,
  check: Pick<CheckRow, 'everyMs'>,
  clock: ClockOffset | null,
  alignByMs: number,
): Place {
  const atMs = result.startMs + middleMs(offsetAt(clock, result.startMs));
  const { everyMs } = check;
  if (result.burst === null) {
    const roundStartMs = result.round * everyMs + alignmentMs(everyMs, alignByMs);
    const late = atMs - roundStartMs;
    if (late > -everyMs && late < 2 * everyMs) return { roundStartMs, round: Math.round(roundStartMs / everyMs), atMs };
  }
  const round = Math.floor(atMs / everyMs);
  return { roundStartMs: round * everyMs, round, atMs };
}
