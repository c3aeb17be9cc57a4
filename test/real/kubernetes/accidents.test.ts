/** What happens to a drill when its own side has a bad day: the machine, the disk, the fleet, a second operator. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Running } from '../../fakes/program.ts';
import { bounded } from '../../lab/waiting.ts';
import { serversBuilt } from './binaries.ts';
import { configFor } from './identities.ts';
import { recover, untilAsBefore, untilWanted, untilWell } from './kill.ts';
import { drillsIn } from './moment.ts';
import { read } from './objects.ts';
import { realWorld, type Shop, type World } from './world.ts';

const limitMs = 240_000;
/** Of the failed-over state. */
const hold = '3s';

describe.skipIf(!serversBuilt())('of an accident', () => {
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

  async function untilAway(drill: Running): Promise<void> {
    await bounded(limitMs, 'the region to be away', drill.said(/ {2}holding$/m));
  }
  async function ended(drill: Running): Promise<{ readonly code: number | null; readonly said: string }> {
    const { code, stdout, stderr } = await bounded(limitMs, 'the drill to end', drill.ended);
    return { code, said: `${stdout}${stderr}` };
  }

  test('a machine that is suspended mid-drill: the restorer mends, and who wakes harms nothing', async () => {
    const before = await shop.service.remains();
    const drill = shop.post.drill('run', 'lose-north');
    await untilAway(drill);
    drill.kill('SIGSTOP');
    await untilWanted(shop.service, wanted, limitMs);
    drill.kill('SIGCONT');
    const { code, said } = await ended(drill);
    expect([0, 1, 3], said).toContain(code);
    expect(await untilAsBefore(shop.service, before), said).toEqual([]);
  });

  test('two runners started at once: one drill, and all is back', async () => {
    const before = await shop.service.remains();
    const both = [shop.post.drill('run', 'lose-north'), shop.post.drill('run', 'lose-north')];
    const ends = await Promise.all(both.map(ended));
    const injected = ends.filter(({ said }) => / {2}injecting$/m.test(said));
    expect(injected.length, ends.map(({ said }) => said).join('\n')).toBeLessThanOrEqual(1);
    expect(ends.map(({ code }) => code)).toContain(4);
    expect(await untilAsBefore(shop.service, before)).toEqual([]);
  });

  test('an aggregator that is gone mid-drill and stays away: the drill stops, and all is back', async () => {
    const losing = await world.shop({ number: 2, drill: { hold: '60s' } });
    const before = await losing.service.remains();
    const drill = losing.post.drill('run', 'lose-north');
    await untilAway(drill);
    await losing.post.loseAggregator();
    const { code, said } = await ended(drill);
    expect(said).toMatch(/contact with the aggregator is lost/);
    expect([1, 3], said).toContain(code);
    expect(await untilAsBefore(losing.service, before), said).toEqual([]);
  });

  test('a journal that became garbage: recover mends from the cluster', async () => {
    const before = await shop.service.remains();
    const known = drillsIn(shop.post.evidenceDir);
    const drill = shop.post.drill('run', 'lose-north');
    await untilAway(drill);
    drill.kill('SIGKILL');
    await drill.ended;
    const [id = ''] = readdirSync(shop.post.evidenceDir).filter((one) => !known.includes(one));
    writeFileSync(join(shop.post.evidenceDir, id, 'journal.jsonl'), '{"seq":1,"type":"un\0\0\0\n]');
    expect(await recover(shop.post)).toEqual([]);
    expect(await untilAsBefore(shop.service, before)).toEqual([]);
  });

  test.each([0, 8])('a disk that takes files of %i kB: nothing is begun without a record', async (fileKilobytes) => {
    const before = await shop.service.remains();
    const { code, said } = await ended(shop.post.drillOnSmallDisk(fileKilobytes, 'run', 'lose-north'));
    expect([code, said]).toEqual([2, expect.stringMatching(/evidence cannot be kept in .*: EFBIG/)]);
    expect(said).not.toMatch(/injecting$/m);
    expect(await untilAsBefore(shop.service, before), said).toEqual([]);
  });

  test('a disk that is full in the middle of a drill: all is back, and the drill says what is missing', async () => {
    const before = await shop.service.remains();
    const drill = shop.post.drillOnSmallDisk(1_000, 'run', 'lose-north');
    // What is seen is written every second: how much that is by then depends on how long the machine takes.
    await bounded(limitMs, 'the injection', drill.said(/ {2}injecting$/m));
    world.programs.fillDisk(drill, 8);
    const { code, said } = await ended(drill);
    expect([0, 1, 3], said).toContain(code);
    expect(said).toMatch(/EFBIG/);
    expect(await untilAsBefore(shop.service, before), said).toEqual([]);
  });

  test('a namespace that is deleted mid-drill: the drill says what is gone, and leaves the other region alone', async () => {
    const ending = await world.shop({ number: 3, drill: { hold: '60s' } });
    const { admin } = world.cluster;
    const { north, south } = ending.service.namespaces;
    const before = await ending.service.remains();
    // Of somebody whose rights do not end with the namespace.
    const config = join(world.cluster.dir, 'admin.kubeconfig');
    writeFileSync(config, configFor(world.cluster, world.cluster.credentials.adminToken), { mode: 0o600 });
    const drill = ending.post.drill('run', 'lose-north', '--kubeconfig', config);
    await untilAway(drill);
    await admin.ask({ method: 'DELETE', path: `/api/v1/namespaces/${north}` });
    const { code, said } = await ended(drill);
    expect(code, said).toBe(5);
    expect(said).toMatch(/deployment\/shop in north is gone/);
    expect(said).not.toMatch(/left behind: Lease/);
    const { items } = await read(admin, `/apis/coordination.k8s.io/v1/namespaces/${south}/leases`);
    expect(items).toEqual([]);
    expect((await ending.service.remains()).south).toEqual(before.south);
  });
});
