/** What the zone does not tell: how pods go and come, from their own settings and from drills before. */
import { type LoadBalancerPlan, usualLoadBalancer } from '../../scenarios/scenario.ts';
import type { PodSettings } from '../cluster.ts';
import type { PredictionInput, Range } from './input.ts';
import type { PastDrills } from './past.ts';

/** The pods of the workloads taken away. */
export type Pods = { readonly replicas: number; readonly settings: readonly PodSettings[] };

type Timing = Pick<
  Required<PredictionInput>,
  'drain' | 'serving' | 'served' | 'filling' | 'targets' | 'publish' | 'pods'
>;

/** Endpoints leave their slices with the deletion of their pods: seen to take 38 to 190 ms, and less in small clusters. */
const drainMs: readonly Range[] = [
  { fromMs: 10, toMs: 50 },
  { fromMs: 50, toMs: 250 },
];
/** A pod that is told to end stops serving within this, unless it says otherwise. */
const endingMs = 500;
/** From a flip of health to the name servers. Route 53 promises nothing here, not even of what order it is. */
const publishMs: readonly Range[] = [
  { fromMs: 0, toMs: 50 },
  { fromMs: 50, toMs: 500 },
  { fromMs: 500, toMs: 5_000 },
];
/** Most balancers lead nowhere else once an endpoint is gone, and most programs stop at once when they are told to. */
const atOnceMs: Range = { fromMs: 0, toMs: 50 };
/** A container's start until it could answer, where no drill has shown it: of what order that is nobody knows. */
const startsMs: readonly Range[] = [
  { fromMs: 50, toMs: 200 },
  { fromMs: 200, toMs: 800 },
  { fromMs: 800, toMs: 3_200 },
  { fromMs: 3_200, toMs: 20_000 },
];

/** A region's load balancer, as the scenario tells it, and whether names follow its targets and nothing else. */
export type Balancer = { readonly plan: LoadBalancerPlan | null; readonly alone: boolean };

export function timingOf(
  way: PredictionInput['way'],
  pods: Pods,
  past: PastDrills,
  balancer: Balancer = { plan: null, alone: false },
): Timing {
  const seen = way === 'failover' ? past.leaving : past.joining;
  const isMeasured = balancer.alone && balancer.plan === null && seen.length > 0;
  const targets = isMeasured ? seen : turningOf(way, balancer.plan);
  // What was measured of targets goes up to the name servers.
  const publish = known(past.publish, isMeasured ? [] : publishMs);
  if (way === 'failover') {
    return {
      drain: known(past.drain, drainMs),
      serving: [atOnceMs, { fromMs: 0, toMs: longestServingMs(pods) }],
      served: past.served,
      filling: [],
      targets,
      publish,
      pods: null,
    };
  }
  const serving = known(past.answering, [{ fromMs: 0, toMs: endingMs }]);
  const measured = past.started.length > 0 && past.filling.length > 0;
  return {
    drain: past.started,
    serving,
    served: [],
    filling: past.filling,
    targets,
    publish,
    pods: measured ? null : { replicas: Math.max(1, pods.replicas), starting: startingOf(pods) },
  };
}

function known(seen: readonly Range[], otherwise: readonly Range[]): readonly Range[] {
  return seen.length > 0 ? seen : otherwise;
}

/**
 * A target that has connections stays registered for the whole deregistration delay, and one without for no time. Who says
 * how long it is takes connections for granted; else in half of the runs there are none. A new one is well with the first
 * health check that it passes.
 */
function turningOf(way: PredictionInput['way'], plan: LoadBalancerPlan | null): readonly Range[] {
  const { deregistrationDelayMs, healthCheckIntervalMs } = plan ?? usualLoadBalancer;
  if (way === 'failback') return [{ fromMs: 0, toMs: healthCheckIntervalMs }];
  const whole = { fromMs: deregistrationDelayMs, toMs: deregistrationDelayMs };
  return plan === null ? [atOnceMs, whole] : [whole];
}

/** While a pod waits in preStop it serves, should anything still lead to it; never beyond its grace period. */
function longestServingMs({ settings }: Pods): number {
  const longest = settings.map(({ graceMs, preStopMs }) => Math.min(graceMs, preStopMs + endingMs));
  return longest.length === 0 ? endingMs : Math.max(...longest);
}

/** From the call to a pod that is ready: its start, and then as its readiness probe asks. */
function startingOf({ settings }: Pods): readonly Range[] {
  const delayMs = Math.max(0, ...settings.map(({ readyDelayMs }) => readyDelayMs));
  const probesMs = Math.max(0, ...settings.map(({ readyEveryMs, readyThreshold }) => readyEveryMs * readyThreshold));
  return startsMs.map(({ fromMs, toMs }) => ({ fromMs: fromMs + delayMs, toMs: toMs + delayMs + probesMs }));
}
