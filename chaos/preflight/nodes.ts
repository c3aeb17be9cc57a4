import { workloadName } from '../cluster.ts';
import { labelOf, type OwnerFacts, objectsIn, type WorkloadFacts } from './facts.ts';
import { type Finding, finding } from './finding.ts';

/** `--scale-down-unneeded-time` of the cluster autoscaler. */
const unneededMs = 600_000;

/** Who may take nodes away that stand empty during the drill: failback then waits for new ones. */
export function nodeAutoscalers(facts: WorkloadFacts, owners: OwnerFacts): readonly Finding[] {
  const workload = workloadName(facts.workload);
  const found: Finding[] = [];
  if (objectsIn(owners.clusterAutoscaler).length > 0) {
    const name = 'cluster autoscaler';
    const sentence = `the cluster autoscaler takes nodes away that stand empty for about ${unneededMs / 60_000} minutes: a longer drill fails back only when new nodes are up`;
    found.push(finding({ owner: 'node-autoscaler', name, workload, will: 'leave', withinMs: unneededMs, sentence }));
  }
  const [node] = objectsIn(owners.karpenterNodes);
  if (node !== undefined) {
    const name = `Karpenter (NodePool ${labelOf(node, 'karpenter.sh/nodepool')})`;
    const sentence = `${name} may take nodes away as soon as they stand empty (consolidateAfter): failback then waits for new nodes`;
    found.push(finding({ owner: 'node-autoscaler', name, workload, will: 'leave', sentence }));
  }
  return found;
}
