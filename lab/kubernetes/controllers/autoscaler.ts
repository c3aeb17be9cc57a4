/** HorizontalPodAutoscalers without a metrics server: they keep replicas between their limits, and leave zero alone. */
import type { Cancel } from '../../../contract/clock.ts';
import type { Json } from '../../../contract/json.ts';
import { type Api, nowStamp } from '../call.ts';
import { type KubeObject, numberAt, objectAt, textAt } from '../object.ts';
import { autoscalers, deployments } from '../resources.ts';
import { type ControllerWriter, writerAs } from './writer.ts';

/** Looks every `periodMs`. */
export function autoscaling(api: Api, periodMs: number): Cancel {
  const write = writerAs(api, 'kube-controller-manager');
  let cancel: Cancel = () => undefined;
  const next = (): void => {
    cancel = api.clock.after(periodMs, () => {
      for (const autoscaler of api.store.list(autoscalers, null)) look(api, write, autoscaler);
      next();
    });
  };
  next();
  return () => cancel();
}

function look(api: Api, write: ControllerWriter, autoscaler: KubeObject): void {
  const namespace = autoscaler.metadata.namespace ?? '';
  const target = api.store.get(deployments, namespace, textAt(autoscaler, 'spec', 'scaleTargetRef', 'name') ?? '');
  if (target === undefined) return;
  const replicas = numberAt(target, 'spec', 'replicas') ?? 1;
  const wanted = replicas === 0 ? 0 : within(autoscaler, replicas);
  if (wanted !== replicas)
    write.update(deployments, target, { spec: { ...objectAt(target, 'spec'), replicas: wanted } });
  write.setStatus(autoscalers, autoscaler, {
    currentReplicas: numberAt(target, 'status', 'replicas') ?? 0,
    desiredReplicas: wanted,
    conditions: [able(api, autoscaler), active(api, autoscaler, replicas === 0)],
  });
}

function within(autoscaler: KubeObject, replicas: number): number {
  const least = numberAt(autoscaler, 'spec', 'minReplicas') ?? 1;
  const most = numberAt(autoscaler, 'spec', 'maxReplicas') ?? replicas;
  return Math.min(most, Math.max(least, replicas));
}

function able(api: Api, autoscaler: KubeObject): Json {
  return condition(api, autoscaler, [
    'AbleToScale',
    'True',
    'SucceededGetScale',
    "the HPA controller was able to get the target's current scale",
  ]);
}

function active(api: Api, autoscaler: KubeObject, isZero: boolean): Json {
  const [reason, message] = isZero
    ? ['ScalingDisabled', 'scaling is disabled since the replica count of the target is zero']
    : [
        'FailedGetResourceMetric',
        'the HPA was unable to compute the replica count: unable to get metrics for resource cpu',
      ];
  return condition(api, autoscaler, ['ScalingActive', 'False', reason, message]);
}

type Said = readonly [type: string, status: string, reason: string | undefined, message: string | undefined];

function condition(api: Api, autoscaler: KubeObject, [type, status, reason = '', message = '']: Said): Json {
  const conditions = objectAt(autoscaler, 'status')['conditions'];
  const before = (Array.isArray(conditions) ? conditions : []).find((one: Json) => textAt(one, 'type') === type);
  const since = textAt(before, 'status') === status ? textAt(before, 'lastTransitionTime') : undefined;
  return { type, status, reason, message, lastTransitionTime: since ?? nowStamp(api) };
}
