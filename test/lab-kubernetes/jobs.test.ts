import { afterEach, describe, expect, test } from 'vitest';
import type { ContainerPlan } from '../../lab/kubernetes.ts';
import { type Body, type Client, clientOf } from '../conformance/kubernetes/client.ts';
import { type FakeClock, fakeClock } from '../fakes/clock.ts';
import { labCluster } from './lab-cluster.ts';

const reactMs = 20;
const restartMs = 100;
const namespace = 'default';
const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`;
const pods = `/api/v1/namespaces/${namespace}/pods`;

/** A process that only a test ends. */
type FakeProcess = {
  readonly plan: ContainerPlan;
  readonly graces: readonly number[];
  end(code: number | null): void;
};

type Running = {
  readonly clock: FakeClock;
  readonly client: Client;
  readonly started: readonly FakeProcess[];
  close(): Promise<void>;
};

const running: Running[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) {
    for (const { end } of one.started) end(null);
    await one.close();
  }
});

async function start(): Promise<Running> {
  const clock = fakeClock();
  const started: FakeProcess[] = [];
  const begin = (plan: ContainerPlan) => {
    const over = Promise.withResolvers<number | null>();
    const graces: number[] = [];
    started.push({ plan, graces, end: over.resolve });
    return {
      ended: over.promise,
      async stop(graceMs: number) {
        graces.push(graceMs);
        await over.promise;
      },
    };
  };
  const lab = await labCluster({ reactMs, containers: { start: begin, restartMs, caPem: 'CA' } }, clock);
  const at = { baseUrl: lab.cluster.url, token: 'admin-token', ca: lab.ca, namespace, deployment: 'agent-api' };
  const client = clientOf(at);
  const close = async (): Promise<void> => {
    client.close();
    await lab.cluster.close();
  };
  const one = { clock, client, started, close };
  running.push(one);
  return one;
}

function jobBody(more: object = {}, restartPolicy = 'OnFailure'): object {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'mender', labels: { 'app.kubernetes.io/managed-by': 'blackstart' } },
    spec: {
      backoffLimit: 3,
      ...more,
      template: {
        spec: {
          restartPolicy,
          serviceAccountName: 'mender',
          terminationGracePeriodSeconds: 7,
          containers: [{ name: 'main', image: 'blackstart', args: ['--version'] }],
        },
      },
    },
  };
}

async function withJob(more: object = {}, restartPolicy?: string): Promise<Running> {
  const lab = await start();
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'mender' } };
  await lab.client.ask({ method: 'POST', path: `/api/v1/namespaces/${namespace}/serviceaccounts`, body: account });
  expect((await lab.client.ask({ method: 'POST', path: jobs, body: jobBody(more, restartPolicy) })).code).toBe(201);
  await lab.clock.advance(reactMs * 2);
  return lab;
}

async function job({ client }: Running): Promise<Body> {
  return (await client.ask({ path: `${jobs}/mender` })).body;
}

async function podsOf({ client }: Running): Promise<readonly Body[]> {
  return (await client.ask({ path: `${pods}?labelSelector=job-name%3Dmender` })).body.items;
}

function processAt({ started }: Running, index: number): FakeProcess {
  const process = started[index];
  if (process === undefined) throw new Error(`only ${started.length} processes were started`);
  return process;
}

describe('a Job of ours', () => {
  test('starts its program with its arguments and a kubeconfig of its account', async () => {
    const lab = await withJob();
    const { plan } = processAt(lab, 0);
    expect(lab.started).toHaveLength(1);
    expect(plan).toMatchObject({ namespace, args: ['--version'], pod: expect.stringMatching(/^mender-[a-z0-9]{5}$/) });
    const [, token = ''] = /token: (\S+)/.exec(plan.kubeconfig) ?? [];
    const refused = await lab.client.ask({ path: pods, as: { token } });
    expect([refused.code, refused.body.message]).toEqual([
      403,
      expect.stringContaining('system:serviceaccount:default:mender'),
    ]);
    expect((await job(lab)).status).toMatchObject({ active: 1, ready: 1 });
  });

  test('waits for its account', async () => {
    const lab = await start();
    await lab.client.ask({ method: 'POST', path: jobs, body: jobBody() });
    await lab.clock.advance(1_000);
    expect(lab.started).toHaveLength(0);
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'mender' } };
    await lab.client.ask({ method: 'POST', path: `/api/v1/namespaces/${namespace}/serviceaccounts`, body: account });
    await lab.clock.advance(reactMs * 2);
    expect(lab.started).toHaveLength(1);
  });

  test('is complete when its program ends with 0, and is not started again', async () => {
    const lab = await withJob();
    processAt(lab, 0).end(0);
    await lab.clock.advance(60_000);
    expect(lab.started).toHaveLength(1);
    const { status } = await job(lab);
    expect(status).toMatchObject({ succeeded: 1, completionTime: expect.any(String), ready: 0 });
    expect(status.conditions.map(({ type }: Body) => type)).toEqual(['SuccessCriteriaMet', 'Complete']);
    const [pod] = await podsOf(lab);
    expect(pod.status.phase).toBe('Succeeded');
    expect(pod.status.containerStatuses[0].state.terminated.exitCode).toBe(0);
  });

  test('starts its program again when it fails, later each time, in the same pod', async () => {
    const lab = await withJob();
    processAt(lab, 0).end(1);
    await lab.clock.advance(1);
    expect((await podsOf(lab))[0].status.containerStatuses[0].state.waiting.reason).toBe('CrashLoopBackOff');
    await lab.clock.advance(restartMs);
    expect(lab.started).toHaveLength(2);
    processAt(lab, 1).end(null);
    await lab.clock.advance(restartMs + 1);
    expect(lab.started).toHaveLength(2);
    await lab.clock.advance(restartMs);
    expect(lab.started).toHaveLength(3);
    expect(processAt(lab, 2).plan.pod).toBe(processAt(lab, 0).plan.pod);
    expect((await podsOf(lab))[0].status.containerStatuses[0].restartCount).toBe(2);
    expect((await job(lab)).status).toMatchObject({ active: 1, ready: 1 });
  });

  test('gives up at its limit of failures', async () => {
    const lab = await withJob({ backoffLimit: 1 });
    processAt(lab, 0).end(1);
    await lab.clock.advance(restartMs + 1);
    processAt(lab, 1).end(1);
    await lab.clock.advance(60_000);
    const { status } = await job(lab);
    expect(status.conditions.map(({ type }: Body) => type)).toEqual(['FailureTarget', 'Failed']);
    expect(status.conditions[1].reason).toBe('BackoffLimitExceeded');
    expect(await podsOf(lab)).toEqual([]);
  });

  test('that never restarts makes another pod instead', async () => {
    const lab = await withJob({}, 'Never');
    processAt(lab, 0).end(1);
    await lab.clock.advance(restartMs + reactMs * 2);
    expect(lab.started).toHaveLength(2);
    expect(processAt(lab, 1).plan.pod).not.toBe(processAt(lab, 0).plan.pod);
    expect((await job(lab)).status).toMatchObject({ active: 1, failed: 1 });
  });

  test('asks its program to end when it is deleted, and its pod goes when the program has', async () => {
    const lab = await withJob();
    await lab.client.ask({ method: 'DELETE', path: `${jobs}/mender?propagationPolicy=Background` });
    await lab.clock.advance(reactMs * 2);
    expect((await lab.client.ask({ path: `${jobs}/mender` })).code).toBe(404);
    expect(processAt(lab, 0).graces[0]).toBe(7_000);
    expect((await podsOf(lab))[0].metadata.deletionTimestamp).toEqual(expect.any(String));
    processAt(lab, 0).end(130);
    await lab.clock.advance(1);
    expect(await podsOf(lab)).toEqual([]);
    await lab.clock.advance(60_000);
    expect(lab.started).toHaveLength(1);
  });

  test('makes another pod when somebody deletes the one it has', async () => {
    const lab = await withJob();
    const [pod] = await podsOf(lab);
    await lab.client.ask({ method: 'DELETE', path: `${pods}/${pod.metadata.name}` });
    await lab.clock.advance(reactMs * 2);
    processAt(lab, 0).end(null);
    await lab.clock.advance(restartMs + reactMs * 2);
    expect(lab.started).toHaveLength(2);
    expect((await job(lab)).status).toMatchObject({ active: 1 });
  });

  test('goes by itself some time after it is over', async () => {
    const lab = await withJob({ ttlSecondsAfterFinished: 5 });
    processAt(lab, 0).end(0);
    await lab.clock.advance(4_000);
    expect((await job(lab)).status.succeeded).toBe(1);
    await lab.clock.advance(2_000);
    expect((await lab.client.ask({ path: `${jobs}/mender` })).code).toBe(404);
    await lab.clock.advance(reactMs * 2);
    expect(await podsOf(lab)).toEqual([]);
  });

  test('is ended with the cluster, which waits for it', async () => {
    const lab = await withJob();
    const order: string[] = [];
    const closed = lab.close().then(() => order.push('closed'));
    await lab.clock.advance(0);
    expect(processAt(lab, 0).graces).toHaveLength(1);
    order.push('ended');
    processAt(lab, 0).end(0);
    await closed;
    expect(order).toEqual(['ended', 'closed']);
    expect(lab.clock.pending).toBe(0);
  });

  test('is no endpoint and no pod of a Deployment', async () => {
    const lab = await withJob();
    const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
    const { items } = (await lab.client.ask({ path })).body;
    const named = items.flatMap(({ endpoints }: Body) => endpoints.map(({ targetRef }: Body) => targetRef.name));
    expect(named.filter((name: string) => name.startsWith('mender'))).toEqual([]);
  });
});

describe('the token of an account', () => {
  test('is worth nothing when the account is gone, though another has its name', async () => {
    const lab = await start();
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'mender' } };
    await lab.client.ask({ method: 'POST', path, body: account });
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    const { token } = (await lab.client.ask({ method: 'POST', path: `${path}/mender/token`, body })).body.status;
    expect((await lab.client.ask({ path: pods, as: { token } })).code).toBe(403);
    await lab.client.ask({ method: 'DELETE', path: `${path}/mender` });
    await lab.client.ask({ method: 'POST', path, body: account });
    expect((await lab.client.ask({ path: pods, as: { token } })).code).toBe(401);
  });
});
