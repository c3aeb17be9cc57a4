/** Who else owns replicas in a region: objects as operators know them, and stand-ins that heal as their controllers do. */
import type { Body, Client } from '../../conformance/kubernetes/client.ts';
import { ownersOfReplicas } from '../../fakes/custom-resources.ts';
import { clock, pause, until } from '../../lab/waiting.ts';
import { giveSuspending } from './access.ts';
import { create, makeNamespace, read } from './objects.ts';

export type Owner = {
  readonly path: string;
  readonly isSuspended: (body: Body) => boolean;
  /** Of the workload that it puts back. */
  readonly scale: string;
  readonly replicas: number;
};
export type Healing = {
  /** Times at which replicas were put back. */
  heals(): number;
  stop(): Promise<void>;
};

const startLimitMs = 30_000;
const lookEveryMs = 100;
const mergePatch = 'application/merge-patch+json';

const kinds = {
  application: ['argoproj.io', 'v1alpha1', 'Application', 'applications'],
  scaledObject: ['keda.sh', 'v1alpha1', 'ScaledObject', 'scaledobjects'],
  helmRelease: ['helm.toolkit.fluxcd.io', 'v2', 'HelmRelease', 'helmreleases'],
} as const;
type Kind = (typeof kinds)[keyof typeof kinds];

/** Defines the kinds, and resolves when they are served. */
export async function defineOwners(admin: Client): Promise<void> {
  for (const definition of ownersOfReplicas) {
    await create(admin, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
  }
  for (const [group, version, , plural] of Object.values(kinds)) {
    await until(startLimitMs, `${plural} to be served`, async () => {
      const { code } = await admin.ask({ path: `/apis/${group}/${version}/${plural}` });
      return code === 200 ? true : undefined;
    });
  }
  for (const namespace of ['argocd', 'flux-system']) await makeNamespace(admin, namespace);
}

/** The Deployment is Argo CD's and an autoscaler's, the StatefulSet is KEDA's and a Helm release's. All are called `shop`. */
export async function giveOwners(admin: Client, namespace: string): Promise<readonly Owner[]> {
  const apps = `/apis/apps/v1/namespaces/${namespace}`;
  await track(admin, namespace);
  await label(admin, `${apps}/statefulsets/ledger`, {
    labels: { 'helm.toolkit.fluxcd.io/name': 'shop', 'helm.toolkit.fluxcd.io/namespace': 'flux-system' },
  });
  const automated = { syncPolicy: { automated: { selfHeal: true } } };
  const application = await own(admin, 'argocd', kinds.application, automated);
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'ledger' };
  const scaled = await own(admin, namespace, kinds.scaledObject, {
    scaleTargetRef,
    minReplicaCount: 2,
    pollingInterval: 1,
  });
  const release = await own(admin, 'flux-system', kinds.helmRelease, {
    interval: '1s',
    driftDetection: { mode: 'enabled' },
  });
  await makeAutoscaler(admin, namespace);
  await giveSuspending(admin, namespace, 'shop');
  const ofShop = { scale: `${apps}/deployments/shop/scale`, replicas: 3 };
  const ofLedger = { scale: `${apps}/statefulsets/ledger/scale`, replicas: 2 };
  const annotated = (key: string) => (body: Body) => body.metadata.annotations?.[key] === 'true';
  return [
    { path: application, isSuspended: annotated('argocd.argoproj.io/skip-reconcile'), ...ofShop },
    { path: scaled, isSuspended: annotated('autoscaling.keda.sh/paused'), ...ofLedger },
    { path: release, isSuspended: ({ spec }) => spec.suspend === true, ...ofLedger },
  ];
}

/** Argo CD's Application `shop` has the Deployment in its git. */
export async function track(admin: Client, namespace: string): Promise<void> {
  await label(admin, `/apis/apps/v1/namespaces/${namespace}/deployments/shop`, {
    annotations: { 'argocd.argoproj.io/tracking-id': `shop:apps/Deployment:${namespace}/shop` },
  });
}

/** The StatefulSet is of a Kustomization of Flux that is in another cluster. */
export async function applyFromElsewhere(admin: Client, namespace: string): Promise<void> {
  const flux = 'kustomize.toolkit.fluxcd.io';
  await label(admin, `/apis/apps/v1/namespaces/${namespace}/statefulsets/ledger`, {
    labels: { [`${flux}/name`]: 'shop', [`${flux}/namespace`]: 'flux-system' },
  });
}

/** It leaves a Deployment of no replicas alone, and has its way with any other. */
export async function makeAutoscaler(admin: Client, namespace: string): Promise<void> {
  const target = { type: 'Utilization', averageUtilization: 60 };
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop' };
  await create(admin, `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`, {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'shop' },
    spec: {
      scaleTargetRef,
      minReplicas: 2,
      maxReplicas: 5,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
    },
  });
}

async function label(admin: Client, path: string, metadata: object): Promise<void> {
  const { code } = await admin.ask({ method: 'PATCH', path, type: mergePatch, body: { metadata } });
  if (code !== 200) throw new Error(`PATCH ${path}: ${code}`);
}

async function own(
  admin: Client,
  namespace: string,
  [group, version, kind, plural]: Kind,
  spec: object,
): Promise<string> {
  const path = `/apis/${group}/${version}/namespaces/${namespace}/${plural}`;
  await create(admin, path, { apiVersion: `${group}/${version}`, kind, metadata: { name: 'shop', namespace }, spec });
  return `${path}/shop`;
}

/** As their controllers do: at once, wherever replicas are not as declared, unless it is suspended. */
export function startHealing(admin: Client, owners: readonly Owner[]): Healing {
  let isOver = false;
  let heals = 0;
  async function heal({ path, isSuspended, scale, replicas }: Owner): Promise<void> {
    if (isSuspended(await read(admin, path))) return;
    const { metadata, spec } = await read(admin, scale);
    if ((spec.replicas ?? 0) === replicas) return;
    // Between the two looks it may have been suspended; a controller that is told so ends its work at hand.
    if (isSuspended(await read(admin, path))) return;
    const body = { metadata: { resourceVersion: metadata.resourceVersion }, spec: { replicas } };
    const { code } = await admin.ask({ method: 'PATCH', path: scale, type: mergePatch, body });
    if (code === 200) heals += 1;
  }
  async function follow(): Promise<void> {
    while (!isOver) {
      for (const owner of owners) await heal(owner);
      await pause(lookEveryMs);
    }
  }
  const followed = follow();
  return {
    heals: () => heals,
    async stop() {
      isOver = true;
      await followed;
    },
  };
}

/** What of the owners a drill could have changed, as text. */
export async function ownersAsTheyAre(admin: Client, owners: readonly Owner[]): Promise<string> {
  const bodies = await Promise.all(owners.map(({ path }) => read(admin, path)));
  return JSON.stringify(bodies.map(({ metadata, spec }) => [metadata.annotations ?? {}, metadata.labels ?? {}, spec]));
}

/** Resolves when an owner has put back what somebody else took away. */
export async function untilHealed(healing: Healing, before: number): Promise<number> {
  return until(startLimitMs, 'replicas to be healed', async () =>
    healing.heals() > before ? clock.nowMs() : undefined,
  );
}
