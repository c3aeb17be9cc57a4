/** Regions whose replicas others own too: an autoscaler, KEDA, Argo CD and Flux, at work while a drill takes them away. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bounded, until } from '../../lab/waiting.ts';
import { serversBuilt } from './binaries.ts';
import { recover, undisturbed, untilAsBefore, untilWell } from './kill.ts';
import {
  applyFromElsewhere,
  defineOwners,
  giveOwners,
  type Healing,
  type Owner,
  ownersAsTheyAre,
  startHealing,
  track,
  untilHealed,
} from './owners.ts';
import { givenRights, usedRights } from './rights.ts';
import { realWorld, type Shop, type World } from './world.ts';

const limitMs = 60_000;
const mergePatch = 'application/merge-patch+json';
const suspend = ['keda', 'argo-cd', 'flux'];

/** Only after a call whose answer was lost: whether what is there is of this drill. */
const afterLostAnswers = ['get serviceaccounts', 'get roles', 'get rolebindings', 'get jobs'];
/** Not used by the runner itself: it has them so that it may give them to the restorer. */
const givenOn = ['create events', 'patch leases', 'get deployments/scale', 'get statefulsets/scale'];

describe.skipIf(!serversBuilt())('where others own replicas too', () => {
  let world: World;
  let shop: Shop;
  let owners: readonly Owner[];
  let healing: Healing;
  let remains: Awaited<ReturnType<Shop['service']['remains']>>;
  beforeAll(async () => {
    world = await realWorld();
    await defineOwners(world.cluster.admin);
    shop = await world.shop({ number: 1, drill: { suspend, hold: '2s' } });
    owners = await giveOwners(world.cluster.admin, shop.service.namespaces.north);
    remains = await shop.service.remains();
    healing = startHealing(world.cluster.admin, owners);
  });
  afterAll(async () => {
    await healing?.stop();
    await world?.close();
  });

  async function scaleByHand(): Promise<void> {
    const [owner] = owners;
    const body = { spec: { replicas: 1 } };
    await world.cluster.admin.ask({ method: 'PATCH', path: owner?.scale ?? '', type: mergePatch, body });
  }

  test('a drill suspends them, is undone by none of them, and leaves them at work', async () => {
    const before = await ownersAsTheyAre(world.cluster.admin, owners);
    const healsBefore = healing.heals();
    const { code, stdout, stderr, left } = await undisturbed(shop);
    expect([code, left], `${stdout}${stderr}`).toEqual([0, []]);
    expect(`${stdout}${stderr}`).toMatch(/suspended meanwhile: Application argocd\/shop/);
    expect(healing.heals()).toBe(healsBefore);
    expect(await ownersAsTheyAre(world.cluster.admin, owners)).toBe(before);
    await scaleByHand();
    await untilHealed(healing, healsBefore);
    expect(await untilAsBefore(shop.service, remains)).toEqual([]);
  });

  test('a restorer resumes them too, wherever they are, when the runner is dead', async () => {
    const before = await ownersAsTheyAre(world.cluster.admin, owners);
    const healsBefore = healing.heals();
    await untilWell(shop.post);
    const drill = shop.post.drill('run', 'lose-north');
    await bounded(limitMs, 'the region to be away', drill.said(/ {2}holding$/m));
    drill.kill('SIGKILL');
    await drill.ended;
    await until(limitMs, 'all to be resumed', async () => {
      const isOpen = /"skip-reconcile"|paused|"suspend":true/.test(await ownersAsTheyAre(world.cluster.admin, owners));
      return isOpen ? undefined : true;
    });
    expect(healing.heals()).toBe(healsBefore);
    expect(await recover(shop.post)).toEqual([]);
    expect(await untilAsBefore(shop.service, remains)).toEqual([]);
    expect(await ownersAsTheyAre(world.cluster.admin, owners)).toBe(before);
  });

  test('a person who scales in the middle of a drill has the last word, and the drill says so', async () => {
    await untilWell(shop.post);
    const drill = shop.post.drill('run', 'lose-north');
    await bounded(limitMs, 'the region to be away', drill.said(/ {2}holding$/m));
    await scaleByHand();
    const { code, stdout, stderr } = await bounded(limitMs, 'the drill to end', drill.ended);
    expect(`${stdout}${stderr}`).toMatch(/restored by somebody else, and is no recovery/);
    // Fewer than there were: it waits for a person, unless Argo CD, at work again, was faster.
    expect([3, 5], `${stdout}${stderr}`).toContain(code);
    expect(await recover(shop.post)).toEqual([]);
    expect(await untilAsBefore(shop.service, remains)).toEqual([]);
  });

  test('one that may suspend nothing is refused', async () => {
    const plain = await world.shop({ number: 2 });
    await track(world.cluster.admin, plain.service.namespaces.north);
    await applyFromElsewhere(world.cluster.admin, plain.service.namespaces.north);
    const before = await plain.service.remains();
    const ran = await bounded(limitMs, 'the drill to be refused', plain.post.drill('run', 'lose-north').ended);
    expect(ran.code, `${ran.stdout}${ran.stderr}`).toBe(4);
    expect(`${ran.stdout}${ran.stderr}`).toMatch(
      /guard\.reconciler.*Application argocd\/shop.*Kustomization flux-system\/shop/,
    );
    expect(await untilAsBefore(plain.service, before)).toEqual([]);
  });

  test('nothing that the runner asked for was forbidden', () => {
    expect(usedRights(world.cluster).filter(({ code }) => code === 403)).toEqual([]);
  });

  test('it has no right that drills do not use or give on', async () => {
    const used = new Set(usedRights(world.cluster).map(({ right }) => right));
    const given = await givenRights(world.cluster, shop.service.namespaces.north);
    const known = new Set([...used, ...afterLostAnswers, ...givenOn]);
    expect([...given].filter((right) => !known.has(right))).toEqual([]);
  });
});
