import { workloadName } from '../cluster.ts';
import type { Found } from '../objects.ts';
import { argoCd } from './argo-cd.ts';
import { budgets } from './budgets.ts';
import type { OwnerFacts, WorkloadFacts } from './facts.ts';
import { type Finding, finding, type Owner } from './finding.ts';
import { flux } from './flux.ts';
import { autoscalers } from './hpa.ts';
import { keda } from './keda.ts';
import { nodeAutoscalers } from './nodes.ts';
import { operators } from './operators.ts';

/** Who owns a workload's replicas, and what they will do, from what was read. */
export function findingsOf(facts: WorkloadFacts, owners: OwnerFacts): readonly Finding[] {
  const found = [
    ...autoscalers(facts, owners),
    ...keda(facts, owners),
    ...argoCd(facts, owners),
    ...flux(facts, owners),
    ...operators(facts),
    ...budgets(facts, owners),
    ...nodeAutoscalers(facts, owners),
  ];
  // Whose labels say that it owns the workload has been named already, and that it could not be read.
  const isNamed = (owner: Owner): boolean => found.some((one) => one.owner === owner && one.will === 'maybe-undo');
  return [...found, ...unread(facts, owners).filter(({ owner }) => !isNamed(owner))];
}

const kinds: readonly (readonly [Owner, keyof OwnerFacts, string])[] = [
  ['hpa', 'autoscalers', 'HorizontalPodAutoscalers'],
  ['keda', 'scaledObjects', 'ScaledObjects'],
  ['argo-cd', 'applications', 'Applications'],
  ['flux', 'kustomizations', 'Kustomizations'],
  ['flux', 'helmReleases', 'HelmReleases'],
  ['disruption-budget', 'budgets', 'PodDisruptionBudgets'],
  ['node-autoscaler', 'clusterAutoscaler', 'the ConfigMap cluster-autoscaler-status'],
  ['node-autoscaler', 'karpenterNodes', 'nodes'],
];

function unread(facts: WorkloadFacts, owners: OwnerFacts): readonly Finding[] {
  const workload = workloadName(facts.workload);
  return kinds.flatMap(([owner, key, name]) => {
    const found: Found = owners[key];
    if (found.status !== 'forbidden') return [];
    const sentence = `whether ${name} are about ${workload} is unknown: we may not read them (${found.because})`;
    const remedy = `let the identity of this kubeconfig list ${name}`;
    return [finding({ owner, name, workload, will: 'unread', sentence, remedy })];
  });
}
