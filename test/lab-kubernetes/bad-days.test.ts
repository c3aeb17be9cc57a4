import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, clientOf } from '../conformance/kubernetes/client.ts';
import { mergePatch } from '../conformance/kubernetes/row.ts';
import { type LabCluster, labCluster } from './lab-cluster.ts';

const scale = '/apis/apps/v1/namespaces/default/deployments/agent-api/scale';
const toOne = { method: 'PATCH', path: scale, body: { spec: { replicas: 1 } }, type: mergePatch };

let lab: LabCluster;
let client: Client;
beforeAll(async () => {
  lab = await labCluster();
  client = newClient();
});
afterAll(async () => {
  client.close();
  await lab.cluster.close();
});

function newClient(): Client {
  return clientOf({
    baseUrl: lab.cluster.url,
    token: 'admin-token',
    ca: lab.ca,
    namespace: 'default',
    deployment: 'agent-api',
  });
}

describe('an API server that hangs', () => {
  test('accepts connections, answers nobody, and goes on with all of them at once', async () => {
    expect((await client.ask({ path: scale })).code).toBe(200);
    lab.cluster.hang();
    const fresh = newClient();
    const answers = Promise.all([client.ask({ path: scale }), fresh.ask({ path: scale })]);
    const { hostname, port } = new URL(lab.cluster.url);
    const socket = connect(Number(port), hostname);
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.destroy();
    // Whatever a working server would have answered by now: many turns of real I/O through the same process.
    const winner = await Promise.race([answers.then(() => 'answered'), turns(200).then(() => 'silent')]);
    expect(winner).toBe('silent');
    lab.cluster.resume();
    expect((await answers).map(({ code }) => code)).toEqual([200, 200]);
    fresh.close();
  });

  test('carries out afterwards what was sent meanwhile, though the caller has given up', async () => {
    const quitter = newClient();
    expect((await quitter.ask({ path: scale })).code).toBe(200);
    lab.cluster.hang();
    const before = lab.cluster.requests().length;
    const abandoned = quitter.ask(toOne).catch((error: Error) => error);
    await turns(200);
    quitter.close();
    expect(await abandoned).toBeInstanceOf(Error);
    lab.cluster.resume();
    expect(lab.cluster.requests().slice(before)).toMatchObject([{ method: 'PATCH', code: 200 }]);
    expect((await client.ask({ path: scale })).body.spec.replicas).toBe(1);
  });

  test('delivers to open watches what they missed', async () => {
    const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
    const { resourceVersion } = (await client.ask({ path: leases })).body.metadata;
    const events = client.watch(`${leases}?watch=true&resourceVersion=${resourceVersion}`, () => true);
    await turns(50);
    lab.cluster.hang();
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'held' } };
    const created = client.ask({ method: 'POST', path: leases, body: lease });
    await turns(50);
    lab.cluster.resume();
    expect((await created).code).toBe(201);
    expect((await events).map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual(['ADDED held']);
  });
});

describe('an API server that refuses', () => {
  test('answers everything with that code and a Status, until it does not', async () => {
    lab.cluster.refuse(503);
    const { code, body, headers } = await client.ask({ path: scale });
    expect(code).toBe(503);
    expect(body).toMatchObject({ kind: 'Status', status: 'Failure', code: 503, reason: 'ServiceUnavailable' });
    expect(headers['retry-after']).toBe('1');
    lab.cluster.resume();
    expect((await client.ask({ path: scale })).code).toBe(200);
  });
});

describe('what is kept of calls', () => {
  test('is every call that could change something, with who made it and how it ended', async () => {
    const before = lab.cluster.requests().length;
    await client.ask({ path: scale });
    await client.ask({ ...toOne, path: `${scale}?dryRun=All` });
    await client.ask({ ...toOne, as: 'nobody' });
    await client.ask({ method: 'DELETE', path: scale.replace('/scale', ''), as: 'anonymous' });
    expect(lab.cluster.requests().slice(before)).toMatchObject([
      {
        method: 'PATCH',
        path: `${scale}?dryRun=All`,
        user: 'admin',
        userAgent: 'conformance/1',
        dryRun: true,
        code: 200,
      },
      { method: 'PATCH', user: 'unknown', dryRun: false, code: 401, body: '{"spec":{"replicas":1}}' },
      { method: 'DELETE', user: 'system:anonymous', code: 403 },
    ]);
  });
});

describe('a history that is bounded', () => {
  test('forgets what is older, and says so with a 410', async () => {
    const small = await labCluster({ historyLimit: 5 });
    const other = clientOf({
      baseUrl: small.cluster.url,
      token: 'admin-token',
      ca: small.ca,
      namespace: 'default',
      deployment: 'agent-api',
    });
    const path = '/apis/apps/v1/namespaces/default/deployments?watch=true&resourceVersion=1';
    const events = await other.watch(path, () => false);
    expect(events).toMatchObject([{ type: 'ERROR', object: { code: 410, reason: 'Expired' } }]);
    other.close();
    await small.cluster.close();
  });
});

/** Lets the event loop go round; not a length of time. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
