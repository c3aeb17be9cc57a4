/** PodDisruptionBudgets: how many pods may be evicted. Scaling never asks them, as in the real one. */
import type { Json } from '../../../contract/json.ts';
import type { Api } from '../call.ts';
import { at, type KubeObject, textsAt } from '../object.ts';
import { budgets, pods } from '../resources.ts';
import { matchesLabels } from '../selectors.ts';
import { isReady, isTerminating } from './pods.ts';
import { writerAs } from './writer.ts';

export type Allowance = {
  readonly expectedPods: number;
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly disruptionsAllowed: number;
};

export function reconcileBudgets(api: Api): void {
  const write = writerAs(api, 'kube-controller-manager');
  for (const budget of api.store.list(budgets, null)) {
    write.setStatus(budgets, budget, {
      observedGeneration: budget.metadata.generation ?? 1,
      ...allowance(api, budget),
    });
  }
}

export function covers(budget: KubeObject, pod: KubeObject): boolean {
  const selector = textsAt(budget, 'spec', 'selector', 'matchLabels');
  return budget.metadata.namespace === pod.metadata.namespace && matchesLabels(pod, selector);
}

export function allowance(api: Api, budget: KubeObject): Allowance {
  const covered = api.store.list(pods, budget.metadata.namespace ?? null).filter((pod) => covers(budget, pod));
  const expectedPods = covered.filter((pod) => !isTerminating(pod)).length;
  const currentHealthy = covered.filter((pod) => isReady(pod) && !isTerminating(pod)).length;
  const minAvailable = at(budget, 'spec', 'minAvailable');
  const desiredHealthy =
    minAvailable === undefined
      ? expectedPods - countOf(at(budget, 'spec', 'maxUnavailable') ?? 0, expectedPods)
      : countOf(minAvailable, expectedPods);
  return {
    expectedPods,
    currentHealthy,
    desiredHealthy,
    disruptionsAllowed: Math.max(0, currentHealthy - desiredHealthy),
  };
}

/** A number, or `"25%"` of `of`, rounded up. */
function countOf(value: Json, of: number): number {
  if (typeof value === 'number') return value;
  const percent = Number.parseFloat(String(value));
  return Number.isNaN(percent) ? 0 : Math.ceil((percent * of) / 100);
}
