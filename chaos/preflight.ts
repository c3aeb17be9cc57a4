/** Who else owns the replicas that a drill takes away, and what they will do. Reads only. */
import type { Workload } from '../scenarios/scenario.ts';
import { findingsOf } from './preflight/classify.ts';
import type { Finding } from './preflight/finding.ts';
import { type PreflightCluster, readOwners, readWorkloads } from './preflight/read.ts';

export { type Finding, suspensionsFor } from './preflight/finding.ts';

export async function preflight(
  cluster: PreflightCluster,
  workloads: readonly Workload[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const facts = await readWorkloads(cluster, workloads, signal);
  const owners = await readOwners(cluster, facts, signal);
  return facts.flatMap((one) => findingsOf(one, owners));
}

/** What an owner of replicas will do, in words. */
export const shownWill: { readonly [W in Finding['will']]: string } = {
  leave: 'no obstacle',
  undo: 'undoes it',
  'maybe-undo': 'may undo it',
  forbid: 'is against it',
  unread: 'unknown',
};

/** A line for each, for people: who, what they will do, and whether they are suspended. */
export function describeFindings(findings: readonly Finding[], suspend: readonly string[]): readonly string[] {
  return findings.map(({ will, sentence, suspension, owner }) => {
    const isSuspended = suspension !== null && (will === 'undo' || will === 'maybe-undo') && suspend.includes(owner);
    return `${isSuspended ? 'suspended meanwhile' : shownWill[will]}: ${sentence}`;
  });
}
