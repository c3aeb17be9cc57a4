/** Failover times of drills, as events: each was within the limit, over it, or its bounds do not say. */
import type { Bounds } from '../../contract/bounds.ts';
import type { DrillReport, EntryReport } from '../../contract/drill.ts';
import type { Span } from '../../contract/slo/spans.ts';
import { type Account, emptyAccount } from './account.ts';

export type Failover = {
  /** When the drill took something away. */
  readonly atMs: number;
  /** From then to the first good answer of the new region; `null` when it was not observed, or never came. */
  readonly tookMs: Bounds | null;
  /** Whether it is known that nothing took over. */
  readonly never: boolean;
};

export function failoverAccount(failovers: readonly Failover[], { fromMs, toMs }: Span, limitMs: number): Account {
  const account = emptyAccount();
  for (const { atMs, tookMs, never } of failovers) {
    if (atMs < fromMs || atMs >= toMs) continue;
    if (never) account.bad += 1;
    else if (tookMs === null) account.missing += 1;
    else if (tookMs.upperMs <= limitMs) account.good += 1;
    else if (tookMs.lowerMs > limitMs) account.bad += 1;
    else account.unsure += 1;
  }
  return account;
}

/**
 * One for each entry name that something may take over, of drills that are over: how long until the last of the vantages
 * that had been served before was served again.
 */
export function failoversOf(drills: readonly DrillReport[]): readonly Failover[] {
  return drills.flatMap(({ t0, endedMs, entries }) => {
    if (t0 === null || endedMs === null) return [];
    return entries.filter(({ servedBy }) => servedBy.length > 0).map((entry) => failoverOf(t0.lowerMs, entry));
  });
}

function failoverOf(atMs: number, { failover }: EntryReport): Failover {
  const observed = failover.passages.filter((passage) => passage.observed && passage.main !== null);
  const never = observed.some(({ main, servedBy }) => main?.ended === null && servedBy.length === 0);
  const firsts = observed.map(({ vantage, client }) => failover.stages[vantage]?.[client]?.['first-good']);
  const seen = firsts.filter((first) => first !== undefined);
  if (seen.length === 0 || seen.length < firsts.length) return { atMs, tookMs: null, never };
  const tookMs = {
    lowerMs: Math.max(...seen.map(({ lowerMs }) => lowerMs)),
    upperMs: Math.max(...seen.map(({ upperMs }) => upperMs)),
  };
  return { atMs, tookMs, never };
}
