import { afterEach, describe, expect, test } from 'vitest';
import { seededRandom } from '../../contract/random.ts';
import { nameServers } from '../../lab/dns/authority.ts';
import { geography } from '../../lab/dns/geography.ts';
import { type CachingResolver, cachingResolver, type ResolverOptions } from '../../lab/dns/resolver.ts';
import type { Transition } from '../../lab/truth.ts';
import type { Zone } from '../../zone/records.ts';
import { fakeClock } from '../fakes/clock.ts';
import { agentZone, values } from '../zone/records.ts';
import { ask, askTcp, controlPlane, places, regionOf } from './ask.ts';

const newYork = '198.51.100.0/24';
const london = '203.0.113.0/24';
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(change: Partial<ResolverOptions> = {}, zone: Zone = agentZone) {
  const clock = fakeClock();
  const truth: Transition[] = [];
  const deps = { clock, random: seededRandom(3), truth: (transition: Transition) => truth.push(transition) };
  const plane = controlPlane(zone);
  const servers = await nameServers(
    {
      addresses: ['127.0.0.53', '127.0.0.54'],
      port: 0,
      store: plane.store,
      health: plane.health,
      locate: geography(places),
      regionOf,
      watchNames: [],
      places,
    },
    deps,
  );
  const at = ['127.0.0.53', '127.0.0.54'].map((host) => ({ host, port: servers.port }));
  const resolver = await cachingResolver(
    { address: '127.1.0.53', port: 0, servers: at, subnet: newYork, regionOf, ...change },
    deps,
  );
  closing.push(resolver.close, servers.close);
  return { clock, truth, plane, resolver };
}
const question = (resolver: CachingResolver, name: string, subnet?: string) =>
  ask(resolver.address, resolver.port, `${name}.agent.test`, subnet === undefined ? {} : { subnet });

describe('a resolver', () => {
  test('adds its own subnet to what it asks, and takes that of the question where there is one', async () => {
    const { resolver } = await start();
    const own = await question(resolver, 'api');
    expect(own).toMatchObject({ addresses: ['127.1.0.1'], subnet: undefined });
    expect(own.packet.flag_ra).toBe(true);
    expect(await question(resolver, 'api', london)).toMatchObject({ addresses: ['127.2.0.1'], subnet: [24, 24] });
    expect((await question(resolver, 'api')).addresses).toEqual(['127.1.0.1']);
  });

  test('answers from its cache until the TTL ends, to the millisecond, less the whole seconds that it was kept', async () => {
    const { clock, plane, resolver } = await start();
    expect(await question(resolver, 'standby')).toMatchObject({ addresses: ['127.1.0.1'], ttl: 60 });
    plane.set('127.1.0.1', false);
    await clock.advance(1_500);
    expect(await question(resolver, 'standby')).toMatchObject({ addresses: ['127.1.0.1'], ttl: 59 });
    await clock.advance(58_499);
    expect(await question(resolver, 'standby')).toMatchObject({ addresses: ['127.1.0.1'], ttl: 1 });
    expect(resolver.cachedRegion('standby.agent.test')).toBe('us-east-1');
    await clock.advance(1);
    expect(resolver.cachedRegion('standby.agent.test')).toBeNull();
    expect(await question(resolver, 'standby')).toMatchObject({ addresses: ['127.2.0.1'], ttl: 60 });
  });

  test('raises short TTLs where it is told to', async () => {
    const { clock, resolver } = await start({ raiseTtlTo: 300 });
    expect((await question(resolver, 'standby')).ttl).toBe(300);
    await clock.advance(299_999);
    expect(resolver.cachedRegion('standby.agent.test')).toBe('us-east-1');
  });

  test('an answer that holds for everybody is kept once, one for a subnet only for that', async () => {
    const { plane, clock, resolver } = await start();
    await question(resolver, 'eu', london);
    await question(resolver, 'api', london);
    plane.set('127.1.0.1', false);
    await clock.advance(1_000);
    expect((await question(resolver, 'eu')).ttl).toBe(59);
    expect((await question(resolver, 'api')).ttl).toBe(60);
    expect((await question(resolver, 'api', london)).ttl).toBe(59);
  });

  test('remembers that there is nothing for as long as the SOA says', async () => {
    const { clock, plane, resolver } = await start();
    expect((await question(resolver, 'late')).rcode).toBe(3);
    const published = plane.publish({ ...agentZone, records: [...agentZone.records, values('late', '127.3.0.1')] }, 10);
    await clock.advance(10);
    await published;
    await clock.advance(899_000);
    expect((await question(resolver, 'late')).rcode).toBe(3);
    await clock.advance(1_000);
    expect((await question(resolver, 'late')).addresses).toEqual(['127.3.0.1']);
  });

  test('asks over TCP what is too long for UDP, and answers over both', async () => {
    const many = Array.from({ length: 90 }, (_, index) => `10.0.0.${index}`);
    const { resolver } = await start({}, { ...agentZone, records: [...agentZone.records, values('many', ...many)] });
    expect((await question(resolver, 'many')).packet.flag_tc).toBe(true);
    const whole = await askTcp(resolver.address, resolver.port, 'many.agent.test');
    expect(whole.addresses).toEqual(many);
  });

  test('answers SERVFAIL when no name server answers, and does not remember it', async () => {
    const { resolver } = await start({ servers: [{ host: '127.0.0.99', port: 9 }] });
    expect((await question(resolver, 'api')).rcode).toBe(2);
  });

  test('goes on to the next name server when one is gone', async () => {
    const { resolver: good } = await start();
    const upstream = { host: good.address, port: good.port };
    const { resolver } = await start({ address: '127.2.0.53', servers: [{ host: '127.0.0.99', port: 9 }, upstream] });
    expect((await question(resolver, 'api')).addresses).toEqual(['127.1.0.1']);
  });

  test('tells the truth, and who listens, when a name leads to another region', async () => {
    const { clock, plane, resolver, truth } = await start();
    const heard: (string | null)[] = [];
    const stop = resolver.onChange((name, region) => heard.push(`${name} ${region}`));
    await question(resolver, 'standby');
    await question(resolver, 'standby');
    plane.set('127.1.0.1', false);
    await clock.advance(60_000);
    await question(resolver, 'standby');
    stop();
    const from = { what: 'cache', where: '127.1.0.53', name: 'standby.agent.test' };
    expect(truth).toEqual([
      { ...from, region: 'us-east-1', from: null, to: 'us-east-1' },
      { ...from, region: 'eu-west-1', from: 'us-east-1', to: 'eu-west-1' },
    ]);
    expect(heard).toEqual(['standby.agent.test us-east-1', 'standby.agent.test eu-west-1']);
  });

  test('what another subnet is told is not its own clients’ truth', async () => {
    const { resolver, truth } = await start();
    await question(resolver, 'api', london);
    expect(truth).toEqual([]);
    expect(resolver.cachedRegion('api.agent.test')).toBeNull();
  });
});
