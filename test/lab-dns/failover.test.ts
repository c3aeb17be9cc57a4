/** Store, checkers, name servers and a resolver together: from a sick endpoint to the answer that a client gets. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../contract/clock.ts';
import { seededRandom } from '../../contract/random.ts';
import { checkers } from '../../lab/checkers/checkers.ts';
import { nameServers } from '../../lab/dns/authority.ts';
import { geography } from '../../lab/dns/geography.ts';
import { cachingResolver } from '../../lab/dns/resolver.ts';
import { zoneStore } from '../../lab/route53/store.ts';
import type { Transition } from '../../lab/truth.ts';
import { checkOf } from '../lab-checkers/check.ts';
import { checked, routed, values, zoneOf } from '../zone/records.ts';
import { ask, places, regionOf } from './ask.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

test('a region that answers 503 is left by checkers, name servers and resolver, in that order', async () => {
  const clock = systemClock();
  const truth: Transition[] = [];
  let reached: () => void = () => undefined;
  const everywhere = new Promise<void>((resolve) => (reached = resolve));
  const deps = (seed: number) => ({
    clock,
    random: seededRandom(seed),
    truth(transition: Transition) {
      truth.push(transition);
      if (truth.filter(({ what }) => what === 'answer').length === 2) reached();
    },
  });
  const shown = { code: 200 };
  const server = createServer((_request, response) => response.writeHead(shown.code).end()).listen(0, '127.1.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  const at = server.address();
  const port = typeof at === 'object' && at !== null ? at.port : 0;

  const primary = routed(values('standby', '127.1.0.1'), 'p', { policy: 'failover', role: 'PRIMARY' });
  const secondary = routed(values('standby', '127.2.0.1'), 's', { policy: 'failover', role: 'SECONDARY' });
  const check = checkOf({ type: 'HTTP', ipAddress: '127.1.0.1', port, requestIntervalSeconds: 0.05 });
  const zone = zoneOf(
    ...[checked(primary, check.id), secondary].map((record) => ({
      ...record,
      target: { kind: 'values' as const, ttlSeconds: 1, values: [record === secondary ? '127.2.0.1' : '127.1.0.1'] },
    })),
  );
  const store = zoneStore({ zone, healthChecks: [check] }, deps(1));
  const sourceAddresses = Array.from({ length: 16 }, (_, index) => `127.15.0.${index + 1}`);
  const all = checkers({ checks: store.healthChecks, changed: store.onHealthChecks, sourceAddresses }, deps(2));
  const addresses = ['127.0.0.53', '127.0.0.54'];
  const watchNames = ['standby.agent.test'];
  const servers = await nameServers(
    { addresses, port: 0, store, health: all, locate: geography(places), regionOf, watchNames, places },
    deps(3),
  );
  const upstreams = addresses.map((host) => ({ host, port: servers.port }));
  const resolver = await cachingResolver(
    { address: '127.1.0.53', port: 0, servers: upstreams, subnet: '198.51.100.0/24', regionOf },
    deps(4),
  );
  closing.push(store.close, all.close, servers.close, resolver.close);

  const asked = () => ask(resolver.address, resolver.port, 'standby.agent.test');
  expect((await asked()).addresses).toEqual(['127.1.0.1']);
  shown.code = 503;
  await everywhere;
  let got = await asked();
  while (got.addresses[0] !== '127.2.0.1') got = await asked();

  const first = (what: string): number => truth.findIndex((transition) => transition.what === what);
  const moved = truth.findIndex(({ what, to }) => what === 'cache' && to === 'eu-west-1');
  expect(first('checker')).toBeLessThan(first('health'));
  expect(first('health')).toBeLessThan(first('answer'));
  expect(truth[first('health')]).toMatchObject({ region: 'us-east-1', from: true, to: false });
  expect(first('answer')).toBeLessThan(moved);
});
