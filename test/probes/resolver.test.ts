import { afterEach, describe, expect, test } from 'vitest';
import type { Check } from '../../contract/check.ts';
import type { Observation } from '../../contract/result.ts';
import { attempt } from '../../probes/attempt.ts';
import { regionIndex } from '../../probes/regions.ts';
import { dnsResolver, serverOfResolvConf } from '../../probes/resolver.ts';
import { answerTo, type DnsQuery, type DnsReply, type DnsServer, dnsServer } from '../fakes/dns-server.ts';
import { dnsCheck, passingClock, probing } from '../fakes/probing.ts';

const servers: DnsServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
async function serve(reply: (query: DnsQuery) => DnsReply | readonly DnsReply[]): Promise<DnsServer> {
  const server = await dnsServer(reply);
  servers.push(server);
  return server;
}
function ask(server: DnsServer, more: Partial<Check<'dns'>> = {}): Promise<Observation> {
  return attempt(dnsCheck(server.at, more), probing(passingClock()), undefined);
}
const a = (data: string, ttl = 60, name = 'api.agent.test') => ({ type: 'A' as const, name, ttl, data });

describe('a dns attempt', () => {
  test('shows every answer, its smallest TTL, and where it leads', async () => {
    const server = await serve((query) => answerTo(query, [a('127.1.0.1', 60), a('127.1.0.1', 7)]));
    const seen = await ask(server);
    expect(seen).toMatchObject({ outcome: 'good', region: 'us-east-1', servedBy: null });
    expect(seen.details).toEqual({
      server: `127.0.0.1:${server.at.port}`,
      rcode: 'NOERROR',
      answers: ['127.1.0.1', '127.1.0.1'],
      ttlSeconds: 7,
    });
    expect(Object.keys(seen.phases)).toEqual(['resolve']);
  });

  test('follows aliases inside one answer, and tells A from AAAA', async () => {
    const server = await serve((query) =>
      answerTo(query, [
        { type: 'CNAME', name: 'API.agent.test', ttl: 5, data: 'us.agent.test' },
        { type: 'AAAA', name: 'us.agent.test', ttl: 1, data: '2001:db8::1' },
        a('127.2.0.1', 60, 'us.agent.test'),
        a('192.0.2.1', 1, 'stranger.test'),
      ]),
    );
    expect((await ask(server)).details).toMatchObject({ answers: ['127.2.0.1'], ttlSeconds: 5 });
    expect((await ask(server, { recordType: 'AAAA' })).details).toMatchObject({
      answers: ['2001:db8::1'],
      ttlSeconds: 1,
    });
  });

  test('ends where aliases go in a circle', async () => {
    const alias = (name: string, data: string) => ({ type: 'CNAME' as const, name, ttl: 5, data });
    const server = await serve((query) =>
      answerTo(query, [alias('api.agent.test', 'b.test'), alias('b.test', 'api.agent.test')]),
    );
    expect(await ask(server)).toMatchObject({ outcome: 'bad', failedAt: 'answer', details: { answers: [] } });
  });

  test('sends the client subnet, with the bits behind its prefix zeroed, and shows the scope', async () => {
    const server = await serve((query) => {
      const echoed = { code: 8 as const, ip: '198.51.96.0', family: 1, sourcePrefixLength: 20, scopePrefixLength: 24 };
      return answerTo(query, [a('127.1.0.1')], {
        additionals: [
          {
            type: 'OPT',
            name: '.',
            udpPayloadSize: 1_232,
            extendedRcode: 0,
            ednsVersion: 0,
            flags: 0,
            flag_do: false,
            options: [echoed],
          },
        ],
      });
    });
    const seen = await ask(server, { subnet: '198.51.111.9/20' });
    expect(seen.details.scopeLength).toBe(24);
    const [opt] = server.queries[0]?.packet.additionals ?? [];
    expect(opt?.type === 'OPT' && opt.options[0]).toMatchObject({ ip: '198.51.96.0', sourcePrefixLength: 20 });
  });

  test('asks again over TCP when the answer was cut short, and only then', async () => {
    const server = await serve((query) =>
      query.over === 'udp' ? answerTo(query, [], { flags: 0x0380 }) : answerTo(query, [a('127.1.0.1')]),
    );
    expect((await ask(server)).details.answers).toEqual(['127.1.0.1']);
    expect(server.queries.map(({ over }) => over)).toEqual(['udp', 'tcp']);
  });

  test('takes no answer that is not to its question', async () => {
    const server = await serve((query) => [
      { ...answerTo(query, [a('192.0.2.1')]), id: ((query.packet.id ?? 0) + 1) % 65_536 },
      answerTo(query, [a('192.0.2.2')], { questions: [{ type: 'A', name: 'other.test' }] }),
      answerTo(query, [a('192.0.2.3')], { questions: [{ type: 'AAAA', name: 'api.agent.test' }] }),
      { ...answerTo(query, [a('192.0.2.4')]), type: 'query' },
      answerTo(query, [a('127.1.0.1')]),
    ]);
    expect((await ask(server)).details.answers).toEqual(['127.1.0.1']);
  });

  test('uses another id and another port for each question', async () => {
    const server = await serve((query) => answerTo(query, [a('127.1.0.1')]));
    for (let turn = 0; turn < 8; turn += 1) await ask(server);
    expect(new Set(server.queries.map(({ packet }) => packet.id)).size).toBeGreaterThan(6);
    expect(new Set(server.queries.map(({ from }) => from.port)).size).toBeGreaterThan(6);
  });

  test('comes from the source address', async () => {
    const server = await serve((query) => answerTo(query, [a('127.1.0.1')]));
    await attempt(dnsCheck(server.at), probing(passingClock(), { sourceAddress: '127.1.0.10' }), undefined);
    expect(server.queries[0]?.from.address).toBe('127.1.0.10');
  });

  test.each([
    ['a refusal', 0x8185 & 0x7fff, [], null, 'answer', 'rcode: got REFUSED, want NOERROR'],
    ['no record', 0x0180, [], null, 'answer', 'api.agent.test: got no A record, want at least 1'],
    [
      'another region',
      0x0180,
      [a('127.1.0.1'), a('127.2.0.1')],
      ['us-east-1'],
      'answer',
      'answer: got 127.2.0.1 (eu-west-1), want us-east-1',
    ],
    [
      'an unknown address',
      0x0180,
      [a('192.0.2.9')],
      ['us-east-1'],
      'answer',
      'answer: got 192.0.2.9 (of no known region), want us-east-1',
    ],
  ] as const)('%s is bad, and says what was got', async (_what, flags, answers, expectRegions, failedAt, reason) => {
    const server = await serve((query) => answerTo(query, [...answers], { flags }));
    expect(await ask(server, { expectRegions })).toMatchObject({ outcome: 'bad', failedAt, reason });
  });

  test('of a name that cannot be asked for is the agent’s own trouble or a plain reason, never a throw', async () => {
    const server = await serve(() => undefined);
    const seen = await ask(server, { hostname: `${'x'.repeat(64)}.test` });
    expect(seen).toMatchObject({ outcome: 'bad', failedAt: 'resolve' });
    expect(server.queries).toEqual([]);
  });
});

test('the default server is the first of resolv.conf', () => {
  expect(serverOfResolvConf('# nameserver 1.1.1.1\nsearch a\nnameserver 10.0.0.2\nnameserver 10.0.0.3\n').host).toBe(
    '10.0.0.2',
  );
  expect(serverOfResolvConf('').host).toBe('127.0.0.1');
});

describe('which region an address leads to', () => {
  const signal = new AbortController().signal;
  test('names are resolved, literals decide, and who had an address keeps it', async () => {
    const clock = passingClock();
    let us = '127.9.0.1';
    const server = await serve((query) => {
      const name = query.packet.questions?.[0]?.name ?? '';
      return answerTo(query, [a(name.startsWith('us') ? us : '127.9.0.2', 1, name)]);
    });
    const index = regionIndex(dnsResolver({ server: server.at, sourceAddress: null }));
    index.assign({ us: ['us.test'], eu: ['eu.test'], ap: ['127.3.0.1', '2001:DB8::0:1'] });
    expect(index.regionOf('127.3.0.1')).toBe('ap');
    expect(index.regionOf('2001:db8::1')).toBe('ap');
    await index.refresh(signal, clock);
    expect([index.regionOf('127.9.0.1'), index.regionOf('127.9.0.2')]).toEqual(['us', 'eu']);
    us = '127.9.0.2';
    await index.refresh(signal, clock);
    expect([index.regionOf('127.9.0.1'), index.regionOf('127.9.0.2')]).toEqual([null, 'eu']);
  });

  test('an address of two regions is of none', () => {
    const index = regionIndex(dnsResolver({ server: { host: '127.0.0.1', port: 9 }, sourceAddress: null }));
    index.assign({ us: ['127.0.0.1'], eu: ['127.0.0.1'] });
    expect(index.regionOf('127.0.0.1')).toBeNull();
  });
});
