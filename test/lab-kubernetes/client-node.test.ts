import {
  AppsV1Api,
  CoordinationV1Api,
  DiscoveryV1Api,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  V1MicroTime,
  Watch,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kubeconfig } from '../../lab/kubernetes.ts';
import { type LabCluster, labCluster } from './lab-cluster.ts';

let lab: LabCluster;
let config: KubeConfig;
beforeAll(async () => {
  lab = await labCluster();
  config = new KubeConfig();
  config.loadFromString(
    kubeconfig([lab.cluster, { context: 'elsewhere', url: 'https://127.9.9.6:1' }], lab.ca, 'admin-token'),
  );
});
afterAll(() => lab.cluster.close());

const agentApi = { name: 'agent-api', namespace: 'default' };

describe('the official client for JavaScript', () => {
  test('finds a context per cluster in the kubeconfig, the first one current', () => {
    expect(config.getContexts().map(({ name }) => name)).toEqual(['us-east-1', 'elsewhere']);
    expect(config.getCurrentContext()).toBe('us-east-1');
    expect(config.getCurrentCluster()?.server).toBe(lab.cluster.url);
  });

  test('scales by a merge patch on a version, and by replacing the scale', async () => {
    const apps = config.makeApiClient(AppsV1Api);
    const scale = await apps.readNamespacedDeploymentScale(agentApi);
    const body = { metadata: { resourceVersion: scale.metadata?.resourceVersion }, spec: { replicas: 1 } };
    const patched = await apps.patchNamespacedDeploymentScale(
      { ...agentApi, body },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    expect(patched.spec?.replicas).toBe(1);
    await expect(apps.replaceNamespacedDeploymentScale({ ...agentApi, body: scale })).rejects.toMatchObject({
      code: 409,
    });
  });

  test('takes, renews and loses a Lease', async () => {
    const leases = config.makeApiClient(CoordinationV1Api);
    const spec = { holderIdentity: 'a', leaseDurationSeconds: 2, renewTime: new V1MicroTime(1_763_689_200_123) };
    const created = await leases.createNamespacedLease({
      namespace: 'default',
      body: { metadata: { name: 'x' }, spec },
    });
    expect(Date.parse(String(created.spec?.renewTime))).toBe(1_763_689_200_123);
    const renewed = { ...created, spec: { ...spec, holderIdentity: 'b' } };
    await leases.replaceNamespacedLease({ name: 'x', namespace: 'default', body: renewed });
    const late = leases.replaceNamespacedLease({ name: 'x', namespace: 'default', body: renewed });
    await expect(late).rejects.toMatchObject({ code: 409 });
  });

  test('reads endpoints with their conditions', async () => {
    const labelSelector = 'kubernetes.io/service-name=agent-api';
    const { items } = await config
      .makeApiClient(DiscoveryV1Api)
      .listNamespacedEndpointSlice({ namespace: 'default', labelSelector });
    const conditions = items.flatMap((slice) =>
      (slice.endpoints ?? []).map((endpoint) => endpoint.conditions?.serving),
    );
    expect(conditions.length).toBeGreaterThan(0);
    expect(new Set(conditions)).toEqual(new Set([true]));
  });

  test('watches changes', async () => {
    const apps = config.makeApiClient(AppsV1Api);
    const { metadata } = await apps.listNamespacedDeployment({ namespace: 'default' });
    const seen = watched({ resourceVersion: metadata?.resourceVersion ?? '' });
    await apps.patchNamespacedDeployment(
      { ...agentApi, body: { metadata: { annotations: { 'blackstart.dev/drill': '{}' } } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    expect(await seen.first).toMatchObject({ type: 'MODIFIED', object: { kind: 'Deployment' } });
    seen.abort();
    await seen.done;
  });

  test('is told of a forgotten version by an event, after which its watch ends as if all were well', async () => {
    lab.cluster.compact();
    const seen = watched({ resourceVersion: '1' });
    expect(await seen.first).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410 } });
    expect(await seen.done).toBeNull();
  });
});

type Seen = {
  readonly first: Promise<{ type: string; object: unknown }>;
  readonly done: Promise<unknown>;
  abort(): void;
};

function watched(query: Record<string, string>): Seen {
  const first = Promise.withResolvers<{ type: string; object: unknown }>();
  const done = Promise.withResolvers<unknown>();
  const controller = new Watch(config).watch(
    '/apis/apps/v1/namespaces/default/deployments',
    query,
    (type: string, object: unknown) => first.resolve({ type, object }),
    (error: unknown) => done.resolve(error),
  );
  return {
    first: first.promise,
    done: done.promise,
    abort: () => void controller.then((aborting) => aborting.abort()),
  };
}
