/** What a drill says of a cluster that it cannot use as it has to; nothing is touched then. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ran } from '../../fakes/program.ts';
import { bounded, until } from '../../lab/waiting.ts';
import { serversBuilt } from './binaries.ts';
import { configFor, expiredConfig, expiredServer } from './identities.ts';
import { read } from './objects.ts';
import { differences, realWorld, type Shop, type World } from './world.ts';

const limitMs = 60_000;
const mergePatch = 'application/merge-patch+json';

describe.skipIf(!serversBuilt())('a drill is refused, and touches nothing', () => {
  let world: World;
  let shop: Shop;
  beforeAll(async () => {
    world = await realWorld();
    shop = await world.shop({ number: 1 });
  });
  afterAll(() => world?.close());

  async function refused(of: Shop, config?: string): Promise<Ran> {
    const before = await of.service.remains();
    const more: string[] = [];
    if (config !== undefined) {
      const file = join(world.cluster.dir, 'other.kubeconfig');
      writeFileSync(file, config, { mode: 0o600 });
      more.push('--kubeconfig', file);
    }
    const ran = await bounded(limitMs, 'the drill to be refused', of.post.drill('run', 'lose-north', ...more).ended);
    expect(differences(before, await of.service.remains()), `${ran.stdout}${ran.stderr}`).toEqual([]);
    return ran;
  }

  test('with a token that the cluster does not know', async () => {
    const { code, stdout, stderr } = await refused(shop, configFor(world.cluster, 'nobodys-token'));
    expect(code).toBe(2);
    expect(`${stdout}${stderr}`).toMatch(/does not accept these credentials/);
  });

  test('with a context that the kubeconfig does not have', async () => {
    const config = configFor(world.cluster, world.cluster.credentials.adminToken, ['somewhere']);
    const { code, stdout, stderr } = await refused(shop, config);
    expect(code).toBe(2);
    expect(`${stdout}${stderr}`).toMatch(/has no context north: it has somewhere/);
  });

  test('with a server whose certificate has expired: nothing is sent to it', async () => {
    const expired = await expiredServer();
    const { code, stdout, stderr } = await refused(shop, expired.config);
    expired.close();
    expect(code).toBe(3);
    expect(`${stdout}${stderr}`).toMatch(/certificate has expired/);
    expect(expired.requests()).toBe(0);
  });

  test('with a certificate of its own that has expired', async () => {
    const { code, stdout, stderr } = await refused(shop, expiredConfig(world.cluster));
    expect(code).toBe(2);
    expect(`${stdout}${stderr}`).toMatch(/does not accept these credentials/);
  });

  test('without the right to put replicas back', async () => {
    const lacking = await world.shop({ number: 2, without: 'update deployments/scale' });
    const { code, stdout, stderr } = await refused(lacking);
    expect(code).toBe(4);
    expect(`${stdout}${stderr}`).toMatch(/guard\.restore-right.*update deployments\/scale shop/);
  });

  test('without the right to start a restorer', async () => {
    const lacking = await world.shop({ number: 3, without: 'create jobs' });
    const { code, stdout, stderr } = await refused(lacking);
    expect(code).toBe(4);
    expect(`${stdout}${stderr}`).toMatch(/create jobs/);
  });

  test('in a namespace that is being deleted', async () => {
    const ending = await world.shop({ number: 4 });
    const { admin } = world.cluster;
    const { north } = ending.service.namespaces;
    // Kept from going at once, as a backup or a service mesh keeps what it knows of.
    const held = ['deployments/shop', 'statefulsets/ledger'].map((name) => `/apis/apps/v1/namespaces/${north}/${name}`);
    const hold = (finalizers: readonly string[]) =>
      Promise.all(
        held.map((path) => admin.ask({ method: 'PATCH', path, body: { metadata: { finalizers } }, type: mergePatch })),
      );
    await hold(['blackstart.test/held']);
    await admin.ask({ method: 'DELETE', path: `/api/v1/namespaces/${north}` });
    await until(limitMs, 'the namespace to be terminating', async () => {
      const { items } = await read(admin, `/apis/apps/v1/namespaces/${north}/deployments`);
      return items[0]?.metadata.deletionTimestamp === undefined ? undefined : true;
    });
    const { code, stdout, stderr } = await bounded(
      limitMs,
      'the drill to be refused',
      ending.post.drill('run', 'lose-north').ended,
    );
    await hold([]);
    expect([2, 3, 4], `${stdout}${stderr}`).toContain(code);
    expect(`${stdout}${stderr}`).toMatch(/not permitted|terminat|deleted|none|rights/i);
    expect(`${stdout}${stderr}`).not.toMatch(/injecting$/m);
  });
});
