/** Results that are owed, and too early to be in the slices, are missing already: in every number that missing data is in. */
import type { Objective } from '../../contract/objective.ts';
import type { Evidence } from './judge.ts';

const unowed: ReadonlySet<Objective['indicator']['kind']> = new Set(['freshness', 'failover']);

/** Of slices of time and steps nothing changes: one is not missing before it is over. Nor of drills: nobody owes one. */
export function withOwed(evidence: Evidence, results: number, { indicator, timeSlices }: Objective): Evidence {
  if (results === 0 || timeSlices !== undefined || unowed.has(indicator.kind)) return evidence;
  const missing = evidence.missing + results;
  if (evidence.kind === 'quantile') return { ...evidence, missing };
  const { account } = evidence;
  return { ...evidence, missing, account: { ...account, missing: account.missing + results } };
}
