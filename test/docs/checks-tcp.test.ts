/** docs/checks/tcp.md and tls.md: tables have every key, and the examples work on real servers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Check } from '../../contract/check.ts';
import { systemClock } from '../../contract/clock.ts';
import { Mistakes } from '../../contract/mistake.ts';
import type { Observation } from '../../contract/result.ts';
import { attempt } from '../../probes/attempt.ts';
import { assignmentOf } from '../../scenarios/compile.ts';
import { parseScenario } from '../../scenarios/define.ts';
import { talks } from '../fakes/dialogue.ts';
import { answerTo, dnsServer } from '../fakes/dns-server.ts';
import { newAuthority } from '../fakes/pki.ts';
import { passingClock, probing } from '../fakes/probing.ts';
import { startTlsServer } from '../fakes/starttls-server.ts';
import { tcpTarget } from '../fakes/tcp-target.ts';
import { tlsTarget } from '../fakes/tls-target.ts';
import { broken } from '../scenarios/sound.ts';
import { codeIn, rowsOf } from './pages.ts';

const page = (name: string): string => readFileSync(join(import.meta.dirname, '../../docs/checks', name), 'utf8');

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const addresses: Readonly<Record<string, string>> = { us: '127.1.0.1', eu: '127.2.0.1', mail: '127.3.0.1' };

/** Makes attempts at the checks of a page's example, with what it says replaced as told. */
async function example(name: string, replaced: Readonly<Record<string, string>>, ca?: string) {
  let [, source = ''] = /```yaml\n(.*?)```/s.exec(page(name)) ?? [];
  for (const [from, to] of Object.entries(replaced)) {
    expect(source).toContain(from);
    source = source.replaceAll(from, to);
  }
  const dns = await dnsServer((query) => {
    const asked = query.packet.questions?.[0]?.name ?? '';
    const data = addresses[asked.split('.')[0] ?? ''];
    return answerTo(query, data === undefined ? [] : [{ type: 'A', name: asked, ttl: 30, data }]);
  });
  ends.push(() => dns.close());
  const { checks } = assignmentOf(parseScenario(parse(source)), 1);
  const secrets = { read: () => Promise.resolve('s3cret') };
  const options = { resolver: dns.at, ...(ca === undefined ? {} : { ca }) };
  const context = { ...probing(passingClock(), options), clock: systemClock(), secrets };
  return (id: string): Promise<Observation> =>
    attempt(checks.find((check) => check.id === id) as Check, context, undefined);
}

/** Keys that a reader of scenarios knows, out of what it says to one that it does not know. */
function knownKeys(check: object, place: string): readonly string[] {
  try {
    parseScenario(broken(['checks', 0], { name: 'home', to: 'regions', every: '10s', ...check }));
  } catch (error) {
    if (!(error instanceof Mistakes)) throw error;
    const line = error.message.split('\n').find((one) => one.startsWith(`${place}.zzz: `));
    return (/want one of (.*?)( \(nearest.*)?$/.exec(line ?? '')?.[1] ?? '').split(', ').toSorted();
  }
  return [];
}

const common = ['name', 'kind', 'every', 'timeout', 'from', 'quorum'];
function keysOf(name: string, head: string): readonly string[] {
  return rowsOf(page(name), head).map(([key]) => codeIn(key));
}

describe('the tables have every key', () => {
  test('of a tcp check and its steps', () => {
    expect(knownKeys({ kind: 'tcp', zzz: 1 }, 'checks[0]')).toEqual([...common, ...keysOf('tcp.md', 'key')].toSorted());
    const steps = knownKeys({ kind: 'tcp', dialogue: [{ zzz: 1 }] }, 'checks[0].dialogue[0]');
    expect(steps).toEqual(keysOf('tcp.md', 'key of a step').toSorted());
  });

  test('of a tls check and what it expects', () => {
    expect(knownKeys({ kind: 'tls', zzz: 1 }, 'checks[0]')).toEqual([...common, ...keysOf('tls.md', 'key')].toSorted());
    const expected = knownKeys({ kind: 'tls', expect: { zzz: 1 } }, 'checks[0].expect');
    expect(expected).toEqual(keysOf('tls.md', 'key of `expect`').toSorted());
  });
});

test('the example of tcp.md: a port that is open, one that is not, and an inbox', async () => {
  const us = await tcpTarget(() => undefined, addresses['us']);
  const eu = await tcpTarget(() => undefined, addresses['eu']);
  await eu.close();
  const heard: string[] = [];
  const mail = await tcpTarget((socket) => {
    const answers = ['+OK send it\r\n', '+OK 3 messages\r\n'];
    talks(socket, '+OK pop.shop.example ready\r\n', (line) => {
      heard.push(line);
      return answers[heard.length - 1];
    });
  }, addresses['mail']);
  ends.push(us.close, mail.close);
  const made = await example('tcp.md', {
    'us.shop.example': `us.shop.example:${us.at.port}`,
    'eu.shop.example': `eu.shop.example:${eu.at.port}`,
    'port: 1100': `port: ${mail.at.port}`,
  });
  expect(await made('port/us-east-1')).toMatchObject({ outcome: 'good' });
  expect(await made('port/eu-west-1')).toMatchObject({ outcome: 'bad', failedAt: 'connect' });
  expect(await made('inbox')).toMatchObject({
    outcome: 'good',
    details: { extra: { labels: { server: 'pop.shop.example' } } },
  });
  expect(heard).toEqual(['USER probe@pop.shop.example', 'PASS s3cret']);
});

test('the example of tls.md: a certificate for the shop, one that is not, and that of a mail server', async () => {
  const root = await newAuthority('Shop Root', systemClock().wallMs());
  const issued = async (...dns: readonly string[]) =>
    root.issue({ commonName: dns[0] ?? '', dns, usage: 'server', forMs: 20 * 86_400_000 });
  const us = await tlsTarget(await issued('us.shop.example', 'shop.example'), () => undefined, addresses['us']);
  const eu = await tlsTarget(await issued('eu.shop.example'), () => undefined, addresses['eu']);
  const mail = await startTlsServer('smtp', await issued('mail.shop.example'), undefined, addresses['mail']);
  ends.push(us.close, eu.close, mail.close);
  const ports = {
    'us.shop.example }': `us.shop.example:${us.at.port} }`,
    'eu.shop.example }': `eu.shop.example:${eu.at.port} }`,
    'port: 2500': `port: ${mail.at.port}`,
  };
  // An authority's own certificate lasts for a day in tests; it is not sent, and so not what has to last.
  const made = await example('tls.md', ports, root.caPem);
  expect(await made('certificate/us-east-1')).toMatchObject({ outcome: 'good' });
  expect(await made('certificate/eu-west-1')).toMatchObject({
    outcome: 'bad',
    failedAt: 'answer',
    reason: 'certificate: got eu.shop.example, want shop.example among them',
  });
  expect(await made('mail-certificate')).toMatchObject({
    outcome: 'good',
    details: { extra: { tlsVersion: 'TLS 1.3', subject: 'CN=mail.shop.example', issuer: 'CN=Shop Root' } },
  });
});
