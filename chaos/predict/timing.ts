/** What the zone does not tell: how pods go and come, from their own settings and from drills before. */
import type { PodSettings } from '../cluster.ts';
import type { PredictionInput, Range } from './input.ts';
import type { PastDrills } from './past.ts';

/** The pods of the workloads taken away. */
export type Pods = { readonly replicas: number; readonly settings: readonly PodSettings[] };

type Timing = Pick<Required<PredictionInput>, 'drain' | 'serving' | 'served' | 'filling' | 'publish' | 'pods'>;

/** Endpoints leave their slices with the deletion of their pods: seen to take 38 to 190 ms. */
const drainMs: Range = { fromMs: 10, toMs: 250 };
/** A pod that is told to end stops serving within this, unless it says otherwise. */
const endingMs = 500;
/** From a flip of health to the name servers. Route 53 promises nothing here. */
const publishMs: Range = { fromMs: 0, toMs: 500 };
/** Most balancers lead nowhere else once an endpoint is gone, and most programs stop at once when they are told to. */
const atOnceMs: Range = { fromMs: 0, toMs: 50 };
/** A container's start until it could answer, where no drill has shown it: of what order that is nobody knows. */
const startsMs: readonly Range[] = [
  { fromMs: 50, toMs: 200 },
  { fromMs: 200, toMs: 800 },
  { fromMs: 800, toMs: 3_200 },
  { fromMs: 3_200, toMs: 20_000 },
];

export function timingOf(way: PredictionInput['way'], pods: Pods, past: PastDrills): Timing {
  const known = (seen: readonly Range[], otherwise: Range): readonly Range[] => (seen.length > 0 ? seen : [otherwise]);
  const publish = known(past.publish, publishMs);
  if (way === 'failover') {
    const serving = [atOnceMs, { fromMs: 0, toMs: longestServingMs(pods) }];
    return { drain: known(past.drain, drainMs), serving, served: past.served, filling: [], publish, pods: null };
  }
  const serving = known(past.answering, { fromMs: 0, toMs: endingMs });
  const measured = past.started.length > 0 && past.filling.length > 0;
  return {
    drain: past.started,
    serving,
    served: [],
    filling: past.filling,
    publish,
    pods: measured ? null : { replicas: Math.max(1, pods.replicas), starting: startingOf(pods) },
  };
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
