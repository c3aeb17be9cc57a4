/** What the lab's service keeps and replicates: honest, and wrong on purpose. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../contract/clock.ts';
import { systemClock } from '../../contract/clock.ts';
import { admits } from '../../lab/region/guard.ts';
import { type LedgerNet, ledgerNet } from '../../lab/region/ledger.ts';
import type { Plant } from '../../scenarios/world.ts';
import { podsIn } from '../fakes/pods.ts';
import { ask, guard, jurisdictions, type Site, type Standing, site } from './site.ts';

const clock: Clock = systemClock();
const country = { 'x-user-country': 'BR' };
let place: Site;
beforeEach(async () => {
  place = await site(94, clock);
});
afterEach(() => place.close());

type Regions = { readonly us: Standing; readonly eu: Standing; readonly ledgers: LedgerNet };

async function regions(plants: readonly Plant[] = []): Promise<Regions> {
  const names = ['us-east-1', 'eu-west-1'] as const;
  const regionOf = (region: string): string => jurisdictions[region as keyof typeof jurisdictions];
  const ledgers = ledgerNet(
    {
      storeDir: place.storeDir,
      lagMs: 5,
      plants,
      admits: (user, region) => admits(guard, user, regionOf(region)),
      regions: names,
    },
    clock,
  );
  const us = await place.region('us-east-1', { ledgers });
  return { us, eu: await place.region('eu-west-1', { ledgers }), ledgers };
}

async function put({ url }: Standing, id: string, path = '/v1/ledger', headers = country): Promise<number> {
  return (await ask(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify({ id }) })).status;
}

async function idsIn({ url }: Standing, headers = country): Promise<readonly string[]> {
  const { body } = await ask(`${url}/v1/ledger/c-`, { headers });
  return (JSON.parse(body) as { entries: { id: string }[] }).entries.map(({ id }) => id);
}

async function peersOf({ url }: Standing): Promise<object> {
  return (JSON.parse((await ask(`${url}/peers`)).body) as { peers: object }).peers;
}

/** Asks until the region's ledger is so; the test's own time limit ends it. */
async function becomes(region: Standing, ids: readonly string[]): Promise<void> {
  while (JSON.stringify(await idsIn(region)) !== JSON.stringify(ids));
}

describe('the ledger of the lab', () => {
  test('acknowledges what it has, replicates it behind a lag, refuses it a second time, and erases it everywhere', async () => {
    const { us, eu } = await regions();
    expect(await put(us, 'c-1')).toBe(201);
    expect(await idsIn(us)).toEqual(['c-1']);
    await becomes(eu, ['c-1']);
    expect(await put(eu, 'c-1')).toBe(409);
    expect((await ask(`${eu.url}/v1/ledger/c-1`, { method: 'DELETE', headers: country })).status).toBe(200);
    await becomes(us, []);
    expect((await ask(`${us.url}/v1/ledger/c-1`, { method: 'DELETE', headers: country })).status).toBe(404);
  });

  test('keeps what a dark region has not passed on until it is back', async () => {
    const { us, eu } = await regions();
    const answered = put(us, 'c-1');
    expect(await answered).toBe(201);
    us.pods.set(podsIn('terminating', 2));
    expect(await put(us, 'c-2')).toBe(503);
    expect(await put(eu, 'c-3')).toBe(201);
    us.pods.set(podsIn('ready', 2));
    await becomes(us, ['c-1', 'c-3']);
  });

  test('keeps what two regions have for each other while either is parted from the other, and delivers it in order', async () => {
    const { us, eu, ledgers } = await regions();
    ledgers.reaches('eu-west-1', 'us-east-1', false);
    const ids = ['c-1', 'c-2', 'c-3', 'c-4'];
    for (const id of ids) expect(await put(us, id)).toBe(201);
    expect(await put(eu, 'c-5')).toBe(201);
    expect((await ask(`${us.url}/v1/ledger/c-2`, { method: 'DELETE', headers: country })).status).toBe(200);
    expect(await peersOf(us)).toMatchObject({ 'eu-west-1': { reached: false, waiting: 5 } });
    expect(await peersOf(eu)).toMatchObject({ 'us-east-1': { reached: false, waiting: 1 } });
    expect(await idsIn(eu)).toEqual(['c-5']);
    ledgers.reaches('us-east-1', 'eu-west-1', false);
    ledgers.reaches('eu-west-1', 'us-east-1', true);
    expect(await idsIn(eu)).toEqual(['c-5']);
    ledgers.reaches('us-east-1', 'eu-west-1', true);
    await becomes(eu, ['c-5', 'c-1', 'c-3', 'c-4']);
    await becomes(us, ['c-1', 'c-3', 'c-4', 'c-5']);
    expect(await peersOf(us)).toEqual({ 'eu-west-1': { reached: true, waiting: 0, behindMs: 0 } });
  });

  test('passes no entry on to where a residency rule forbids it, and takes none there', async () => {
    const { us, eu } = await regions();
    const german = { 'x-user-country': 'DE' };
    expect(await put(us, 'c-1', '/v1/ledger', german)).toBe(451);
    expect(await put(eu, 'c-2', '/v1/ledger', german)).toBe(201);
    expect(await put(eu, 'c-3')).toBe(201);
    await becomes(us, ['c-3']);
  });

  test('is written to in one region at a time by another name, and in two with a plant', async () => {
    const sound = await regions();
    expect([await put(sound.us, 'c-1', '/v1/register'), await put(sound.eu, 'c-2', '/v1/register')]).toEqual([
      201, 409,
    ]);
    sound.us.pods.set(podsIn('terminating', 2));
    expect(await put(sound.eu, 'c-3', '/v1/register')).toBe(201);
  });

  test('has its one writer where it was while two regions are parted, and two with a plant that takes over', async () => {
    const plant = { kind: 'replication', region: 'eu-west-1', how: 'takes-over' } as const;
    for (const [plants, parted] of [
      [[], 409],
      [[plant], 201],
    ] as const) {
      const { us, eu, ledgers } = await regions(plants);
      const both = async (id: string): Promise<readonly number[]> => [
        await put(us, `${id}-us`, '/v1/register'),
        await put(eu, `${id}-eu`, '/v1/register'),
      ];
      expect(await both('c-1')).toEqual([201, 409]);
      ledgers.reaches('us-east-1', 'eu-west-1', false);
      expect(await both('c-2')).toEqual([201, parted]);
      ledgers.reaches('us-east-1', 'eu-west-1', true);
      expect(await both('c-3')).toEqual([201, 409]);
      await Promise.all([us.close(), eu.close()]);
    }
  });
});

test('plants that lose, double, or let two write are what they say', async () => {
  const { us, eu } = await regions([
    { kind: 'replication', region: 'us-east-1', how: 'drop' },
    { kind: 'replication', region: 'eu-west-1', how: 'double' },
    { kind: 'replication', region: 'eu-west-1', how: 'second-writer' },
  ]);
  expect([await put(us, 'c-1'), await put(eu, 'c-2')]).toEqual([201, 201]);
  await becomes(us, ['c-1', 'c-2', 'c-2']);
  expect(await idsIn(eu)).toEqual(['c-2']);
  expect([await put(us, 'c-3', '/v1/register'), await put(eu, 'c-3', '/v1/register')]).toEqual([201, 201]);
});
