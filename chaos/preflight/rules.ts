import type { GuardFacts, Objection } from '../guard/facts.ts';
import { unsuspended } from './finding.ts';

/** Somebody will put replicas back during the drill: what is measured then is not a failover. */
export function notUndone({ owners, suspend }: Pick<GuardFacts, 'owners' | 'suspend'>): Objection | undefined {
  const open = unsuspended(owners, suspend);
  if (open.length === 0) return undefined;
  const allow = [...new Set(open.flatMap(({ owner, suspension }) => (suspension === null ? [] : [owner])))];
  const remedies = [
    ...(allow.length === 0
      ? []
      : [`write "suspend: [${[...new Set([...suspend, ...allow])].join(', ')}]" into the drill`]),
    ...new Set(open.flatMap(({ suspension, remedy }) => (suspension === null && remedy !== null ? [remedy] : []))),
  ];
  return {
    because: `${open.length} ${open.length === 1 ? 'owner' : 'owners'} of replicas would undo it: ${open.map(({ sentence }) => sentence).join('; ')}`,
    remedy: remedies.join('; '),
  };
}

/** Scaling passes over PodDisruptionBudgets; a drill does not. */
export function withinBudgets({ owners }: Pick<GuardFacts, 'owners'>): Objection | undefined {
  const against = owners.filter(
    ({ owner, will }) => owner === 'disruption-budget' && (will === 'forbid' || will === 'unread'),
  );
  if (against.length === 0) return undefined;
  return {
    because: against.map(({ sentence }) => sentence).join('; '),
    remedy: [...new Set(against.map(({ remedy }) => remedy ?? ''))].join('; '),
  };
}
