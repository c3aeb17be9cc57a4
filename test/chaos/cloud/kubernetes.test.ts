import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Kubernetes, kubernetes } from '../../../chaos/cloud/kubernetes.ts';
import type { Cluster } from '../../../chaos/cluster.ts';
import { scaleToZero } from '../../../chaos/faults/scale-to-zero.ts';
import { createLease, takeLease } from '../../../chaos/runner/lease.ts';
import { sleep, systemClock } from '../../../contract/clock.ts';
import { seededRandom } from '../../../contract/random.ts';
import { certificateAuthority } from '../../../lab/certificates.ts';
import { kubeconfig, kubernetesCluster } from '../../../lab/kubernetes.ts';
import { troubleOf } from '../../fakes/trouble.ts';

const open = new AbortController().signal;
const clock = systemClock();
const api = { kind: 'deployment', name: 'agent-api' } as const;
const plan = { context: 'us-east-1', namespace: 'default', workloads: [api] };

let dir = '';
let lab: Awaited<ReturnType<typeof kubernetesCluster>>;
let clouds: Kubernetes;
let cluster: Cluster;
let reader: Cluster;
let caPem = '';

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'blackstart-kubernetes-'));
  const authority = await certificateAuthority(clock);
  caPem = authority.caPem;
  lab = await kubernetesCluster(
    {
      context: 'us-east-1',
      listen: { host: '127.0.0.1', port: 0 },
      certificate: await authority.issue({ names: ['localhost'], addresses: ['127.0.0.1'] }),
      tokens: {
        all: { user: 'admin', rules: 'all' },
        few: { user: 'reader', rules: [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['get'] }] },
      },
      namespaces: { default: { deployments: { 'agent-api': { replicas: 3, podReadyMs: 20, podGoneMs: 20 } } } },
    },
    { clock, random: seededRandom(1), truth: () => undefined },
  );
  await config('all', 'all');
  await config('few', 'few');
  await config('nobody', 'unknown-token');
  clouds = kubernetes(join(dir, 'all'), clock);
  cluster = await clouds.open(plan);
  reader = await kubernetes(join(dir, 'few'), clock).open(plan);
});
afterAll(async () => {
  cluster?.close();
  reader?.close();
  await lab?.close();
  await rm(dir, { recursive: true });
});

async function config(name: string, token: string, url = lab.url): Promise<string> {
  await writeFile(join(dir, name), kubeconfig([{ context: 'us-east-1', url }], caPem, token));
  return join(dir, name);
}

/** The API's own state moves on by itself; what a test waits for, it asks for again. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(clock, 10);
}

describe('a workload on an API server', () => {
  test('is read with its replicas and ready endpoints', async () => {
    const at = await cluster.workload(api, open);
    expect(at).toMatchObject({ workload: api, replicas: 3, mark: null });
    await until(async () => (await cluster.readyEndpoints(api, open)) === 3);
  });

  test('is marked and scaled only at the version that was read', async () => {
    await until(async () => (await cluster.readyEndpoints(api, open)) === 3);
    const at = await cluster.workload(api, open);
    const mark = { drill: 'd1', uid: at.uid, original: 3, injected: 0, state: 'armed', at: '' } as const;
    expect(await cluster.mark(at, mark, open)).toMatchObject({ written: true });
    expect(await cluster.mark(at, null, open)).toEqual({ written: false });
    expect(await cluster.scale(at, 0, open)).toEqual({ written: false });
    expect((await cluster.marked(open)).map(({ workload }) => workload.name)).toEqual(['agent-api']);
    expect((await cluster.workload(api, open)).mark).toEqual(mark);
    // The controllers write too: a version may be old at once.
    await until(async () => (await cluster.mark(await cluster.workload(api, open), null, open)).written);
    expect((await cluster.workload(api, open)).mark).toBeNull();
  });

  test('is rehearsed without effect', async () => {
    await cluster.rehearse(await cluster.workload(api, open), 0, open);
    expect((await cluster.workload(api, open)).replicas).toBe(3);
    const trouble = await troubleOf(reader.rehearse(await reader.workload(api, open), 0, open));
    expect(trouble.kind).toBe('forbidden');
  });

  test('goes dark and comes back by a fault, and nothing is left', async () => {
    const fault = scaleToZero({ drill: 'd2', region: 'us-east-1', plan }, cluster, clock);
    const undo = await fault.plan(open);
    await fault.arm(undo, open);
    await fault.inject(undo, open);
    await until(async () => (await cluster.readyEndpoints(api, open)) === 0);
    const dark = await cluster.workload(api, open);
    expect(dark).toMatchObject({ replicas: 0, mark: { drill: 'd2', state: 'injected', original: 3 } });
    expect(dark.managers[0]).toBe('blackstart');
    await fault.restore(undo, open);
    await until(async () => (await cluster.readyEndpoints(api, open)) === 3);
    expect(await fault.remains(undo, open)).toMatchObject({ left: [], notes: [] });
    await fault.disarm(undo, open);
    expect((await cluster.workload(api, open)).mark).toBeNull();
  });

  test('gets an event that people can read', async () => {
    await cluster.tell(await cluster.workload(api, open), 'BlackstartRestored', '3 replicas are back', open);
    expect(lab.requests().at(-1)?.method).toBe('POST');
  });
});

describe('a Lease on an API server', () => {
  test('is created once, renewed by version, taken over by version, and deleted by version', async () => {
    const held = await createLease(cluster, { drill: 'd3', holder: 'runner-d3', durationMs: 2_000 }, clock, open);
    expect(await held.confirm(open)).toBe(true);
    const at = await cluster.lease('blackstart-d3', open);
    if (at === null) throw new Error('no Lease');
    expect(at).toMatchObject({ holder: 'runner-d3', durationMs: 2_000 });
    expect((await cluster.leases(open)).map(({ name }) => name)).toEqual(['blackstart-d3']);
    expect(await cluster.createLease(at, open)).toBeNull();
    const taken = await takeLease(cluster, at, 'recover-1', { clock, signal: open });
    expect(await held.confirm(open)).toBe(false);
    expect(await cluster.deleteLease(at, open)).toBe(false);
    expect(await taken?.release(open)).toBe(true);
    expect(await cluster.lease('blackstart-d3', open)).toBeNull();
    held.abandon();
  });
});

describe('what goes wrong with a cluster is said in one sentence', () => {
  test('a right is asked for, not tried', async () => {
    const right = { verb: 'update', group: 'apps', resource: 'deployments', subresource: 'scale', name: null } as const;
    expect((await cluster.mayI(right, open)).allowed).toBe(true);
    expect((await reader.mayI(right, open)).allowed).toBe(false);
  });

  test('a Deployment that is not there', async () => {
    const trouble = await troubleOf(cluster.workload({ kind: 'deployment', name: 'none' }, open));
    expect(trouble.kind).toBe('missing');
    expect(trouble.message).toContain('deployment/none in us-east-1/default: there is none (404');
  });

  test('credentials that it does not know', async () => {
    const nobody = await kubernetes(join(dir, 'nobody'), clock).open(plan);
    const trouble = await troubleOf(nobody.workload(api, open));
    expect(trouble.kind).toBe('wrong-input');
    expect(trouble.message).toContain('does not accept these credentials (401');
    nobody.close();
  });

  test('a server that is not there', async () => {
    const path = await config('elsewhere', 'all', 'https://127.0.0.1:1');
    const away = await kubernetes(path, clock).open(plan);
    const trouble = await troubleOf(away.workload(api, open));
    expect(trouble.kind).toBe('unreachable');
    expect(trouble.message).toContain('API server of us-east-1 at 127.0.0.1:1 cannot be reached: connect ECONNREFUSED');
  });

  test('a server that hangs is given up when the caller does', async () => {
    lab.hang();
    const cut = new AbortController();
    const reading = cluster.workload(api, cut.signal);
    setTimeout(() => cut.abort(new Error('enough')), 50);
    await expect(reading).rejects.toThrow('enough');
    lab.resume();
    expect((await cluster.workload(api, open)).replicas).toBe(3);
  });

  test('a server that refuses everything', async () => {
    lab.refuse(503);
    const trouble = await troubleOf(cluster.workload(api, open));
    lab.resume();
    expect(trouble).toMatchObject({ kind: 'unreachable' });
    expect(trouble.message).toContain('the cluster answered 503');
  });

  test('a context that is not in the kubeconfig', async () => {
    const trouble = await troubleOf(clouds.open({ context: 'mars', namespace: 'default' }));
    expect(trouble).toMatchObject({ kind: 'wrong-input' });
    expect(trouble.message).toBe(`kubeconfig ${join(dir, 'all')} has no context mars: it has us-east-1`);
  });

  test('a kubeconfig that is not there, or does not parse', async () => {
    const absent = await troubleOf(kubernetes(join(dir, 'absent'), clock).open(plan));
    expect(absent.message).toContain('cannot be read: ENOENT');
    for (const text of ['{', 'contexts: 7', '', 'clusters:\n- name: x']) {
      await writeFile(join(dir, 'broken'), text);
      const trouble = await troubleOf(kubernetes(join(dir, 'broken'), clock).open(plan));
      expect(trouble.kind).toBe('wrong-input');
      expect(trouble.message).toContain('does not parse');
    }
  });
});
