import type { Result } from '../../contract/result.ts';
import { type ClockOffset, middleMs } from '../clock-offset.ts';
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
  result: Pick<Result, 'startMs' | 'round' | 'burst'>,
  check: Pick<CheckRow, 'everyMs'>,
  clock: ClockOffset | null,
  alignByMs: number,
): Place {
  const atMs = result.startMs + shiftMs(clock);
  const { everyMs } = check;
  const trusted = result.burst === null ? result.round : null;
  const roundStartMs = roundStartOf(atMs, trusted, everyMs, alignmentMs(everyMs, alignByMs));
  return { roundStartMs, round: Math.round(roundStartMs / everyMs), atMs };
}

/** From an agent's time to ours: the middle of what is known, which age widens to both sides alike. */
export function shiftMs(clock: ClockOffset | null): number {
  return clock === null ? 0 : middleMs(clock.bounds);
}

/** `round`: by the agent's count; `null` where there is none. `movedMs`: by how much its rounds are moved. */
export function roundStartOf(atMs: number, round: number | null, everyMs: number, movedMs: number): number {
  if (round !== null) {
    const roundStartMs = round * everyMs + movedMs;
    const late = atMs - roundStartMs;
    if (late > -everyMs && late < 2 * everyMs) return roundStartMs;
  }
  return Math.floor(atMs / everyMs) * everyMs;
}
