/** docs/checks: the index has every page, tables have every key, and the examples of http and residency work. */
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Check } from '../../contract/check.ts';
import type { Observation } from '../../contract/result.ts';
import { attempt } from '../../probes/attempt.ts';
import { assignmentOf } from '../../scenarios/compile.ts';
import { parseScenario } from '../../scenarios/define.ts';
import { answerTo, dnsServer } from '../fakes/dns-server.ts';
import { passingClock, probing } from '../fakes/probing.ts';
import { codeIn, rowsOf } from './pages.ts';

const folder = join(import.meta.dirname, '../../docs/checks');
const page = (name: string): string => readFileSync(join(folder, name), 'utf8');

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const addresses: Readonly<Record<string, string>> = { us: '127.1.0.1', eu: '127.2.0.1', api: '127.3.0.1' };

/** A service at each host of the page's example, and the checks of that example. */
async function shop(name: string, answer: (host: string) => RequestListener) {
  const [, source = ''] = /```yaml\n(.*?)```/s.exec(page(name)) ?? [];
  let port = 0;
  for (const [host, address] of Object.entries(addresses)) {
    const server = createServer(answer(host));
    server.listen(port, address);
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
    ends.push(() => {
      server.close();
      server.closeAllConnections();
    });
  }
  const dns = await dnsServer((query) => {
    const asked = query.packet.questions?.[0]?.name ?? '';
    const data = addresses[asked.split('.')[0] ?? ''];
    return answerTo(query, data === undefined ? [] : [{ type: 'A', name: asked, ttl: 30, data }]);
  });
  ends.push(() => dns.close());
  const { checks } = assignmentOf(parseScenario(parse(source.replaceAll('.shop.example', `.shop.example:${port}`))), 1);
  const secrets = { read: () => Promise.resolve('s3cret') };
  const context = { ...probing(passingClock(), { resolver: dns.at }), secrets };
  return async (id: string): Promise<Observation> =>
    attempt(checks.find((check) => check.id === id) as Check, context, undefined);
}

test('the index has every page, and every page of the index is there', () => {
  const pages = readdirSync(folder).filter((name) => name !== 'README.md');
  for (const name of pages) expect(page('README.md')).toContain(`* [${name}](${name}): `);
  for (const [, target = ''] of page('README.md').matchAll(/\]\(([^)#]+)\)/g)) {
    expect(existsSync(join(folder, target)), target).toBe(true);
  }
});

/** Keys that a reader of scenarios knows, out of what it says to one that it does not know. */
function knownKeys(more: object, place: string): readonly string[] {
  const source = { service: 'shop', regions: { eu: { jurisdiction: 'EU', endpoint: 'http://eu.example' } } };
  const check = { name: 'home', kind: 'http', to: 'regions', every: '10s', ...more };
  try {
    parseScenario({ ...source, identity: { userCountry: { requestHeader: 'x' } }, checks: [check] });
  } catch (error) {
    const [line = ''] = String(error)
      .split('\n')
      .filter((one) => one.includes(`${place}:`));
    return (/want one of (.*?)( \(nearest.*)?$/.exec(line)?.[1] ?? '').split(', ');
  }
  return [];
}

const common = ['name', 'kind', 'every', 'timeout', 'from', 'quorum'];

test('the table of an http check has every key, and that of its expectations', () => {
  const keys = rowsOf(page('http.md'), 'key').map(([key]) => codeIn(key));
  expect(knownKeys({ zzz: 1 }, 'checks[0].zzz').toSorted()).toEqual([...common, ...keys, 'expect'].toSorted());
  const expected = rowsOf(page('http.md'), 'key of `expect`').map(([key]) => codeIn(key));
  expect(knownKeys({ expect: { zzz: 1 } }, 'checks[0].expect.zzz').toSorted()).toEqual(expected.toSorted());
});

test('the tables of a residency check and of all checks have every key', () => {
  const keys = rowsOf(page('residency.md'), 'key').map(([key]) => codeIn(key));
  expect(rowsOf(page('README.md'), 'key').map(([key]) => codeIn(key))).toEqual(common);
  expect(knownKeys({ kind: 'residency', userCountry: 'DE', zzz: 1 }, 'checks[0].zzz').toSorted()).toEqual(
    [...common, ...keys].toSorted(),
  );
});

test('the example of http.md: a region that is ready is good, and one that is not says why', async () => {
  const made = await shop('http.md', (host) => (_request, response) => {
    response.writeHead(200, {
      'content-type': 'application/json',
      'x-region': host === 'us' ? 'us-east-1' : 'eu-west-1',
    });
    response.end(JSON.stringify({ ready: true, replicas: host === 'us' ? 3 : 1 }));
  });
  expect(await made('home/us-east-1')).toMatchObject({ outcome: 'good', servedBy: 'us-east-1' });
  expect(await made('home/eu-west-1')).toMatchObject({
    outcome: 'bad',
    failedAt: 'answer',
    reason: 'answer: got false, want body.replicas >= 2',
  });
});

test('the example of http.md: a login over redirects, with a cookie and a token', async () => {
  const asked: string[] = [];
  const made = await shop('http.md', () => (request, response) => {
    asked.push(`${request.url} ${request.headers.cookie ?? '-'} ${request.headers.authorization ?? '-'}`);
    if (request.url === '/old-login')
      response.writeHead(302, { location: '/login', 'set-cookie': 'a=b; Path=/' }).end();
    else response.writeHead(200).end('Welcome');
  });
  expect(await made('login')).toMatchObject({ outcome: 'good' });
  expect(asked).toEqual(['/old-login - Bearer s3cret', '/login a=b Bearer s3cret']);
});

test('the example of residency.md: the union serves its own, and others have to refuse them', async () => {
  const made = await shop('residency.md', (host) => (request, response) => {
    expect(request.headers['x-user-country']).toBe('DE');
    if (host === 'eu') response.writeHead(201, { 'x-region': 'eu-west-1', 'x-stored-in': 'eu-west-1' }).end();
    else response.writeHead(200, { 'x-region': 'us-east-1', 'x-stored-in': 'us-east-1' }).end();
  });
  expect(await made('write/eu-west-1')).toMatchObject({ outcome: 'good' });
  expect(await made('write/us-east-1')).toMatchObject({ outcome: 'bad', details: { leak: true } });
});
