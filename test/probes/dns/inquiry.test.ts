import { describe, expect, test } from 'vitest';
import { DeadlineExceeded } from '../../../contract/deadline.ts';
import { transports } from '../../../probes/dns/inquiry.ts';
import { answerTo, type DnsQuery } from '../../fakes/dns-server.ts';
import { passingClock, probing } from '../../fakes/probing.ts';
import { deadPort } from '../../fakes/tcp-target.ts';
import { a, ask, good, serve } from './asking.ts';

describe.each(transports)('a question over %s', (transport) => {
  test('is one message on one connection, and its answer comes as lines', async () => {
    const server = await serve(transport, (query) =>
      answerTo(query, [a('192.0.2.1')], {
        flags: 0x0520,
        authorities: [{ type: 'NS', name: 'agent.test', ttl: 5, data: 'ns.agent.test' }],
        additionals: [a('192.0.2.53', 'ns.agent.test')],
      }),
    );
    const seen = await ask(server, transport);
    expect(seen).toMatchObject({
      ok: true,
      failure: null,
      rcode: 'NOERROR',
      flags: { aa: true, tc: false, rd: true, ra: false, ad: true },
      answer: ['api.agent.test.\t60\tIN\tA\t192.0.2.1'],
      authority: ['agent.test.\t5\tIN\tNS\tns.agent.test.'],
      additional: ['ns.agent.test.\t60\tIN\tA\t192.0.2.53'],
      serial: null,
      nsid: null,
    });
    expect(server.queries).toHaveLength(1);
    expect(seen.phases.connectMs + seen.phases.requestMs).toBe(seen.durationMs);
    expect(seen.phases.connectMs > 0).toBe(transport !== 'udp');
    expect(Object.keys(seen.watched)).toEqual(
      {
        udp: ['resolve'],
        tcp: ['connect', 'firstByte', 'transfer'],
        tls: ['connect', 'tls', 'firstByte', 'transfer'],
        https: ['connect', 'tls', 'firstByte', 'transfer'],
      }[transport],
    );
  });

  test('may be asked of an IPv6 address', async () => {
    const server = await serve(transport, good, { host: '::1' });
    expect(await ask(server, transport)).toMatchObject({ ok: true, answer: ['api.agent.test.\t60\tIN\tA\t192.0.2.1'] });
  });

  test('that is refused has an answer, its code', async () => {
    const server = await serve(transport, (query) => answerTo(query, [], { flags: 0x0105 }));
    expect(await ask(server, transport)).toMatchObject({ ok: true, rcode: 'REFUSED', answer: [] });
  });

  test('whose answer was cut short is not asked again', async () => {
    const server = await serve(transport, (query) => answerTo(query, [], { flags: 0x0300 }));
    expect(await ask(server, transport)).toMatchObject({ ok: true, flags: { tc: true }, answer: [] });
    expect(server.queries).toHaveLength(1);
  });

  test('that nobody answers ends with its time, and says so', async () => {
    const server = await serve(transport, () => undefined);
    const stopping = new AbortController();
    const seen = ask(server, transport, {}, { ending: stopping.signal });
    await server.asked();
    stopping.abort(new DeadlineExceeded(50));
    expect(await seen).toMatchObject({
      ok: false,
      failure: { failedAt: transport === 'udp' ? 'resolve' : 'answer', reason: expect.stringContaining('50 ms') },
    });
  });

  test('to a port where nobody is fails as such', async () => {
    expect(await ask({ at: deadPort }, transport)).toMatchObject({
      ok: false,
      failure: { failedAt: transport === 'udp' ? 'resolve' : 'connect', reason: expect.stringContaining('refused') },
    });
  });

  test('goes nowhere that the agent may not go', async () => {
    const server = await serve(transport, good);
    const limits = { refusal: (address: string) => `${address} is not for us` };
    const context = probing(passingClock());
    const { dialer } = await import('../../../probes/dialer.ts');
    const limited = { ...context, limits, dialer: dialer({ ca: null, sourceAddress: null, limits }) };
    expect(await ask(server, transport, {}, limited)).toMatchObject({
      ok: false,
      failure: { failedAt: 'agent', reason: '127.0.0.1 is not for us' },
    });
    expect(server.queries).toEqual([]);
  });

  test.each([
    [{ name: `${'x'.repeat(64)}.test` }, 'name: got'],
    [{ name: 'a..test' }, 'name: got'],
    [{ type: 'QUITE' }, 'type: got "QUITE", want'],
    [{ type: 'TYPE65536' }, 'type: got'],
    [{ class: 'XX' }, 'class: got "XX", want'],
    [{ subnet: '198.51.100.0' }, 'subnet: got'],
  ])('that cannot be asked (%j) is nobody’s failure', async (more, reason) => {
    const server = await serve(transport, good);
    expect(await ask(server, transport, more)).toMatchObject({
      ok: false,
      failure: { failedAt: 'agent', reason: expect.stringContaining(reason) },
    });
    expect(server.queries).toEqual([]);
  });
});

describe('what is asked', () => {
  const asked = (query: DnsQuery | undefined) => query?.packet.questions?.[0];
  test.each([
    ['MX', 'IN'],
    ['TXT', 'CH'],
    ['TYPE65280', 'IN'],
    ['ANY', 'ANY'],
    ['SOA', 'HS'],
  ])('type %s of class %s', async (type, inClass) => {
    const server = await serve('udp', (query) => answerTo(query));
    await ask(server, 'udp', { type, class: inClass });
    const want = { type: type === 'TYPE65280' ? 'UNKNOWN_65280' : type, class: inClass, name: 'api.agent.test' };
    expect(asked(server.queries[0])).toMatchObject(want);
  });

  test('is the bare message of RFC 1035 unless more is asked for', async () => {
    const server = await serve('udp', good);
    await ask(server, 'udp', { recursionDesired: false });
    expect(server.queries[0]?.packet).toMatchObject({ flags: 0, flag_rd: false, flag_ad: false, additionals: [] });
  });

  test.each(['198.51.111.9/20', '2001:db8:1:2ff::/60', '0.0.0.0/0', '::ffff:192.0.2.1/128'])(
    'the client subnet %s, without the bits behind its prefix',
    async (subnet) => {
      const server = await serve('udp', good);
      await ask(server, 'udp', { subnet });
      const [opt] = server.queries[0]?.packet.additionals ?? [];
      const [option] = opt?.type === 'OPT' ? opt.options : [];
      const want = {
        '198.51.111.9/20': { family: 1, sourcePrefixLength: 20, data: Buffer.from('00011400c63360', 'hex') },
        '2001:db8:1:2ff::/60': { family: 2, data: Buffer.from('00023c0020010db8000102f0', 'hex') },
        '0.0.0.0/0': { family: 1, sourcePrefixLength: 0, data: Buffer.from('00010000', 'hex') },
        '::ffff:192.0.2.1/128': { data: Buffer.from('0002800000000000000000000000ffffc0000201', 'hex') },
      }[subnet];
      expect(option).toMatchObject({ code: 8, ...want });
    },
  );

  test('the server’s name, and how far its answer to a subnet reaches', async () => {
    const server = await serve('tcp', (query) => {
      const [opt] = query.packet.additionals ?? [];
      const codes = opt?.type === 'OPT' ? opt.options.map(({ code }) => code) : [];
      expect(codes).toEqual([8, 3]);
      const subnet = { code: 8 as const, ip: '198.51.100.0', family: 1, sourcePrefixLength: 24, scopePrefixLength: 16 };
      const nsid = { code: 3, data: Buffer.from('ns7.fra') };
      const options = [subnet, nsid] as never;
      const head = {
        type: 'OPT' as const,
        name: '.' as const,
        udpPayloadSize: 1_232,
        extendedRcode: 1,
        ednsVersion: 0,
      };
      return answerTo(query, [], { flags: 0x0107, additionals: [{ ...head, flags: 0, flag_do: false, options }] });
    });
    const seen = await ask(server, 'tcp', { nsid: true, subnet: '198.51.100.0/24' });
    expect(seen).toMatchObject({ nsid: 'ns7.fra', scopeLength: 16, rcode: 'BADCOOKIE' });
    expect(seen.additional).toEqual([
      '\n;; OPT PSEUDOSECTION:\n; EDNS: version 0; flags:; udp: 1232\n; SUBNET: 198.51.100.0/24/16\n' +
        '; NSID: 6e73372e667261  (n)(s)(7)(.)(f)(r)(a)',
    ]);
  });

  test('comes from the source address, the question’s or the agent’s', async () => {
    const server = await serve('udp', good);
    const context = probing(passingClock(), { sourceAddress: '127.1.0.10' });
    await ask(server, 'udp', {}, context);
    await ask(server, 'udp', { sourceAddress: '127.1.0.11' }, context);
    await ask(server, 'tcp', { sourceAddress: '127.1.0.12' }, context);
    expect(server.queries.map(({ from }) => from.address)).toEqual(['127.1.0.10', '127.1.0.11', '127.1.0.12']);
  });
});

test('a serial is that of the last SOA of the answer', async () => {
  const soa = (serial: number) => ({
    type: 'SOA' as const,
    name: 'agent.test',
    ttl: 5,
    data: { mname: 'ns.agent.test', rname: 'a.agent.test', serial, refresh: 1, retry: 2, expire: 3, minimum: 4 },
  });
  const server = await serve('udp', (query) => answerTo(query, [soa(7), soa(4_000_000_000)]));
  expect(await ask(server, 'udp', { type: 'SOA' })).toMatchObject({ serial: 4_000_000_000 });
});

describe('over UDP', () => {
  test('answers to other questions are not taken, nor is one longer than was asked for whole', async () => {
    const server = await serve('udp', (query) => [
      { ...answerTo(query, [a('192.0.2.2')]), id: ((query.packet.id ?? 0) + 1) % 65_536 },
      answerTo(query, [a('192.0.2.3')], { questions: [{ type: 'A', name: 'other.test' }] }),
      answerTo(query, [a('192.0.2.4')], { questions: [{ type: 'A', name: 'api.agent.test', class: 'CH' }] }),
      { ...answerTo(query, [a('192.0.2.5')]), type: 'query' },
      answerTo(query, [a('192.0.2.1')]),
    ]);
    expect((await ask(server, 'udp')).answer).toEqual(['api.agent.test.\t60\tIN\tA\t192.0.2.1']);
    const long = await serve('udp', (query) =>
      answerTo(query, [{ type: 'TXT', name: 'api.agent.test', data: ['x'.repeat(250), 'y'.repeat(250)] }]),
    );
    expect(await ask(long, 'udp', { type: 'TXT' })).toMatchObject({ ok: false, failure: { failedAt: 'resolve' } });
    expect(await ask(long, 'udp', { type: 'TXT', edns: true })).toMatchObject({ ok: true });
  });
});
