/** Drills under the rights that `deploy/kubernetes` gives, and no others. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DrillReport } from '../../../contract/drill.ts';
import { bounded, until } from '../../lab/waiting.ts';
import { serversBuilt } from './binaries.ts';
import { undisturbed, untilAsBefore, untilWell } from './kill.ts';
import { usedRights } from './rights.ts';
import { realWorld, type Shop, type World } from './world.ts';

const limitMs = 60_000;

describe.skipIf(!serversBuilt())('on a real cluster, under the rights of its own account', () => {
  let world: World;
  let shop: Shop;
  beforeAll(async () => {
    world = await realWorld();
    shop = await world.shop({ number: 1 });
  });
  afterAll(() => world?.close());

  test('a drill takes a Deployment and a StatefulSet away, and leaves all as it was', async () => {
    const { code, stdout, stderr, left } = await undisturbed(shop);
    expect(code, `${stdout}${stderr}`).toBe(0);
    expect(left).toEqual([]);
  });

  test('its restorer watched over it in the cluster, under an account of its own', async () => {
    // What it said is known once it has ended, which may be after its pod has gone.
    await until(limitMs, 'a restorer that watched over the drill', async () =>
      world.kubelet.said().includes('watching over the drill') ? true : undefined,
    );
  });

  test('a drill that is stopped from another machine restores, and says who stopped it', async () => {
    const before = await shop.service.remains();
    const drill = shop.post.drill('run', 'lose-north', '--json');
    const [, id = ''] = await bounded(limitMs, 'the drill to begin', drill.said(/drill (lose-north-\S+)/));
    await bounded(limitMs, 'the region to be away', drill.said(/failing-over|holding/));
    const asked = await shop.post.operator('stop', id, '--because', 'the market opens').ended;
    expect(asked.code, asked.stderr).toBe(0);
    const { stdout, stderr } = await bounded(limitMs, 'the drill to end', drill.ended);
    const report = JSON.parse(stdout) as DrillReport;
    expect(stderr).toContain('restoring');
    expect([report.restored, report.left]).toEqual([true, []]);
    expect(await untilAsBefore(shop.service, before)).toEqual([]);
  });

  test('an operator finds and mends what a dead runner left, with the same rights', async () => {
    await untilWell(shop.post);
    const before = await shop.service.remains();
    const drill = shop.post.drill('run', 'lose-north');
    await bounded(limitMs, 'the region to be away', drill.said(/failing-over/));
    drill.kill('SIGKILL');
    await drill.ended;
    const recovered = await shop.post.recover();
    expect([0, 4], `${recovered.stdout}${recovered.stderr}`).toContain(recovered.code);
    if (recovered.code === 4) expect((await shop.post.recover()).code).toBe(0);
    expect(await untilAsBefore(shop.service, before)).toEqual([]);
  });

  test('nothing that the runner asked for was forbidden', () => {
    expect(usedRights(world.cluster).filter(({ code }) => code === 403)).toEqual([]);
  });
});
