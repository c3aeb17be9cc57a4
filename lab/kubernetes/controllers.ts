/** What runs in a cluster beside its API: one loop over all that changed, and what the lab sees of it. */
import type { Cancel } from '../../contract/clock.ts';
import type { Pod, PodSource } from '../pods.ts';
import type { Truth } from '../truth.ts';
import type { Api } from './call.ts';
import type { Containers } from './containers.ts';
import { autoscaling } from './controllers/autoscaler.ts';
import { reconcileBudgets } from './controllers/budgets.ts';
import { reconcileDefinitions } from './controllers/definitions.ts';
import { reconcileDeployments } from './controllers/deployments.ts';
import { collectGarbage } from './controllers/garbage.ts';
import { jobController } from './controllers/jobs.ts';
import { kubelet, type PodTimes, type RealPods } from './controllers/kubelet.ts';
import { isOfJob, ownerUid, podState } from './controllers/pods.ts';
import { processes } from './controllers/processes.ts';
import { readyCount, reconcileSlices } from './controllers/slices.ts';
import { type KubeObject, same, textAt } from './object.ts';
import { endpointSlices, jobs, pods } from './resources.ts';

export type ControllerOptions = {
  /** The region of the truth. */
  readonly region: string;
  /** How long a change waits for the loop, about: half to one and a half times this. */
  readonly reactMs: number;
  /** How often autoscalers look. */
  readonly autoscalerMs: number;
  readonly addressOf: (index: number) => string;
  /** Of a pod of the Deployment with this name; `undefined` for pods that belong to none. */
  readonly timesOf: (namespace: string, deployment: string | undefined) => PodTimes;
  /** Absent: all pods are simulated. */
  readonly containers?: Containers & { readonly kubeconfig: (token: string, namespace: string) => string };
};

/** Of Jobs that carry our label the containers run for real. */
const ownLabel = ['app.kubernetes.io/managed-by', 'blackstart'] as const;

export type Controllers = {
  /** Brings all to where it should be, with pods that are ready at once. */
  settle(): void;
  podsOf(namespace: string, deployment: string): PodSource;
  /** Resolves when no process of a pod is left. */
  stop(): Promise<void>;
};

export function controllers(api: Api, options: ControllerOptions, truth: Truth): Controllers {
  const seen = sightings(options.region, truth);
  let cancelNext: Cancel | undefined;
  let isBusy = false;

  const nodes = kubelet(api, {
    addressOf: options.addressOf,
    timesOf: (pod) => options.timesOf(pod.metadata.namespace ?? '', deploymentOf(pod)),
    onChange: reconcile,
    real: realPods(api, options, reconcile),
  });
  const batch = jobController(api, options.containers?.restartMs ?? usualRetryMs, reconcile);
  const stopAutoscaling = autoscaling(api, options.autoscalerMs);
  const unsubscribe = api.store.subscribe(({ resource }) => {
    if (isBusy || cancelNext !== undefined || resource === endpointSlices) return;
    cancelNext = api.clock.after(options.reactMs * (0.5 + api.random()), reconcile);
  });

  function reconcile(): void {
    cancelNext?.();
    cancelNext = undefined;
    isBusy = true;
    try {
      for (let before = -1; before !== api.store.version(); ) {
        before = api.store.version();
        reconcileDefinitions(api);
        collectGarbage(api);
        batch.reconcile();
      }
      reconcileDeployments(api);
      reconcileSlices(api);
      reconcileBudgets(api);
    } finally {
      isBusy = false;
    }
    seen.look(podsByDeployment(api));
  }

  return {
    settle: () => nodes.settled(reconcile),
    podsOf: (namespace, deployment) => seen.podsOf(`${namespace}/${deployment}`),
    async stop() {
      unsubscribe();
      cancelNext?.();
      stopAutoscaling();
      batch.stop();
      await nodes.stop();
      cancelNext?.();
    },
  };
}

/** As the real Job controller waits. */
const usualRetryMs = 10_000;

function realPods(api: Api, { containers }: ControllerOptions, onChange: () => void): RealPods | null {
  if (containers === undefined) return null;
  const [label, value] = ownLabel;
  const carriesOurs = (pod: KubeObject): boolean =>
    api.store
      .list(jobs, pod.metadata.namespace ?? null)
      .some((job) => job.metadata.uid === ownerUid(pod) && job.metadata.labels?.[label] === value);
  return { ...processes(api, { ...containers, onChange }), takes: (pod) => isOfJob(pod) && carriesOurs(pod) };
}

type Seen = { readonly pods: readonly Pod[]; readonly ready: number };
const nothing: Seen = { pods: [], ready: 0 };

type Sightings = { look(now: ReadonlyMap<string, Seen>): void; podsOf(key: string): PodSource };

/** What the lab knows of the pods of each Deployment: written to the truth first, then told to those who act on it. */
function sightings(region: string, truth: Truth): Sightings {
  const seen = new Map<string, Seen>();
  const listeners = new Map<string, Set<() => void>>();

  function record(key: string, after: Seen): boolean {
    const before = seen.get(key) ?? nothing;
    const of = { region, where: key.slice(key.indexOf('/') + 1) };
    const counts = { pods: [before.pods.length, after.pods.length], ready: [before.ready, after.ready] } as const;
    for (const what of ['pods', 'ready'] as const) {
      const [from, to] = counts[what];
      if (from !== to) truth({ what, ...of, from, to });
    }
    seen.set(key, after);
    return !same([...before.pods], [...after.pods]);
  }

  return {
    look(now) {
      const keys = [...new Set([...seen.keys(), ...now.keys()])];
      const changed = keys.filter((key) => record(key, now.get(key) ?? nothing));
      for (const key of changed) for (const listener of [...(listeners.get(key) ?? [])]) listener();
    },
    podsOf: (key) => ({
      pods: () => (seen.get(key) ?? nothing).pods,
      onChange(listener) {
        const own = listeners.get(key) ?? new Set();
        listeners.set(key, own.add(listener));
        return () => own.delete(listener);
      },
    }),
  };
}

/** By the name of their owner, so that pods still count that outlive their Deployment. */
function podsByDeployment(api: Api): Map<string, Seen> {
  const owned = Map.groupBy(
    api.store.list(pods, null).filter((pod) => !isOfJob(pod)),
    (pod) => `${pod.metadata.namespace}/${deploymentOf(pod) ?? ''}`,
  );
  return new Map([...owned].map(([key, list]) => [key, { pods: list.map(podState), ready: readyCount(list) }]));
}

/** Pods carry their Deployment as their owner; those of nobody, and of Jobs, have none. */
function deploymentOf(pod: KubeObject): string | undefined {
  if (isOfJob(pod)) return undefined;
  return textAt(pod, 'metadata', 'ownerReferences', 0, 'name');
}
