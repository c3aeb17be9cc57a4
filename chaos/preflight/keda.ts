import { workloadName } from '../cluster.ts';
import { type ObjectState, objectName, valueAt } from '../objects.ts';
import { annotationOf, isTarget, numberAt, type OwnerFacts, objectsIn, textAt, type WorkloadFacts } from './facts.ts';
import { type Finding, finding } from './finding.ts';
import { suspensionOf } from './suspensions.ts';

const pausedKey = 'autoscaling.keda.sh/paused';
const pausedAtKey = 'autoscaling.keda.sh/paused-replicas';
/** Unless the ScaledObject says otherwise. */
const pollingSeconds = 30;

/** KEDA scales the workload itself between zero and one, each time it polls. */
export function keda(facts: WorkloadFacts, { scaledObjects }: OwnerFacts): readonly Finding[] {
  return objectsIn(scaledObjects)
    .filter(({ body }) => isTarget(valueAt(body, ['spec', 'scaleTargetRef']), facts))
    .map((object) => kedaFinding(facts, object));
}

function kedaFinding(facts: WorkloadFacts, object: ObjectState): Finding {
  const name = objectName(object);
  const workload = workloadName(facts.workload);
  const common = { owner: 'keda', name, workload } as const;
  const pausedAt = annotationOf(object, pausedAtKey);
  if (pausedAt === '' && annotationOf(object, pausedKey) === 'true') {
    return finding({ ...common, will: 'leave', sentence: `${name} is paused, and leaves ${workload} alone` });
  }
  const withinMs = (numberAt(object.body, 'spec', 'pollingInterval') ?? pollingSeconds) * 1_000;
  if (pausedAt !== '') {
    if (Number(pausedAt) === facts.injected) {
      return finding({ ...common, will: 'leave', sentence: `${name} is paused at ${pausedAt} replicas itself` });
    }
    const sentence = `${name} is paused at ${pausedAt} replicas, and puts ${workload} back to them within ${withinMs / 1_000} s`;
    const remedy = `pause it with the annotation ${pausedKey} instead of ${pausedAtKey}`;
    return finding({ ...common, will: 'undo', withinMs, sentence, remedy });
  }
  const least = numberAt(object.body, 'spec', 'minReplicaCount') ?? 0;
  const sentence =
    least > facts.injected
      ? `${name} asks for at least ${least}, and puts ${workload} back within ${withinMs / 1_000} s`
      : `${name} puts ${workload} back within ${withinMs / 1_000} s of a trigger being active (${triggersOf(object)})`;
  const suspension = suspensionOf('keda', object, { path: ['metadata', 'annotations', pausedKey], during: 'true' });
  return finding({ ...common, will: 'undo', withinMs, suspension, sentence });
}

function triggersOf({ body }: ObjectState): string {
  const triggers = valueAt(body, ['spec', 'triggers']);
  const types = (Array.isArray(triggers) ? triggers : []).map((trigger) => textAt(trigger, 'type'));
  return types.length === 0 ? 'no trigger is known' : types.join(', ');
}
