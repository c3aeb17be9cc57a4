/** What happens to a drill when the cluster itself has a bad day in the middle of it. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Ran, Running } from '../../fakes/program.ts';
import { bounded, pause } from '../../lab/waiting.ts';
import { serversBuilt } from './binaries.ts';
import { recover, untilAsBefore, untilWanted, untilWell } from './kill.ts';
import { read } from './objects.ts';
import { realWorld, type Shop, type World } from './world.ts';

const limitMs = 120_000;
/** Leases of two seconds expire meanwhile; so do the limits on a single call. */
const [shortMs, longMs] = [5_000, 12_000];
/** Of the failed-over state. */
const hold = '3s';

describe.skipIf(!serversBuilt())('on a bad day', () => {
  let world: World;
  let shop: Shop;
  let wanted: string;
  beforeAll(async () => {
    world = await realWorld();
    shop = await world.shop({ number: 1, drill: { hold } });
    wanted = await shop.service.wanted();
  });
  /** The fleet finds itself well again before the next drill asks for it. */
  afterEach(() => untilWell(shop.post));
  afterAll(() => world?.close());

  /** Hangs the API server, and lets it go on after so long. */
  async function hang(forMs: number): Promise<void> {
    world.cluster.apiServer.freeze();
    try {
      await pause(forMs);
    } finally {
      world.cluster.apiServer.thaw();
    }
  }

  /** Everything is back, by the drill's own hands; then an operator sweeps, and it is as it was. */
  async function comesBack(drill: Running, before: Awaited<ReturnType<Shop['service']['remains']>>) {
    const ran: Ran = await bounded(limitMs, 'the drill to end', drill.ended);
    const said = `${ran.stdout}${ran.stderr}`;
    expect.soft([0, 1, 3, 4], said).toContain(ran.code);
    await untilWanted(shop.service, wanted, limitMs);
    expect(await recover(shop.post)).toEqual([]);
    expect(await untilAsBefore(shop.service, before), said).toEqual([]);
    return said;
  }

  test('an API server that hangs before a drill: it gives up, and nothing is touched', async () => {
    const before = await shop.service.remains();
    world.cluster.apiServer.freeze();
    const ran = await bounded(limitMs, 'the drill to give up', shop.post.drill('run', 'lose-north').ended).finally(() =>
      world.cluster.apiServer.thaw(),
    );
    expect(ran.code, `${ran.stdout}${ran.stderr}`).toBe(3);
    expect(`${ran.stdout}${ran.stderr}`).toMatch(/gave no answer within/);
    expect(await untilAsBefore(shop.service, before)).toEqual([]);
  });

  test.each([shortMs, longMs])('an API server that hangs for %i ms at the injection: all is back', async (forMs) => {
    const before = await shop.service.remains();
    const drill = shop.post.drill('run', 'lose-north');
    await bounded(limitMs, 'the injection', drill.said(/ {2}injecting$/m));
    await hang(forMs);
    await comesBack(drill, before);
  });

  test.each([shortMs, longMs])(
    'an API server that hangs for %i ms while the region is away: all is back',
    async (forMs) => {
      const before = await shop.service.remains();
      const drill = shop.post.drill('run', 'lose-north');
      await bounded(limitMs, 'the region to be away', drill.said(/ {2}holding$/m));
      await hang(forMs);
      const said = await comesBack(drill, before);
      expect(said).toMatch(/contact with the cluster is lost|taken over|gave no answer/);
    },
  );

  test('an API server that hangs at the restore: all is back', async () => {
    const before = await shop.service.remains();
    const drill = shop.post.drill('run', 'lose-north');
    await bounded(limitMs, 'the restore', drill.said(/ {2}restoring$/m));
    await hang(shortMs);
    await comesBack(drill, before);
  });

  test('a Deployment that is deleted in the middle of a drill: the others are back, and the drill says who is needed', async () => {
    const losing = await world.shop({ number: 2, drill: { hold } });
    const { north } = losing.service.namespaces;
    const drill = losing.post.drill('run', 'lose-north');
    await bounded(limitMs, 'the region to be away', drill.said(/ {2}holding$/m));
    const path = `/apis/apps/v1/namespaces/${north}/deployments/shop`;
    expect((await world.cluster.admin.ask({ method: 'DELETE', path })).code).toBe(200);
    const { code, stdout, stderr } = await bounded(limitMs, 'the drill to end', drill.ended);
    expect(code, `${stdout}${stderr}`).toBe(5);
    expect(`${stdout}${stderr}`).toMatch(/deployment\/shop in north is gone/);
    const ledger = await read(world.cluster.admin, `/apis/apps/v1/namespaces/${north}/statefulsets/ledger`);
    expect(ledger.spec.replicas).toBe(2);
  });
});
