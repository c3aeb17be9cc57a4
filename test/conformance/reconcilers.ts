/** What owns replicas, by real requests: read, suspended, resumed. One table for the lab's API and for a real one. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../../chaos/cluster.ts';
import { scaleToZero } from '../../chaos/faults/scale-to-zero.ts';
import type { Finding } from '../../chaos/preflight/finding.ts';
import { preflight, suspensionsFor } from '../../chaos/preflight.ts';
import { systemClock } from '../../contract/clock.ts';
import { ownersOfReplicas } from '../fakes/custom-resources.ts';
import { type Body, type Client, type Connection, clientOf } from './kubernetes/client.ts';
import { applyPatch, eventually, type Place, placeOf } from './kubernetes/row.ts';
import { type Field, type OwnerRow, ownerRows, type Places } from './reconcilers/rows.ts';

export type Reconciling = {
  readonly connection: Connection;
  /** The same namespace, as drills see it. */
  readonly cluster: Cluster;
  /** A namespace beside it, which is there. */
  readonly away: string;
};

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const open = new AbortController().signal;
const clock = systemClock();
const mark = { path: ['metadata', 'annotations', 'blackstart.dev/suspension'] };

export function reconcilerConformance(connect: () => Promise<Reconciling>): void {
  let at: Reconciling;
  let client: Client;
  let on: Place;
  beforeAll(async () => {
    at = await connect();
    client = clientOf(at.connection);
    on = placeOf(client);
    for (const body of ownersOfReplicas) await define(on, body);
  });
  afterAll(async () => {
    for (const { metadata } of ownersOfReplicas as readonly Body[]) {
      await client.ask({ method: 'DELETE', path: `${definitions}/${metadata.name}` });
    }
    client.close();
    at.cluster.close();
  });

  describe('owners of replicas', () => {
    for (const [index, row] of ownerRows.entries()) {
      test(row.claim, async () => {
        const name = `owned-${index}`;
        const places = { home: at.connection.namespace, away: at.away };
        const owner = await make(on, row, name, places);
        const workload = `/apis/apps/v1/namespaces/${places.home}/deployments/${name}`;
        const [finding] = await findingsBy(at.cluster, row, name);
        expect(finding).toMatchObject({ owner: row.owner, will: row.will, workload: `deployment/${name}` });
        if (row.suspends === null) expect(finding?.suspension).toBeNull();
        else await goThrough({ on, row, at, name }, row.suspends.on === 'owner' ? owner : workload);
      });
    }

    test('are none where a cluster does not serve their kinds', async () => {
      const kinds = { group: 'nowhere.test', resource: 'things', namespace: null };
      expect(await at.cluster.objects(kinds, open)).toEqual({ status: 'not-served' });
      expect(await at.cluster.object({ ...kinds, name: 'x' }, open)).toBeNull();
    });
  });
}

async function findingsBy(cluster: Cluster, { owner }: OwnerRow, name: string): Promise<readonly Finding[]> {
  const found = await preflight(cluster, [{ kind: 'deployment', name }], open);
  return found.filter((one) => one.owner === owner);
}

/** Arm, inject, restore, disarm: what stands in the object after each, by a request of its own. */
async function goThrough(
  { on, row, at, name }: { on: Place; row: OwnerRow; at: Reconciling; name: string },
  path: string,
): Promise<void> {
  const { cluster } = at;
  if (row.suspends === null) return;
  const field = row.suspends;
  const suspensions = suspensionsFor(await findingsBy(cluster, row, name), [field.by]);
  expect(suspensions).toMatchObject([{ path: field.path, before: field.before ?? null, during: field.during }]);
  const plan = { context: cluster.context, namespace: cluster.namespace, workloads: [{ kind: 'deployment', name }] };
  const fault = scaleToZero({ drill: name, region: 'here', plan, suspensions }, cluster, clock);
  const undo = await fault.plan(open);
  const original = (await on.expects(200, { path })).body;
  const stands = async (): Promise<readonly [unknown, string | undefined]> => {
    const { body } = await on.expects(200, { path });
    const text = valueIn(body, mark);
    return [valueIn(body, field), typeof text === 'string' ? JSON.parse(text).state : undefined];
  };

  await fault.rehearse(undo, open);
  expect(await stands(), 'rehearsed').toEqual([field.before, undefined]);
  await fault.arm(undo, open);
  expect(await stands(), 'armed').toEqual([field.before, 'armed']);
  await fault.inject(undo, open);
  expect(await stands(), 'injected').toEqual([field.during, 'suspended']);
  expect((await cluster.workload({ kind: 'deployment', name }, open)).replicas).toBe(0);
  expect((await fault.remains(undo, open)).left.join()).toContain('is still suspended');
  await fault.restore(undo, open);
  expect(await stands(), 'restored').toEqual([field.before, 'resumed']);
  expect(await fault.remains(undo, open)).toMatchObject({ left: [], notes: [] });
  await fault.disarm(undo, open);
  expect(await stands(), 'disarmed').toEqual([field.before, undefined]);
  const { body } = await on.expects(200, { path });
  expect(body.spec).toEqual(original.spec);
  expect(body.metadata.annotations ?? {}).toEqual(original.metadata.annotations ?? {});
}

function valueIn(body: Body, { path }: Pick<Field, 'path'>): unknown {
  return path.reduce((inner, step) => inner?.[step], body);
}

/** The owner's own path. */
async function make(on: Place, row: OwnerRow, name: string, places: Places): Promise<string> {
  const labels = { app: name };
  const container = { name: 'shop', image: 'shop:1' };
  const template = { metadata: { labels }, spec: { containers: [container] } };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, ...row.metadata?.(name, places) },
    spec: { replicas: 2, selector: { matchLabels: labels }, template },
  };
  const apps = `/apis/apps/v1/namespaces/${places.home}/deployments`;
  if (row.applied === undefined) await on.expects(201, { method: 'POST', path: apps, body: deployment });
  else {
    const path = `${apps}/${name}?fieldManager=${row.applied}&force=true`;
    await on.expects(201, { method: 'PATCH', path, body: deployment, type: applyPatch });
  }
  // Its controller writes an annotation first, and then that it has seen it: who compares later has to wait for both.
  await eventually(on, { path: `${apps}/${name}` }, ({ body }) => body.status?.observedGeneration !== undefined);
  const { path, body } = row.made(name, places);
  await on.expects(201, { method: 'POST', path, body });
  return `${path}/${name}`;
}

async function define(on: Place, body: object): Promise<void> {
  await on.expects(201, { method: 'POST', path: definitions, body });
  const { group, names, versions } = (body as Body).spec;
  await eventually(on, { path: `/apis/${group}/${versions[0].name}/${names.plural}` }, ({ code }) => code === 200);
}
