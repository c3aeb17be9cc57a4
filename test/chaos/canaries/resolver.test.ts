/** `resolver` of a drill's canaries: from the scenario to where a write through an entry name arrives. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ask, canaryDeps } from '../../../chaos/canaries/ask.ts';
import { canaryBook } from '../../../chaos/canaries/book.ts';
import { formatHostPort } from '../../../contract/address.ts';
import { systemClock } from '../../../contract/clock.ts';
import { parseScenario } from '../../../scenarios/define.ts';
import { answerTo, type DnsServer, dnsServer } from '../../fakes/dns-server.ts';
import { sound } from '../../scenarios/sound.ts';
import { canaryPlan } from './plan.ts';

const clock = systemClock();
const name = 'api.shop.example';
const missing = { flags: 0x8183 };
const refused = { flags: 0x8185 };

/** A door that tells which it is; of port 0, any that is free. */
async function door(host: string, port: number): Promise<number> {
  const server = createServer((_request, response) => response.end(host));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Doors that share a port; what is free at the first may be somebody's at the other, and then another is taken. */
async function doors([first, second]: readonly [string, string]): Promise<number> {
  for (let left = 20; ; left -= 1) {
    try {
      return await door(second, await door(first, 0));
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}

type Told = Readonly<Partial<Record<'A' | 'AAAA', string>>>;

/** What it says of the name at the moment; `null`: that it refuses to answer. */
async function nameServer(told: () => Told | 'nothing' | null): Promise<DnsServer> {
  const server = await dnsServer((query) => {
    const [question] = query.packet.questions ?? [];
    const says = told();
    if (says === 'nothing') return undefined;
    if (says === null) return answerTo(query, [], refused);
    if (question?.name !== name) return answerTo(query, [], missing);
    const data = question.type === 'A' || question.type === 'AAAA' ? says[question.type] : undefined;
    return answerTo(query, data === undefined ? [] : [{ type: question.type as 'A', name, ttl: 300, data }]);
  });
  onTestFinished(() => server.close());
  return server;
}

/** Writes one number through the entry name, as a drill of that scenario would. */
function writerBy(resolver: string, nameservers: readonly string[], port: number, entry = name) {
  const zone = { ...(sound()['zone'] as object), nameservers };
  const scenario = parseScenario({ ...sound(), zone, entry: { api: `http://${entry}:${port}` } });
  const [drill] = scenario.drills;
  if (drill === undefined) throw new Error('no drill');
  const book = canaryBook(scenario, drill, { ...canaryPlan, userCountry: 'US', resolver, timeoutMs: 30_000 }, 'd1');
  const deps = canaryDeps(book, undefined, clock);
  return () => ask(book, book.plan.write, { place: 'entry.api', id: 'blackstart-d1-entry.api-1', seq: 1 }, deps);
}

test('an address and a port answers for entry names, anew for each write, however long its answers hold', async () => {
  const port = await doors(['127.0.0.1', '127.0.0.2']);
  let leads = '127.0.0.1';
  const server = await nameServer(() => ({ A: leads }));
  const other = await nameServer(() => ({ A: '127.0.0.3' }));
  const write = writerBy(formatHostPort(server.at), [formatHostPort(other.at)], port);
  expect(await write()).toMatchObject({ body: '127.0.0.1' });
  leads = '127.0.0.2';
  expect(await write()).toMatchObject({ body: '127.0.0.2' });
  expect(other.queries).toEqual([]);
});

test.each(['refuses', 'says nothing'] as const)(
  'the authorities are the zone’s name servers: where one %s the next is asked, and then stayed with',
  async (how) => {
    const port = await doors(['127.0.0.1', '127.0.0.2']);
    const first = await nameServer(() => (how === 'refuses' ? null : 'nothing'));
    const second = await nameServer(() => ({ A: '127.0.0.2' }));
    const write = writerBy(
      'authorities',
      [first, second].map(({ at }) => formatHostPort(at)),
      port,
    );
    expect(await write()).toMatchObject({ body: '127.0.0.2' });
    const asked = first.queries.length;
    expect(asked).toBeGreaterThan(0);
    expect(await write()).toMatchObject({ body: '127.0.0.2' });
    expect(first.queries.length).toBe(asked);
  },
);

test('where all refuse, the write failed', async () => {
  const port = await doors(['127.0.0.1', '127.0.0.2']);
  const servers = await Promise.all([nameServer(() => null), nameServer(() => null)]);
  const write = writerBy(
    'authorities',
    servers.map(({ at }) => formatHostPort(at)),
    port,
  );
  expect(await write()).toEqual({ failed: expect.stringContaining('EREFUSED') });
  expect(servers.every(({ queries }) => queries.length > 0)).toBe(true);
});

test('a name that has an IPv6 address alone is reached there', async () => {
  const port = await doors(['127.0.0.1', '::1']);
  const server = await nameServer(() => ({ AAAA: '::1' }));
  expect(await writerBy(formatHostPort(server.at), [], port)()).toMatchObject({ body: '::1' });
});

test('a name that nobody knows there is a write that failed, and says so', async () => {
  const port = await doors(['127.0.0.1', '127.0.0.2']);
  const server = await nameServer(() => ({ A: '127.0.0.1' }));
  const write = writerBy(formatHostPort(server.at), [], port, 'gone.shop.example');
  expect(await write()).toEqual({ failed: expect.stringContaining('ENOTFOUND gone.shop.example') });
});

test('an address as an entry is looked up nowhere', async () => {
  const port = await doors(['127.0.0.1', '127.0.0.2']);
  const server = await nameServer(() => ({ A: '127.0.0.1' }));
  expect(await writerBy(formatHostPort(server.at), [], port, '127.0.0.2')()).toMatchObject({ body: '127.0.0.2' });
  expect(server.queries).toEqual([]);
});
