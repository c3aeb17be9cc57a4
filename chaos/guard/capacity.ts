import type { GuardFacts, Objection } from './facts.ts';

/**
 * Whether the other regions can carry what this one carries, taking a pod to bear at most what the busiest bears today.
 * Where nobody may take over, nothing moves and nothing has to be carried.
 */
export function headroomOf({ region, expect, capacity }: GuardFacts): Objection | undefined {
  if (expect.every(({ servedBy }) => servedBy.length === 0)) return undefined;
  const unread = Object.entries(capacity).filter(([, { replicas }]) => replicas === null);
  if (unread.length > 0) {
    return {
      because: `headroom is unknown: the replicas of ${unread.map(([name]) => name).join(', ')} could not be read`,
      remedy: 'give the kubeconfig their contexts, or override the rule with a reason',
    };
  }
  const sharePerPod = Math.max(...Object.values(capacity).map(({ share, replicas }) => share / (replicas || 1)));
  const others = Object.entries(capacity).filter(([name]) => name !== region);
  const survivors = others.reduce((sum, [, { replicas }]) => sum + (replicas ?? 0), 0);
  const total = Object.values(capacity).reduce((sum, { share }) => sum + share, 0);
  const carried = survivors * sharePerPod;
  if (carried >= total) return undefined;
  const needed = Math.ceil(total / sharePerPod);
  return {
    because: `without ${region} ${survivors} pods remain and carry ${carried.toFixed(0)} of ${total} % at ${sharePerPod.toFixed(1)} % a pod, today's most`,
    remedy: `run ${needed - survivors} more replicas in the other regions (${needed} in all), or override the rule with a reason`,
  };
}
