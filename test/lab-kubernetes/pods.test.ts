import { afterEach, describe, expect, test } from 'vitest';
import type { Pod } from '../../lab/pods.ts';
import { type Client, clientOf } from '../conformance/kubernetes/client.ts';
import { mergePatch } from '../conformance/kubernetes/row.ts';
import { type FakeClock, fakeClock } from '../fakes/clock.ts';
import { type LabCluster, labCluster } from './lab-cluster.ts';

const workload = '/apis/apps/v1/namespaces/default/deployments/agent-api';
const podReadyMs = 1_000;
const podGoneMs = 2_000;
const reactMs = 20;
/** The slowest reaction of a controller. */
const noticedMs = reactMs * 1.5;

type Running = LabCluster & { readonly clock: FakeClock; readonly client: Client };
const running: Running[] = [];

async function start(): Promise<Running> {
  const clock = fakeClock();
  const plan = { replicas: 3, podReadyMs, podGoneMs };
  const lab = await labCluster({ reactMs, namespaces: { default: { deployments: { 'agent-api': plan } } } }, clock);
  const client = clientOf({
    baseUrl: lab.cluster.url,
    token: 'admin-token',
    ca: lab.ca,
    namespace: 'default',
    deployment: 'agent-api',
  });
  const started = { ...lab, clock, client };
  running.push(started);
  return started;
}

afterEach(async () => {
  for (const { cluster, client } of running.splice(0)) {
    client.close();
    await cluster.close();
  }
});

async function scale({ client }: Running, replicas: number): Promise<void> {
  const patch = { method: 'PATCH', path: `${workload}/scale`, body: { spec: { replicas } }, type: mergePatch };
  expect((await client.ask(patch)).code).toBe(200);
}

function states(pods: readonly Pod[]): readonly string[] {
  return pods.map(({ state }) => state);
}

async function endpoints({
  client,
}: Running): Promise<readonly { ready: boolean; serving: boolean; terminating: boolean }[]> {
  const path = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
  const { body } = await client.ask({ path });
  return body.items.flatMap((slice: { endpoints?: { conditions: object }[] }) =>
    (slice.endpoints ?? []).map(({ conditions }) => conditions),
  );
}

describe('the pods of a Deployment', () => {
  test('are there and ready when the cluster is', async () => {
    const lab = await start();
    const pods = lab.cluster.podsOf('default', 'agent-api').pods();
    expect(states(pods)).toEqual(['ready', 'ready', 'ready']);
    expect(new Set(pods.map(({ address }) => address)).size).toBe(3);
    expect(lab.truth).toEqual([
      { what: 'pods', region: 'us-east-1', where: 'agent-api', from: 0, to: 3 },
      { what: 'ready', region: 'us-east-1', where: 'agent-api', from: 0, to: 3 },
    ]);
  });

  test('stop being endpoints at once when scaled away, and are gone later', async () => {
    const lab = await start();
    const source = lab.cluster.podsOf('default', 'agent-api');
    await scale(lab, 0);
    expect(states(source.pods())).toEqual(['ready', 'ready', 'ready']);
    await lab.clock.advance(noticedMs);
    expect(states(source.pods())).toEqual(['terminating', 'terminating', 'terminating']);
    expect(await endpoints(lab)).toEqual(
      Array.from({ length: 3 }, () => ({ ready: false, serving: true, terminating: true })),
    );
    expect(lab.truth.at(-1)).toMatchObject({ what: 'ready', from: 3, to: 0 });
    await lab.clock.advance(podGoneMs / 2 - noticedMs - 1);
    expect(source.pods()).toHaveLength(3);
    await lab.clock.advance(podGoneMs / 2 + noticedMs + 1);
    expect(source.pods()).toEqual([]);
    expect(await endpoints(lab)).toEqual([]);
    expect(lab.truth.filter(({ what }) => what === 'pods').map(({ to }) => to)).toEqual([3, 2, 1, 0]);
  });

  test('start before they are ready, between half of their time and all of it', async () => {
    const lab = await start();
    const source = lab.cluster.podsOf('default', 'agent-api');
    await scale(lab, 5);
    await lab.clock.advance(noticedMs);
    expect([...states(source.pods())].sort()).toEqual(['ready', 'ready', 'ready', 'starting', 'starting']);
    await lab.clock.advance(podReadyMs / 2 - noticedMs - 1);
    expect(states(source.pods()).filter((state) => state === 'starting')).toHaveLength(2);
    await lab.clock.advance(podReadyMs / 2 + noticedMs + 1);
    expect(states(source.pods())).toEqual(Array.from({ length: 5 }, () => 'ready'));
  });

  test('tell their listeners of each change, after the truth has it', async () => {
    const lab = await start();
    const source = lab.cluster.podsOf('default', 'agent-api');
    const heard: string[] = [];
    const cancel = source.onChange(() =>
      heard.push(`${states(source.pods()).join()} ${JSON.stringify(lab.truth.at(-1)?.to)}`),
    );
    await scale(lab, 2);
    await lab.clock.advance(noticedMs);
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatch(/^(?=.*terminating).* 2$/);
    cancel();
    await lab.clock.advance(podGoneMs);
    expect(heard).toHaveLength(1);
  });

  test('are made again when somebody deletes one', async () => {
    const lab = await start();
    const source = lab.cluster.podsOf('default', 'agent-api');
    const victim = source.pods()[0]?.name;
    expect((await lab.client.ask({ method: 'DELETE', path: `/api/v1/namespaces/default/pods/${victim}` })).code).toBe(
      200,
    );
    await lab.clock.advance(noticedMs);
    expect([...states(source.pods())].sort()).toEqual(['ready', 'ready', 'starting', 'terminating']);
    await lab.clock.advance(podGoneMs + podReadyMs);
    expect(states(source.pods())).toEqual(['ready', 'ready', 'ready']);
    expect(source.pods().map(({ name }) => name)).not.toContain(victim);
  });

  test('that are not ready go first when there are too many', async () => {
    const lab = await start();
    const before = lab.cluster.podsOf('default', 'agent-api').pods();
    await scale(lab, 5);
    await lab.clock.advance(noticedMs);
    await scale(lab, 3);
    await lab.clock.advance(noticedMs + podGoneMs);
    expect(lab.cluster.podsOf('default', 'agent-api').pods()).toEqual(before);
  });

  test('are counted in the status of their Deployment, where a zero is left out', async () => {
    const lab = await start();
    await scale(lab, 4);
    await lab.clock.advance(noticedMs);
    const growing = (await lab.client.ask({ path: workload })).body;
    expect(growing.status).toMatchObject({
      observedGeneration: 2,
      replicas: 4,
      readyReplicas: 3,
      unavailableReplicas: 1,
    });
    await scale(lab, 0);
    await lab.clock.advance(noticedMs);
    const { status } = (await lab.client.ask({ path: workload })).body;
    expect(Object.keys(status).sort()).toEqual(['conditions', 'observedGeneration', 'terminatingReplicas']);
    expect(status.observedGeneration).toBe(3);
  });

  test('end with their Deployment, and with their namespace', async () => {
    const lab = await start();
    expect((await lab.client.ask({ method: 'DELETE', path: '/api/v1/namespaces/default' })).code).toBe(200);
    await lab.clock.advance(noticedMs);
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'late' } };
    const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
    expect((await lab.client.ask({ method: 'POST', path: leases, body: lease })).code).toBe(403);
    await lab.clock.advance(podGoneMs + noticedMs);
    expect(lab.cluster.podsOf('default', 'agent-api').pods()).toEqual([]);
    expect((await lab.client.ask({ path: '/api/v1/namespaces/default' })).code).toBe(404);
  });

  test('leave no timer behind when the cluster is closed', async () => {
    const lab = await start();
    await scale(lab, 0);
    await lab.clock.advance(noticedMs);
    await lab.cluster.close();
    expect(lab.clock.pending).toBe(0);
  });
});
