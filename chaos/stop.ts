import type { Scenario } from '../scenarios/scenario.ts';
import { leaseNameOf } from './cluster.ts';
import { distinctClusters, type RecoverDeps } from './recover.ts';
import { leaveStop } from './runner/lease-watch.ts';
import { sentenceOf, Trouble } from './trouble.ts';

/**
 * Asks the runner of a drill, on whatever machine it is, to stop and restore: leaves the reason on the drill's Lease.
 * Rejects when no cluster of the scenario has such a Lease.
 */
export async function stopDrill(
  drill: string,
  scenario: Scenario,
  because: string,
  deps: Pick<RecoverDeps, 'openCluster' | 'interrupt'>,
): Promise<{ readonly context: string }> {
  const unread: string[] = [];
  for (const plan of distinctClusters(scenario)) {
    try {
      const cluster = await deps.openCluster(plan);
      const found = await leaveStop(cluster, leaseNameOf(drill), because, deps.interrupt);
      cluster.close();
      if (found) return { context: plan.context };
    } catch (error) {
      deps.interrupt.throwIfAborted();
      unread.push(`${plan.context}: ${sentenceOf(error)}`);
    }
  }
  if (unread.length > 0)
    throw new Trouble('unreachable', `drill ${drill} was not found; not asked: ${unread.join('; ')}`);
  throw new Trouble(
    'missing',
    `drill ${drill} has no Lease in any cluster of the scenario: it is over, or never began`,
  );
}
