/** docs/checks/dns.md: its example works, its tables have every key, and its patterns are blackbox_exporter's. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Check } from '../../contract/check.ts';
import { systemClock } from '../../contract/clock.ts';
import type { Observation } from '../../contract/result.ts';
import { attempt } from '../../probes/attempt.ts';
import { brokenRule, type RuleName } from '../../probes/dns/validators.ts';
import { assignmentOf } from '../../scenarios/compile.ts';
import { parseScenario } from '../../scenarios/define.ts';
import { type Answering, answerTo, type DnsServer, dnsServer } from '../fakes/dns-server.ts';
import { newAuthority } from '../fakes/pki.ts';
import { passingClock, probing } from '../fakes/probing.ts';
import { type SecureDnsServer, secureDnsServer } from '../fakes/secure-dns-server.ts';
import { codeIn, rowsOf } from './pages.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/checks/dns.md'), 'utf8');
const [, example = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];

const mail = (preference: number, exchange: string) => ({ preference, exchange: `${exchange}.shop.example` });
const soa = {
  mname: 'ns.shop.example',
  rname: 'a.shop.example',
  serial: 7,
  refresh: 1,
  retry: 2,
  expire: 3,
  minimum: 4,
};
let exchanges = ['mail1', 'mail2'];

/** The authority of the example: users of London are led to Frankfurt, all others to Virginia. */
const authority: Answering = (query) => {
  const { name = '', type } = query.packet.questions?.[0] ?? {};
  const [opt] = query.packet.additionals ?? [];
  const [option] = opt?.type === 'OPT' ? opt.options : [];
  if (type === 'MX')
    return answerTo(
      query,
      exchanges.map((one) => ({ type: 'MX', name, ttl: 60, data: mail(10, one) })),
    );
  if (type === 'SOA') {
    const options = [{ code: 3, data: Buffer.from('ns-fra-7') }] as never;
    const head = { type: 'OPT' as const, name: '.' as const, udpPayloadSize: 1_232, extendedRcode: 0, ednsVersion: 0 };
    const additionals = [{ ...head, flags: 0, flag_do: false, options }];
    return answerTo(query, [{ type: 'SOA', name, ttl: 5, data: soa }], { flags: 0x0400, additionals });
  }
  const fromLondon = option !== undefined && 'ip' in option && option.ip === london.split('/')[0];
  return answerTo(query, [{ type: 'A', name, ttl: 20, data: fromLondon ? '127.2.0.1' : '127.1.0.1' }]);
};
const { london, checks } = (() => {
  const scenario = parseScenario(parse(example));
  return {
    london: scenario.places['london']?.subnet ?? '',
    checks: assignmentOf(scenario, 1).checks as Check<'dns'>[],
  };
})();

let ns: DnsServer;
let doh: SecureDnsServer;
let caPem: string;
beforeAll(async () => {
  const signer = await newAuthority('docs', systemClock().wallMs());
  caPem = signer.caPem;
  const pem = await signer.issue({ commonName: 'dns', dns: ['dns.shop.example'], usage: 'server' });
  ns = await dnsServer(authority);
  doh = await secureDnsServer((query) => answerTo(query, [], { flags: 0x0183 }), { over: 'https', pem });
});
afterAll(() => Promise.all([ns.close(), doh.close()]));

/** The check as it is compiled, but for the ports that are free here. */
async function made(id: string): Promise<Observation> {
  const names = await dnsServer((query) =>
    answerTo(query, [{ type: 'A', name: 'dns.shop.example', ttl: 1, data: '127.0.0.1' }]),
  );
  const check = checks.find((one) => one.id === id) as Check<'dns'>;
  const at = check.server === '192.0.2.53:53' ? `127.0.0.1:${ns.at.port}` : `dns.shop.example:${doh.at.port}`;
  const context = probing(passingClock(), { ca: caPem, resolver: names.at });
  const seen = await attempt({ ...check, server: at }, context, undefined);
  await names.close();
  return seen;
}

test('the example is these checks', () => {
  expect(checks.map(({ id }) => id)).toEqual([
    ...['geo/new-york@192.0.2.53:53', 'geo/london@192.0.2.53:53'],
    ...['mail@192.0.2.53:53', 'serial@192.0.2.53:53', 'private@dns.shop.example:443'],
  ]);
});

test('users of two cities are led to their regions', async () => {
  expect(await made('geo/new-york@192.0.2.53:53')).toMatchObject({ outcome: 'good', region: 'us-east-1' });
  expect(await made('geo/london@192.0.2.53:53')).toMatchObject({ outcome: 'good', region: 'eu-west-1' });
});

test('mail goes to the servers that it should, and to no other', async () => {
  const good = await made('mail@192.0.2.53:53');
  expect(good).toMatchObject({
    outcome: 'good',
    details: { answers: ['10 mail1.shop.example.', '10 mail2.shop.example.'] },
  });
  expect(ns.queries.at(-1)?.over).toBe('tcp');
  exchanges = ['mail1', 'mail9'];
  expect(await made('mail@192.0.2.53:53')).toMatchObject({
    outcome: 'bad',
    failedAt: 'answer',
    reason: 'answer: got shop.example.\t60\tIN\tMX\t10 mail9.shop.example., want matchNone mail9',
  });
});

test('the serial of the zone is shown, and which server said so', async () => {
  const seen = await made('serial@192.0.2.53:53');
  expect(seen).toMatchObject({ outcome: 'good', details: { extra: { serial: 7, nsid: 'ns-fra-7' } } });
  expect(ns.queries.at(-1)?.packet.flag_rd).toBe(false);
});

test('an encrypted resolver is asked by its name, and a name that is gone is good', async () => {
  const seen = await made('private@dns.shop.example:443');
  expect(seen).toMatchObject({ outcome: 'good', details: { rcode: 'NXDOMAIN', answers: [] } });
  expect(Object.keys(seen.phases)).toEqual(['resolve', 'connect', 'tls', 'firstByte', 'transfer']);
});

/** What a reader of scenarios says to a key that it does not know. */
function knownKeys(more: object, place: string): readonly string[] {
  const source = parse(example) as { checks: object[] };
  const [first] = source.checks;
  try {
    parseScenario({ ...source, checks: [{ ...first, ...more }] });
  } catch (error) {
    const line = String(error)
      .split('\n')
      .find((one) => one.includes(`${place}:`));
    return (/want one of (.*?)( \(nearest.*)?$/.exec(line ?? '')?.[1] ?? '').split(', ');
  }
  return [];
}

test('the tables have every key', () => {
  const common = ['name', 'kind', 'every', 'timeout', 'from', 'quorum'];
  const keys = rowsOf(page, 'key').map(([key]) => codeIn(key));
  expect(knownKeys({ zzz: 1 }, 'checks[0].zzz').toSorted()).toEqual([...common, ...keys].toSorted());
  const patterns = rowsOf(page, 'pattern').map(([key]) => codeIn(key));
  expect(knownKeys({ validate: { answer: { zzz: 1 } } }, 'checks[0].validate.answer.zzz')).toEqual(patterns);
});

test('each pattern is the validator of blackbox_exporter that stands beside it', async () => {
  const rules = {
    failIfMatchesRegexp: [],
    failIfAllMatchRegexp: [],
    failIfNotMatchesRegexp: [],
    failIfNoneMatchesRegexp: [],
  };
  const check = checks.find(({ name }) => name === 'mail') as Check<'dns'>;
  const server = `127.0.0.1:${ns.at.port}`;
  for (const [pattern, , theirs] of rowsOf(page, 'pattern')) {
    const rule = codeIn(theirs).replaceAll(/_(\w)/g, (_whole, letter: string) => letter.toUpperCase()) as RuleName;
    for (const served of [[], ['mail1'], ['mail1', 'mail2'], ['mail2']]) {
      exchanges = served;
      const validate = { answer: { [codeIn(pattern)]: ['mail1'] } };
      const seen = await attempt({ ...check, server, validate }, probing(passingClock()), undefined);
      const outcome = brokenRule(served, { ...rules, [rule]: ['mail1'] }) === undefined ? 'good' : 'bad';
      expect([rule, served, seen.outcome]).toEqual([rule, served, outcome]);
    }
  }
});
