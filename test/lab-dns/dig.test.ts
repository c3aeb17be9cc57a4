/** What people will point at the lab: the real `dig`, where the machine has it. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { seededRandom } from '../../contract/random.ts';
import { nameServers } from '../../lab/dns/authority.ts';
import { geography } from '../../lab/dns/geography.ts';
import { cachingResolver } from '../../lab/dns/resolver.ts';
import { fakeClock } from '../fakes/clock.ts';
import { agentZone, values } from '../zone/records.ts';
import { controlPlane, places, regionOf } from './ask.ts';

const run = promisify(execFile);
const present = spawnSync('dig', ['-v']).status === 0;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start() {
  const deps = { clock: fakeClock(), random: seededRandom(1), truth: () => undefined };
  const text = { ...values('text'), type: 'TXT' as const };
  const target = { kind: 'values', ttlSeconds: 5, values: ['"v=1 \\"quoted\\"" "second"'] } as const;
  const plane = controlPlane({ ...agentZone, records: [...agentZone.records, { ...text, target }] });
  const options = { store: plane.store, health: plane.health, locate: geography(places), regionOf, places };
  const servers = await nameServers({ addresses: ['127.0.0.53'], port: 0, watchNames: [], ...options }, deps);
  const resolver = await cachingResolver(
    {
      address: '127.1.0.53',
      port: 0,
      servers: [{ host: '127.0.0.53', port: servers.port }],
      subnet: '198.51.100.0/24',
      regionOf,
    },
    deps,
  );
  closing.push(resolver.close, servers.close);
  const dig = async (...args: readonly string[]): Promise<string> =>
    (await run('dig', ['@127.0.0.53', '-p', String(servers.port), '+tries=1', ...args])).stdout;
  const digResolver = async (...args: readonly string[]): Promise<string> =>
    (await run('dig', ['@127.1.0.53', '-p', String(resolver.port), '+tries=1', ...args])).stdout;
  return { dig, digResolver };
}

describe.skipIf(!present)('dig (skipped where it is not installed)', () => {
  test('reads answers, subnets, server ids and texts of a name server', async () => {
    const { dig } = await start();
    expect(await dig('+short', 'eu.agent.test')).toBe('127.2.0.1\n');
    expect(await dig('+short', '+tcp', '+subnet=192.0.2.0/24', 'api.agent.test')).toBe('127.3.0.1\n');
    expect(await dig('+nsid', '+subnet=198.51.100.0/24', 'api.agent.test')).toMatch(
      /CLIENT-SUBNET: 198\.51\.100\.0\/24\/24[\s\S]*NSID: [^\n]*127\.0\.0\.53[\s\S]*127\.1\.0\.1/,
    );
    expect(await dig('+short', 'text.agent.test', 'TXT')).toBe('"v=1 \\"quoted\\"" "second"\n');
    expect(await dig('nope.agent.test')).toMatch(/status: NXDOMAIN[\s\S]*flags: qr aa/);
  });

  test('is answered with the default and with no cookie, with DNSSEC asked for, and about types nobody has', async () => {
    const { dig } = await start();
    for (const args of [[], ['+nocookie'], ['+dnssec'], ['+noedns'], ['+subnet=0']]) {
      expect(await dig(...args, 'eu.agent.test')).toMatch(/status: NOERROR[\s\S]*127\.2\.0\.1/);
    }
    expect(await dig('eu.agent.test', 'HTTPS')).toMatch(/status: NOERROR[\s\S]*ANSWER: 0/);
    expect(await dig('agent.test', 'SOA', '+short')).toMatch(/^ns-1\.agent\.test\. awsdns-hostmaster/);
  });

  test('sees the place of a resolver', async () => {
    const { digResolver } = await start();
    expect(await digResolver('+short', 'api.agent.test')).toBe('127.1.0.1\n');
    expect(await digResolver('+short', '+subnet=203.0.113.0/24', 'api.agent.test')).toBe('127.2.0.1\n');
    expect(await digResolver('+short', '+tcp', 'us.agent.test')).toBe('127.1.0.1\n');
  });
});
