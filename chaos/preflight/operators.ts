import { workloadName } from '../cluster.ts';
import { objectName, ownersOf } from '../objects.ts';
import { listAt, textAt, type WorkloadFacts } from './facts.ts';
import { type Finding, finding } from './finding.ts';

/**
 * Field managers that write replicas when a person or a pipeline asks, and those that have rules of their own here.
 * Anybody else who applies them, or is called a controller, is taken to go on writing.
 */
const known =
  /^(kubectl|helm$|blackstart|kube-controller-manager|kube-apiserver|argocd|kustomize-controller|helm-controller|keda|terraform|hashicorp|pulumi|lab$)/i;
const controllerLike = /controller|operator|manager|scaler|reconciler/i;

/** An operator that owns the workload, or its replicas. */
export function operators(facts: WorkloadFacts): readonly Finding[] {
  const { object } = facts;
  const workload = workloadName(facts.workload);
  const owner = listAt(object.body, 'metadata', 'ownerReferences').find(
    (reference) => (reference as { readonly controller?: unknown }).controller === true,
  );
  if (owner !== undefined) {
    const name = `${textAt(owner, 'kind')} ${textAt(owner, 'name')}`;
    const sentence = `${name} made ${workload} and controls it (ownerReference): its operator is taken to put replicas back`;
    const group = textAt(owner, 'apiVersion').split('/')[0];
    const remedy = `take ${name} away instead, if its kind has a scale (workloads: PLURAL.${group}/${textAt(owner, 'name')}), or pause its operator and override guard.reconciler with that reason`;
    return [finding({ owner: 'operator', name, workload, will: 'maybe-undo', sentence, remedy })];
  }
  return ownersOf(object.body, ['spec', 'replicas'])
    .filter(({ manager }) => !known.test(manager))
    .filter(({ manager, operation }) => operation === 'Apply' || controllerLike.test(manager))
    .map(({ manager, at }) => {
      const when = at === '' ? '' : ` (at ${at})`;
      const sentence = `${manager} set the replicas of ${objectName(object)}${when}, and is taken to go on doing so`;
      const remedy = 'pause it by its own means, and override guard.reconciler with that reason';
      return finding({ owner: 'operator', name: manager, workload, will: 'maybe-undo', sentence, remedy });
    });
}
