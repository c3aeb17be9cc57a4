/** docs/checks: the tables of grpc.md and icmp.md have every key, and their examples work. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Check } from '../../contract/check.ts';
import type { Observation } from '../../contract/result.ts';
import { attempt } from '../../probes/attempt.ts';
import { assignmentOf } from '../../scenarios/compile.ts';
import { parseScenario } from '../../scenarios/define.ts';
import { answerTo, dnsServer } from '../fakes/dns-server.ts';
import { answers, healthMessage, healthServer, registry } from '../fakes/health-server.ts';
import { newAuthority } from '../fakes/pki.ts';
import { passingClock, probing } from '../fakes/probing.ts';
import { codeIn, rowsOf } from './pages.ts';

const page = (name: string): string => readFileSync(join(import.meta.dirname, '../../docs/checks', name), 'utf8');

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const addresses: Readonly<Record<string, string>> = {
  us: '127.1.0.1',
  eu: '127.2.0.1',
  api: '127.3.0.1',
  gateway: '127.4.0.1',
};

/** The checks of a page's example, where its names are known. `source` replaces what is written there. */
async function example(name: string, ca: string | undefined, source: (text: string) => string = (text) => text) {
  const [, text = ''] = /```yaml\n(.*?)```/s.exec(page(name)) ?? [];
  const dns = await dnsServer((query) => {
    const asked = query.packet.questions?.[0]?.name ?? '';
    const data = addresses[asked.split('.')[0] ?? ''];
    return answerTo(query, data === undefined ? [] : [{ type: 'A', name: asked, ttl: 30, data }]);
  });
  ends.push(() => dns.close());
  const { checks } = assignmentOf(parseScenario(parse(source(text))), 1);
  const secrets = { read: () => Promise.resolve('Bearer s3cret') };
  const context = {
    ...probing(passingClock(), { resolver: dns.at, ...(ca === undefined ? {} : { ca }) }),
    secrets,
  };
  return async (id: string): Promise<Observation> =>
    attempt(checks.find((check) => check.id === id) as Check, context, undefined);
}

/** Keys that a reader of scenarios knows, out of what it says to one that it does not know. */
function knownKeys(more: object): readonly string[] {
  const regions = { eu: { jurisdiction: 'EU', endpoint: 'http://eu.example' } };
  try {
    parseScenario({
      service: 'shop',
      regions,
      checks: [{ name: 'home', to: 'regions', every: '10s', zzz: 1, ...more }],
    });
  } catch (error) {
    const [line = ''] = String(error)
      .split('\n')
      .filter((one) => one.includes('checks[0].zzz:'));
    return (/want one of (.*?)( \(nearest.*)?$/.exec(line)?.[1] ?? '').split(', ');
  }
  return [];
}

const common = ['name', 'kind', 'every', 'timeout', 'from', 'quorum'];

for (const [kind, more] of [
  ['grpc', { kind: 'grpc', port: 1 }],
  ['icmp', { kind: 'icmp' }],
] as const) {
  test(`the table of ${kind}.md has every key of such a check`, () => {
    const keys = rowsOf(page(`${kind}.md`), 'key').map(([key]) => codeIn(key));
    expect(knownKeys(more).toSorted()).toEqual([...common, ...keys].toSorted());
  });
}

test('the example of grpc.md: a region whose cart is not served is bad, and the other is good', async () => {
  const us = await healthServer(answers(healthMessage(1), undefined, { 'x-region': 'us-east-1' }), {
    host: '127.1.0.1',
  });
  ends.push(us.close);
  const eu = await healthServer(registry({ 'shop.Cart': 2 }), { host: '127.2.0.1', port: us.at.port });
  ends.push(eu.close);
  const made = await example('grpc.md', undefined, (text) => text.replace('8443', String(us.at.port)));
  expect(await made('cart/us-east-1')).toMatchObject({ outcome: 'good', servedBy: 'us-east-1' });
  expect(await made('cart/eu-west-1')).toMatchObject({
    outcome: 'bad',
    failedAt: 'answer',
    reason: 'health: got NOT_SERVING, want SERVING',
    details: { extra: { grpcStatus: 0, serving: 'NOT_SERVING' } },
  });
});

test('the example of grpc.md: over TLS, with a token that the agent has', async () => {
  const authority = await newAuthority('shop', Date.now());
  const tls = await authority.issue({ commonName: 'api', dns: ['api.shop.example'], usage: 'server' });
  const server = await healthServer(registry({ '': 1 }), { host: '127.3.0.1', tls });
  ends.push(server.close);
  const made = await example('grpc.md', authority.caPem, (text) => text.replace('9443', String(server.at.port)));
  expect(await made('api')).toMatchObject({ outcome: 'good' });
  expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Bearer s3cret', 'x-team': 'shop' });
});

test('the example of icmp.md: hosts that are there answer', async () => {
  const made = await example('icmp.md', undefined);
  for (const id of ['reach/us-east-1', 'reach/eu-west-1', 'gateway']) {
    const observation = await made(id);
    expect(observation).toMatchObject({ outcome: 'good', details: { extra: { by: 'udp' } } });
    expect(Object.keys(observation.phases)).toEqual(['resolve', 'firstByte']);
  }
});
