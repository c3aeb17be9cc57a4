import { isObject } from '../../contract/json.ts';
import { workloadName } from '../cluster.ts';
import { type ObjectState, objectName, valueAt } from '../objects.ts';
import { listAt, type OwnerFacts, objectsIn, textAt, type WorkloadFacts } from './facts.ts';
import { type Finding, finding } from './finding.ts';

/** A PodDisruptionBudget keeps nobody from scaling down. Whoever wrote it wanted these pods: so it keeps us. */
export function budgets(facts: WorkloadFacts, { budgets: found }: OwnerFacts): readonly Finding[] {
  const labels = valueAt(facts.object.body, ['spec', 'template', 'metadata', 'labels']);
  return objectsIn(found)
    .filter(({ body }) => selects(valueAt(body, ['spec', 'selector']), isObject(labels) ? labels : {}))
    .map((object) => budgetFinding(facts, object));
}

function budgetFinding(facts: WorkloadFacts, object: ObjectState): Finding {
  const name = objectName(object);
  const workload = workloadName(facts.workload);
  const least = leastPods(object, facts.original);
  const common = { owner: 'disruption-budget', name, workload } as const;
  if (facts.injected >= least) {
    return finding({ ...common, will: 'leave', sentence: `${name} allows ${workload} to have ${facts.injected} pods` });
  }
  const sentence = `${name} wants at least ${least} of the ${facts.original} pods of ${workload}, and the drill leaves ${facts.injected}`;
  const remedy = 'change the budget, or override guard.disruption-budget in the scenario with a reason';
  return finding({ ...common, will: 'forbid', sentence, remedy });
}

/** Percentages round up, as the cluster rounds them. */
function leastPods({ body }: ObjectState, original: number): number {
  const count = (value: unknown): number | null => {
    if (typeof value === 'number') return value;
    const percent = typeof value === 'string' ? /^(\d+)%$/.exec(value) : null;
    return percent === null ? null : Math.ceil((Number(percent[1]) * original) / 100);
  };
  const least = count(valueAt(body, ['spec', 'minAvailable']));
  if (least !== null) return least;
  const most = count(valueAt(body, ['spec', 'maxUnavailable']));
  return most === null ? 0 : Math.max(0, original - most);
}

/** An empty selector is for all pods of the namespace, none for no pod. */
function selects(selector: unknown, labels: { readonly [key: string]: unknown }): boolean {
  if (!isObject(selector)) return false;
  const wanted = selector['matchLabels'];
  const equal = Object.entries(isObject(wanted) ? wanted : {}).every(([key, value]) => labels[key] === value);
  return equal && listAt(selector, 'matchExpressions').every((expression) => holds(expression, labels));
}

function holds(expression: unknown, labels: { readonly [key: string]: unknown }): boolean {
  const key = textAt(expression, 'key');
  const values = listAt(expression, 'values');
  switch (textAt(expression, 'operator')) {
    case 'In':
      return values.includes(labels[key]);
    case 'NotIn':
      return !values.includes(labels[key]);
    case 'Exists':
      return key in labels;
    case 'DoesNotExist':
      return !(key in labels);
    default:
      return false;
  }
}
