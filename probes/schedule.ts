/** When rounds are due. Pure: instants in, instants out, all on the agent's timeline. */
import { hashOf, seededRandom } from '../contract/random.ts';
import type { Effort } from './effort.ts';

/** A check's rounds at one vantage. */
export type Rhythm = {
  readonly everyMs: number;
  /** From the start of a round to its attempt, in [0, everyMs). */
  readonly offsetMs: number;
};

/** No check may be asked for more often than this. */
const shortestMs = 10;
/** Of rounds that a stalled agent slept through, at most so many are counted one by one. */
export const maxCaughtUp = 1_000;
/** An attempt that cannot begin within half its interval is shed, but a short stall sheds nothing. */
const allowedLateMs = 50;
const maxInFlight = 64;

/**
 * The offsets of one vantage lie on a grid, so that checks come due together and not one by one: most of what a probe
 * costs is to wake up for it. Where the intervals are multiples of the grid's, so do all due times. Twice as many
 * datagrams as connections are sent in the same time. A TLS handshake costs far more than to wake up for it: of those
 * that come due together each would wait for some of the others, every time for other ones, so that one target would
 * not be asked at even times.
 */
const grids: Readonly<Record<Effort, number>> = { datagram: 40, connection: 20, handshake: 1 };

/**
 * Aligned rounds. Neither offset nor grid are those of another vantage: no target is hit by all at the same instant.
 * They are the same after a restart.
 */
export function rhythmOf(check: string, vantage: string, everyMs: number, effort: Effort = 'connection'): Rhythm {
  const safeMs = Math.max(shortestMs, everyMs);
  const gridMs = grids[effort];
  // Names that differ in one character have hashes that differ little; the generator mixes them.
  const place = seededRandom(hashOf(`${check}@${vantage}`))();
  if (safeMs < gridMs) return { everyMs: safeMs, offsetMs: Math.floor(place * safeMs) };
  const phaseMs = Math.floor(seededRandom(hashOf(vantage))() * gridMs);
  return { everyMs: safeMs, offsetMs: phaseMs + gridMs * Math.floor(place * Math.floor(safeMs / gridMs)) };
}

export function roundAt(rhythm: Rhythm, atMs: number): number {
  return Math.floor(atMs / rhythm.everyMs);
}

export function dueMs(rhythm: Rhythm, round: number): number {
  return round * rhythm.everyMs + rhythm.offsetMs;
}

/** The first round that is due at `atMs` or later. */
export function firstRoundFrom(rhythm: Rhythm, atMs: number): number {
  const round = roundAt(rhythm, atMs);
  return dueMs(rhythm, round) >= atMs ? round : round + 1;
}

export type Decision = { readonly act: 'start' } | { readonly act: 'shed'; readonly reason: string };

/**
 * Whether a round that is due may begin. A slow target alone sheds nothing: attempts may overlap as far as the check's
 * own time allows. What is shed would have begun too late, or found the agent's hands full.
 */
export function decide(
  rhythm: Rhythm,
  round: { readonly lateMs: number; readonly running: number },
  most: number,
): Decision {
  const limitMs = Math.max(allowedLateMs, rhythm.everyMs / 2);
  if (round.lateMs > limitMs) {
    return {
      act: 'shed',
      reason: `shed: it would have begun ${Math.round(round.lateMs)} ms late, want at most ${limitMs} ms`,
    };
  }
  if (round.running >= most) {
    return { act: 'shed', reason: `shed: ${round.running} attempts of this check still run, want fewer than ${most}` };
  }
  return { act: 'start' };
}

/** How many attempts of one check may run at once; a kept connection carries one at a time. */
export function mostAtOnce(check: { readonly timeoutMs: number }, rhythm: Rhythm, pooled: boolean): number {
  return pooled ? 1 : Math.min(maxInFlight, Math.max(1, Math.ceil(check.timeoutMs / rhythm.everyMs)));
}
