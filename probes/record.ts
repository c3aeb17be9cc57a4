/** From an observation to a result: who asked, when, and how far it is to be trusted. */
import type { Check } from '../contract/check.ts';
import type { ClientClass, Observation, Quality, Result } from '../contract/result.ts';
import type { Round } from './rounds.ts';

/** A result that has no number yet: the spool gives it one. */
export type Unnumbered = Omit<Result, 'seq'> & {
  /** On the agent's timeline: decides which aggregator has it. */
  readonly roundStartMs?: number;
};

/** What is asked, how often and on whose behalf. */
export type Planned = {
  readonly check: Check;
  readonly everyMs: number;
  readonly client: ClientClass;
  /** The burst that asks for it; `null` for ordinary rounds. */
  readonly burst: string | null;
};

export type Made = { readonly startMs: number; readonly quality: Quality };

/** `flaw` makes it a missing one; what was seen is kept beside the reason. */
export function resultOf(planned: Planned, round: Round, made: Made, seen: Observation, flaw?: string): Unnumbered {
  const { check, client, burst } = planned;
  const { startMs, quality } = made;
  // Key by key: to spread a second object would take longer than all of the rest.
  const roundStartMs = round.round * planned.everyMs;
  const result = { ...seen, check: check.id, round: round.round, client, burst, roundStartMs, startMs, quality };
  if (flaw !== undefined && seen.failedAt !== 'agent') {
    return { ...result, outcome: 'missing', failedAt: 'agent', reason: flaw, missing: 'bad-sample' };
  }
  return seen.outcome === 'missing' ? { ...result, missing: 'bad-sample' } : result;
}

/** An attempt that the stopping agent cut short. */
export function cutShort(result: Unnumbered): Unnumbered {
  return result.outcome === 'missing' ? { ...result, missing: 'agent-gone' } : result;
}

/** A round that never began. */
export function shedResult(planned: Planned, round: Round, lateMs: number, reason: string): Unnumbered {
  return {
    ...about(planned, round),
    startMs: round.dueMs,
    durationMs: 0,
    outcome: 'missing',
    missing: 'shed',
    failedAt: 'agent',
    reason,
    phases: {},
    region: planned.check.region,
    servedBy: null,
    details: {},
    quality: { lateMs: Math.max(0, lateMs), loopDelayMs: 0 },
  };
}

function about(
  { check, client, burst, everyMs }: Planned,
  { round }: Round,
): Pick<Unnumbered, 'check' | 'round' | 'client' | 'burst' | 'roundStartMs'> {
  return { check: check.id, round, client, burst, roundStartMs: round * everyMs };
}
