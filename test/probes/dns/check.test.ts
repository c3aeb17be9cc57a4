/** What checks of kind dns show and expect, beside addresses over UDP. */
import { describe, expect, test } from 'vitest';
import type { Check } from '../../../contract/check.ts';
import type { Observation } from '../../../contract/result.ts';
import { type AttemptContext, attempt } from '../../../probes/attempt.ts';
import type { Transport } from '../../../probes/dns/inquiry.ts';
import { addsUp } from '../../conformance/probers.ts';
import { answerTo, type DnsServer } from '../../fakes/dns-server.ts';
import { dnsCheck, passingClock, probing } from '../../fakes/probing.ts';
import { a, authority, good, serve } from './asking.ts';

async function probe(
  server: Pick<DnsServer, 'at'>,
  more: Partial<Check<'dns'>>,
  context: Partial<AttemptContext> = {},
): Promise<Observation> {
  const seen = await attempt(
    dnsCheck(server.at, more),
    { ...probing(passingClock(), { ca: authority.caPem }), ...context },
    undefined,
  );
  addsUp(seen);
  return seen;
}
const name = 'api.agent.test';
const txt = (data: string) => ({ type: 'TXT' as const, name, ttl: 30, data });
const mx = (preference: number, exchange: string) => ({
  type: 'MX' as const,
  name,
  ttl: 9,
  data: { preference, exchange },
});

describe('a dns check', () => {
  test.each<readonly [Transport, readonly string[]]>([
    ['udp', ['resolve']],
    ['tcp', ['connect', 'firstByte', 'transfer']],
    ['tls', ['connect', 'tls', 'firstByte', 'transfer']],
    ['https', ['connect', 'tls', 'firstByte', 'transfer']],
  ])('over %s shows addresses, where they lead, and its phases', async (transport, phases) => {
    const server = await serve(transport, (query) => answerTo(query, [a('127.1.0.1'), a('127.2.0.1')]));
    const seen = await probe(server, { transport });
    expect(seen).toMatchObject({ outcome: 'good', region: 'us-east-1', servedBy: null });
    expect(seen.details).toEqual({
      server: `127.0.0.1:${server.at.port}`,
      rcode: 'NOERROR',
      answers: ['127.1.0.1', '127.2.0.1'],
      ttlSeconds: 60,
    });
    expect(Object.keys(seen.phases)).toEqual(phases);
    expect(server.queries[0]?.over).toBe(transport);
    expect(await probe(server, { transport, expectRegions: ['us-east-1'] })).toMatchObject({
      outcome: 'bad',
      failedAt: 'answer',
      reason: 'answer: got 127.2.0.1 (eu-west-1), want us-east-1',
    });
  });

  test('of another type shows its records, and the smallest TTL of the answer', async () => {
    const server = await serve('udp', (query) => answerTo(query, [mx(10, 'a.test'), mx(20, 'b.test'), txt('no')]));
    expect((await probe(server, { recordType: 'MX' })).details).toMatchObject({
      answers: ['10 a.test.', '20 b.test.'],
      ttlSeconds: 9,
    });
    expect((await probe(server, { recordType: 'TYPE15' })).details.answers).toEqual(['10 a.test.', '20 b.test.']);
    expect((await probe(server, { recordType: 'ANY' })).details.answers).toHaveLength(3);
    expect(await probe(server, { recordType: 'NS' })).toMatchObject({
      outcome: 'bad',
      failedAt: 'answer',
      reason: 'api.agent.test: got no NS record, want at least 1',
    });
  });

  test('shows a zone’s serial and the name of the server', async () => {
    const soa = {
      mname: 'ns.test',
      rname: 'a.test',
      serial: 2_026_112_200,
      refresh: 1,
      retry: 2,
      expire: 3,
      minimum: 4,
    };
    const server = await serve('tcp', (query) => {
      const options = [{ code: 3, data: Buffer.from('ns7.fra') }] as never;
      const opt = { type: 'OPT' as const, name: '.' as const, udpPayloadSize: 1_232, extendedRcode: 0, ednsVersion: 0 };
      const additionals = [{ ...opt, flags: 0, flag_do: false, options }];
      return answerTo(query, [{ type: 'SOA', name, ttl: 5, data: soa }], { additionals });
    });
    const seen = await probe(server, { recordType: 'SOA', transport: 'tcp', nsid: true });
    expect(seen).toMatchObject({ outcome: 'good', details: { extra: { serial: 2_026_112_200, nsid: 'ns7.fra' } } });
  });

  test('asks for the class and without recursion where it is told', async () => {
    const server = await serve('udp', (query) => answerTo(query, [txt('9.18')], {}));
    await probe(server, { hostname: 'version.bind', recordType: 'TXT', class: 'CH', recursion: false });
    expect(server.queries[0]?.packet).toMatchObject({ flag_rd: false, flag_ad: true, questions: [{ class: 'CH' }] });
  });

  test('asks a server by its name, and wants that on its certificate', async () => {
    const names = await serve('udp', (query) => answerTo(query, [a('127.0.0.1', 'dns.test')]));
    const server = await serve('tls', good);
    const context = probing(passingClock(), { ca: authority.caPem, resolver: names.at });
    const by = (host: string) => ({ transport: 'tls' as const, server: `${host}:${server.at.port}` });
    const seen = await probe(server, by('dns.test'), context);
    expect(seen).toMatchObject({ outcome: 'good', details: { server: `127.0.0.1:${server.at.port}` } });
    expect(Object.keys(seen.phases)).toEqual(['resolve', 'connect', 'tls', 'firstByte', 'transfer']);
    expect(await probe(server, by('other.test'), context)).toMatchObject({ outcome: 'bad', failedAt: 'resolve' });
    const other = { ...by('dns.test'), tls: { serverName: 'other.test' } };
    expect(await probe(server, other, context)).toMatchObject({ outcome: 'bad', failedAt: 'tls' });
  });

  test('shows a certificate that is read from the agent’s secrets, for that server alone', async () => {
    const server = await serve('https', good, { clientCa: authority.caPem });
    const client = await authority.issue({ commonName: 'agent' });
    const tls = { cert: { file: 'cert' }, key: { file: 'key' } };
    const asked: string[] = [];
    const secrets = {
      read: async (reference: { readonly file: string } | { readonly env: string }, host: string) => {
        asked.push(host);
        return 'file' in reference && reference.file === 'cert' ? client.cert : client.key;
      },
    };
    expect(await probe(server, { transport: 'https', tls }, { secrets })).toMatchObject({ outcome: 'good' });
    expect(asked).toEqual(['127.0.0.1', '127.0.0.1']);
    const locked = { read: () => Promise.reject(new Error('secret file "cert": there is no such file')) };
    expect(await probe(server, { transport: 'https', tls }, { secrets: locked })).toMatchObject({
      outcome: 'missing',
      failedAt: 'agent',
      reason: 'secret file "cert": there is no such file',
    });
  });

  test.each([{}, { transport: 'udp' }, { transport: 'tcp' }] as const)(
    'asks a server with an IPv6 address (%j)',
    async (more) => {
      const server = await serve('udp', good, { host: '::1' });
      const at = `[::1]:${server.at.port}`;
      expect(await probe(server, { ...more, server: at })).toMatchObject({ outcome: 'good', details: { server: at } });
    },
  );

  test('asks the agent’s own resolver also where limits would not let it', async () => {
    const server = await serve('udp', (query) => answerTo(query, [txt('x')]));
    const limits = { refusal: () => 'no' };
    const context = { ...probing(passingClock(), { resolver: server.at }), limits };
    expect(await probe(server, { recordType: 'TXT', server: null }, context)).toMatchObject({ outcome: 'good' });
    expect(await probe(server, { recordType: 'TXT' }, context)).toMatchObject({ outcome: 'missing', reason: 'no' });
  });

  test('is bad when the answer was cut short: a part of it is judged by nobody', async () => {
    const server = await serve('udp', (query) => answerTo(query, [txt('x')], { flags: 0x0300 }));
    expect(await probe(server, { recordType: 'TXT' })).toMatchObject({
      outcome: 'bad',
      failedAt: 'answer',
      reason: 'answer: got one cut short over udp, want all of it',
    });
    expect(server.queries).toHaveLength(1);
  });

  test('that asks for one of several codes takes it without a record', async () => {
    const server = await serve('udp', (query) => answerTo(query, [], { flags: 0x0103 }));
    expect(await probe(server, { rcodes: ['NOERROR', 'NXDOMAIN'] })).toMatchObject({
      outcome: 'good',
      details: { rcode: 'NXDOMAIN', answers: [] },
    });
    expect(await probe(server, { rcodes: ['REFUSED', 'NOERROR'] })).toMatchObject({
      outcome: 'bad',
      reason: 'rcode: got NXDOMAIN, want REFUSED or NOERROR',
    });
  });
});

describe('what is expected of records', () => {
  test.each<readonly [NonNullable<Check<'dns'>['validate']>, string | undefined]>([
    [{ answer: { matchAll: ['\\tMX\\t', 'test\\.$'] } }, undefined],
    [{ answer: { matchAny: ['10 a', 'zzz'], matchNone: ['zzz'], matchAllOrEmpty: ['IN'] } }, undefined],
    [{ answer: { matchAll: ['10 a'] } }, 'answer: got api.agent.test.\t9\tIN\tMX\t20 b.test., want matchAll 10 a'],
    [{ answer: { matchAny: ['x', 'y'] } }, 'answer: got no record that matches, want matchAny x or y'],
    [{ answer: { matchNone: ['20 b'] } }, 'answer: got api.agent.test.\t9\tIN\tMX\t20 b.test., want matchNone 20 b'],
    [
      { answer: { matchAllOrEmpty: ['MX', '10'] } },
      'answer: got records that do not match, want matchAllOrEmpty MX and 10',
    ],
    [{ authority: { matchAllOrEmpty: ['x'], matchNone: ['x'] } }, undefined],
    [{ authority: { matchAll: ['x'] } }, 'authority: got no records, want matchAll x'],
    [{ additional: { matchAny: ['x'] } }, 'additional: got no records, want matchAny x'],
    [{ additional: { matchAny: ['('] }, answer: { matchAny: ['('] } }, 'answer: got a pattern ( that cannot be read: '],
  ])('%j', async (validate, reason) => {
    const server = await serve('udp', (query) =>
      answerTo(query, [mx(10, 'a.test'), mx(20, 'b.test')], { additionals: query.packet.additionals ?? [] }),
    );
    const seen = await probe(server, { recordType: 'MX', validate });
    expect(seen.outcome).toBe(reason === undefined ? 'good' : 'bad');
    if (reason !== undefined) expect(seen.reason).toContain(reason);
  });
});
