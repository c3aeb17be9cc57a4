import { isObject } from '../../contract/json.ts';
import { workloadName } from '../cluster.ts';
import { type ObjectState, objectName, valueAt } from '../objects.ts';
import { annotationOf, labelOf, listAt, type OwnerFacts, objectsIn, textAt, type WorkloadFacts } from './facts.ts';
import { type Finding, finding } from './finding.ts';
import { suspensionOf } from './suspensions.ts';

const trackingKey = 'argocd.argoproj.io/tracking-id';
const instanceKey = 'app.kubernetes.io/instance';
const skipKey = 'argocd.argoproj.io/skip-reconcile';
/** `--self-heal-timeout-seconds`. It sees the change by a watch, at once. */
const selfHealMs = 5_000;

/** Argo CD with self-heal puts replicas back within seconds, where they are in git. */
export function argoCd(facts: WorkloadFacts, { applications }: OwnerFacts): readonly Finding[] {
  const tracked = trackedBy(facts);
  if (tracked === null) return [];
  const workload = workloadName(facts.workload);
  const found = objectsIn(applications).filter(
    ({ ref }) => ref.name === tracked.name && (tracked.namespace === null || ref.namespace === tracked.namespace),
  );
  const named = found.find((object) => tracked.isSure || manages(object, facts));
  if (named !== undefined) return [applicationFinding(facts, named)];
  // The label alone is what Helm writes too.
  if (!tracked.isSure) return [];
  const name = `Application ${tracked.name}`;
  const why = applications.status === 'forbidden' ? `we may not list Applications` : 'it is not in this cluster';
  const sentence = `${workload} belongs to ${name} of Argo CD (${trackingKey}), and ${why}: whether it heals itself is not known`;
  const remedy = `switch its self-heal off for the time of the drill, and override guard.reconciler with that reason`;
  return [finding({ owner: 'argo-cd', name, workload, will: 'maybe-undo', withinMs: selfHealMs, sentence, remedy })];
}

type Tracked = { readonly name: string; readonly namespace: string | null; readonly isSure: boolean };

/** `agent:apps/Deployment:default/agent-api`; one that is about another object was copied, and means nothing. */
function trackedBy({ object, namespace }: WorkloadFacts): Tracked | null {
  const id = annotationOf(object, trackingKey);
  if (id !== '') {
    const [app = '', kind = '', place = ''] = id.split(':');
    const own = `${object.ref.group}/${textAt(object.body, 'kind')}`;
    if (kind !== own || place !== `${namespace}/${object.ref.name}`) return null;
    const [first = '', second] = app.split('_');
    return second === undefined
      ? { name: first, namespace: null, isSure: true }
      : { name: second, namespace: first, isSure: true };
  }
  const instance = labelOf(object, instanceKey);
  return instance === '' ? null : { name: instance, namespace: null, isSure: false };
}

/** Whether it says that the workload is among its resources. */
function manages({ body }: ObjectState, { object, namespace }: WorkloadFacts): boolean {
  const { group, name } = object.ref;
  return listAt(body, 'status', 'resources').some(
    (one) =>
      textAt(one, 'name') === name &&
      textAt(one, 'namespace') === namespace &&
      textAt(one, 'group') === group &&
      textAt(one, 'kind') === textAt(object.body, 'kind'),
  );
}

function applicationFinding(facts: WorkloadFacts, object: ObjectState): Finding {
  const name = objectName(object);
  const workload = workloadName(facts.workload);
  const common = { owner: 'argo-cd', name, workload } as const;
  const leaves = (why: string): Finding => finding({ ...common, will: 'leave', sentence: `${name} ${why}` });
  if (annotationOf(object, skipKey) === 'true')
    return leaves(`is not reconciled (${skipKey}), and leaves ${workload} alone`);
  const automated = valueAt(object.body, ['spec', 'syncPolicy', 'automated']);
  if (!isObject(automated) || automated['enabled'] === false || automated['selfHeal'] !== true) {
    return leaves(`does not heal itself: it leaves ${workload} alone until somebody syncs it`);
  }
  if (listAt(object.body, 'spec', 'ignoreDifferences').some((rule) => ignoresReplicas(rule, facts))) {
    return leaves(`ignores differences in the replicas of ${workload}`);
  }
  if (isAbsentInGit(facts)) return leaves(`does not set the replicas of ${workload}`);
  const healing = `puts ${workload} back within ${selfHealMs / 1_000} s: self-heal is on`;
  const set = listAt(object.body, 'metadata', 'ownerReferences').find(
    (reference) => textAt(reference, 'kind') === 'ApplicationSet',
  );
  if (set !== undefined) {
    const sentence = `${name} ${healing}; it belongs to ApplicationSet ${textAt(set, 'name')}, which takes away what is set on one Application`;
    const remedy = `put /spec/replicas into the ignoreDifferences of the ApplicationSet's template`;
    return finding({ ...common, will: 'undo', withinMs: selfHealMs, sentence, remedy });
  }
  const suspension = suspensionOf('argo-cd', object, { path: ['metadata', 'annotations', skipKey], during: 'true' });
  return finding({ ...common, will: 'undo', withinMs: selfHealMs, suspension, sentence: `${name} ${healing}` });
}

function ignoresReplicas(rule: unknown, { object, namespace }: WorkloadFacts): boolean {
  const matches = (wanted: string, own: string): boolean => wanted === '' || wanted === '*' || wanted === own;
  return (
    matches(textAt(rule, 'group'), object.ref.group) &&
    matches(textAt(rule, 'kind'), textAt(object.body, 'kind')) &&
    matches(textAt(rule, 'name'), object.ref.name) &&
    matches(textAt(rule, 'namespace'), namespace) &&
    (listAt(rule, 'jsonPointers').some((pointer) => pointer === '/spec/replicas' || pointer === '/spec') ||
      listAt(rule, 'jqPathExpressions').includes('.spec.replicas'))
  );
}

/** What was applied last from git, where it was applied by the client: with no replicas there is nothing to heal. */
function isAbsentInGit({ object }: WorkloadFacts): boolean {
  const text = annotationOf(object, 'kubectl.kubernetes.io/last-applied-configuration');
  try {
    const applied: unknown = JSON.parse(text);
    return isObject(applied) && valueAt(applied, ['spec', 'replicas']) === undefined;
  } catch {
    return false;
  }
}
