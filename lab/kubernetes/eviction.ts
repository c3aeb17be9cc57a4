/** The eviction subresource of pods: deletes one unless a budget forbids it. */
import { bodyOf, checkPlace, type Kind } from './body.ts';
import { type Answer, type Api, type Call, checkWriteOptions, type Target } from './call.ts';
import { erase } from './commit.ts';
import { allowance, covers } from './controllers/budgets.ts';
import { Refusal } from './refusal.ts';
import { budgets } from './resources.ts';
import { howOf, mustExist } from './write.ts';

const evictionKind: Kind = { kind: 'Eviction', apiVersion: 'policy/v1', shape: 'any' };

export function evict(api: Api, call: Call, target: Target): Answer {
  checkWriteOptions(call, 'CreateOptions');
  checkPlace(bodyOf(call, evictionKind), target.name, target.namespace);
  const pod = mustExist(api, target);
  const budget = api.store.list(budgets, target.namespace).find((one) => covers(one, pod));
  if (budget !== undefined && pod.metadata.deletionTimestamp === undefined) {
    const { currentHealthy, desiredHealthy, disruptionsAllowed } = allowance(api, budget);
    if (disruptionsAllowed < 1) throw forbidden(budget.metadata.name, { currentHealthy, desiredHealthy });
  }
  erase(api, howOf(api, call, target), pod, null);
  return { code: 201, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };
}

function forbidden(
  budget: string,
  pods: { readonly currentHealthy: number; readonly desiredHealthy: number },
): Refusal {
  const message = `The disruption budget ${budget} needs ${pods.desiredHealthy} healthy pods and has ${pods.currentHealthy} currently`;
  return new Refusal(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message }],
  });
}
