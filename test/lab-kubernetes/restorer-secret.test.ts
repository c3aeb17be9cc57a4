/** What a restorer tells people by, from the runner's hand to the restorer's process, over a Kubernetes API. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { kubernetes } from '../../chaos/cloud/kubernetes.ts';
import { type Cluster, type RestorerPlan, restorerParts } from '../../chaos/cluster.ts';
import { forRestorer, restorerNotifyIn } from '../../chaos/notify/restorer.ts';
import { removeRestorer, startRestorer } from '../../chaos/restorer/parts.ts';
import { restorerRights, restorerRules } from '../../chaos/restorer/rules.ts';
import { createLease, type HeldLease } from '../../chaos/runner/lease.ts';
import { sleep, systemClock } from '../../contract/clock.ts';
import { type ContainerPlan, kubeconfig } from '../../lab/kubernetes.ts';
import { noticeKinds } from '../../scenarios/notify.ts';
import { type Client, clientOf } from '../conformance/kubernetes/client.ts';
import { type LabCluster, labCluster } from './lab-cluster.ts';

const clock = systemClock();
const open = new AbortController().signal;
const workloads = [{ kind: 'deployment', name: 'agent-api' }] as const;
const of = { drill: 'd1', name: 'lose', scenario: 'shop', region: 'us-east-1', fault: 'scale-to-zero' };
const target = { kind: 'pagerduty', url: 'https://events.example/', routingKey: 'R0', on: noticeKinds } as const;
const notify = forRestorer(of, [target]);

/** The rights that the guard asks for, and no other. */
const rights = restorerRights({ drill: 'd1', workloads, notifies: true });
const rules = [
  ...rights,
  ...(['create', 'delete', 'get'] as const).map((verb) => {
    return { verb, group: 'coordination.k8s.io', resource: 'leases', subresource: null, name: null };
  }),
].map(({ verb, group, resource, subresource, name }) => ({
  apiGroups: [group],
  resources: [subresource === null ? resource : `${resource}/${subresource}`],
  verbs: [verb],
  ...(name === null ? {} : { resourceNames: [name] }),
}));

let dir = '';
let lab: LabCluster;
let client: Client;
let cluster: Cluster;
const started: ContainerPlan[] = [];
/** Those who wait for a process to be started. */
let onStart: () => void = () => undefined;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'blackstart-secret-'));
  const start = (plan: ContainerPlan) => {
    started.push(plan);
    onStart();
    const over = Promise.withResolvers<number | null>();
    return { ended: over.promise, stop: async () => over.resolve(0) };
  };
  const tokens = {
    'admin-token': { user: 'admin', rules: 'all' },
    'runner-token': { user: 'runner', rules },
  } as const;
  lab = await labCluster({ tokens, reactMs: 5, containers: { start, restartMs: 20, caPem: 'CA' } });
  const file = join(dir, 'kubeconfig');
  await writeFile(file, kubeconfig([lab.cluster], lab.ca, 'runner-token'));
  cluster = await kubernetes(file, clock).open({ context: 'us-east-1', namespace: 'default', workloads });
  const at = { baseUrl: lab.cluster.url, ca: lab.ca, namespace: 'default', deployment: 'agent-api' };
  client = clientOf({ ...at, token: 'admin-token' });
});
afterEach(() => void started.splice(0));
afterAll(async () => {
  client?.close();
  cluster?.close();
  await lab?.cluster.close();
  await rm(dir, { recursive: true });
});

async function leaseOf(drill: string): Promise<HeldLease> {
  return createLease(cluster, { drill, holder: `runner-${drill}`, durationMs: 60_000 }, clock, open);
}

function planOf(drill: string, lease: HeldLease, tells = true): RestorerPlan {
  return {
    drill,
    lease,
    image: 'blackstart',
    rules: restorerRules({ drill, workloads }),
    notify: tells ? notify : null,
  };
}

async function processStarted(): Promise<ContainerPlan> {
  const seen = Promise.withResolvers<void>();
  onStart = seen.resolve;
  if (started.length === 0) await seen.promise;
  const [plan] = started;
  if (plan === undefined) throw new Error('nothing was started');
  return plan;
}

const secret = (name: string) => client.ask({ path: `/api/v1/namespaces/default/secrets/${name}` });

async function secretIsGone(name: string): Promise<void> {
  while ((await secret(name)).code !== 404) await sleep(clock, 5);
}

describe('a restorer that has somebody to tell', () => {
  test('reads whom from a Secret of its own, which its runner removes with the rest', async () => {
    const lease = await leaseOf('d1');
    await startRestorer(cluster, planOf('d1', lease), open);
    const { body } = await secret(lease.name);
    expect(body).toMatchObject({ immutable: true, metadata: { ownerReferences: [{ kind: 'Lease', uid: lease.uid }] } });
    const { env, args } = await processStarted();
    expect(args).toEqual(['restorer', '--drill', 'd1', '--namespace', 'default']);
    expect(restorerNotifyIn(env['BLACKSTART_NOTIFY'])).toEqual({ of, targets: [target] });
    expect(await removeRestorer(cluster, { name: lease.name, tells: true }, clock, open)).toEqual([]);
    expect((await secret(lease.name)).code).toBe(404);
    for (const part of restorerParts) expect(await partsIn(part), part).toEqual([]);
    expect(await lease.release(open)).toBe(true);
  });

  test('leaves its Secret to the cluster when whoever sweeps does not know of one', async () => {
    const lease = await leaseOf('d2');
    await startRestorer(cluster, planOf('d2', lease), open);
    expect(await removeRestorer(cluster, { name: lease.name, tells: false }, clock, open)).toEqual([]);
    expect((await secret(lease.name)).code).toBe(200);
    expect(await lease.release(open)).toBe(true);
    await secretIsGone(lease.name);
  });

  test('has its Secret though the answer to its making got lost, and nobody reads it', async () => {
    const lease = await leaseOf('d3');
    await cluster.createRestorerPart('secret', planOf('d3', lease), open);
    await startRestorer(cluster, planOf('d3', lease), open);
    expect(await removeRestorer(cluster, { name: lease.name, tells: true }, clock, open)).toEqual([]);
    await lease.release(open);
  });
});

test('a restorer that has nobody to tell has no Secret', async () => {
  const lease = await leaseOf('d4');
  await startRestorer(cluster, planOf('d4', lease, false), open);
  expect((await processStarted()).env).toEqual({});
  expect((await secret(lease.name)).code).toBe(404);
  expect(await removeRestorer(cluster, { name: lease.name, tells: false }, clock, open)).toEqual([]);
  await lease.release(open);
});

test('a pod waits for the Secret that its program needs', async () => {
  const secretKeyRef = { name: 'late', key: 'word' };
  const container = { name: 'main', image: 'blackstart', env: [{ name: 'WORD', valueFrom: { secretKeyRef } }] };
  const metadata = { name: 'waits', labels: { 'app.kubernetes.io/managed-by': 'blackstart' } };
  const spec = { template: { spec: { restartPolicy: 'OnFailure', containers: [container] } } };
  const body = { apiVersion: 'batch/v1', kind: 'Job', metadata, spec };
  await client.ask({ method: 'POST', path: '/apis/batch/v1/namespaces/default/jobs', body });
  const pods = { path: '/api/v1/namespaces/default/pods?labelSelector=job-name%3Dwaits' };
  const waits = async () =>
    (await client.ask(pods)).body.items[0]?.status?.containerStatuses?.[0]?.state?.waiting?.message as unknown;
  while ((await waits()) === undefined) await sleep(clock, 5);
  expect(await waits()).toBe('secret "late" not found');
  expect(started).toEqual([]);
  const late = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'late' }, stringData: { word: 'here' } };
  await client.ask({ method: 'POST', path: '/api/v1/namespaces/default/secrets', body: late });
  expect((await processStarted()).env).toEqual({ WORD: 'here' });
});

async function partsIn(part: (typeof restorerParts)[number]): Promise<readonly string[]> {
  const homes = {
    serviceaccount: '/api/v1/namespaces/default/serviceaccounts/',
    role: '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles/',
    rolebinding: '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings/',
    job: '/apis/batch/v1/namespaces/default/jobs/',
  };
  const { code } = await client.ask({ path: `${homes[part]}blackstart-d1` });
  return code === 404 ? [] : [part];
}
