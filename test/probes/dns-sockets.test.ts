import { afterEach, describe, expect, test } from 'vitest';
import { attempt } from '../../probes/attempt.ts';
import { type UdpSockets, udpSockets } from '../../probes/dns/sockets.ts';
import { dnsResolver } from '../../probes/resolver.ts';
import { answerTo, type DnsQuery, type DnsReply, type DnsServer, dnsServer } from '../fakes/dns-server.ts';
import { dnsCheck, passingClock, probing } from '../fakes/probing.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function asking(reply: (query: DnsQuery) => DnsReply) {
  const server = await dnsServer(reply);
  const clock = passingClock();
  const sockets: UdpSockets = udpSockets(clock);
  ends.push(() => server.close(), sockets.close);
  const resolver = dnsResolver({ server: server.at, sourceAddress: null, sockets });
  const check = dnsCheck(server.at, { timeoutMs: 500 });
  return { server, clock, sockets, ask: () => attempt(check, { ...probing(clock), resolver }, undefined) };
}

const answered = (query: DnsQuery): DnsReply =>
  answerTo(query, [{ type: 'A', name: 'api.agent.test', ttl: 60, data: '127.1.0.1' }]);
const ports = (server: DnsServer): number[] => server.queries.map(({ from }) => from.port);

describe('a socket for questions', () => {
  test('is used again, each question under another id, and not for ever', async () => {
    const { server, ask } = await asking(answered);
    for (let turn = 0; turn < 200; turn += 1) expect((await ask()).outcome).toBe('good');
    expect(new Set(ports(server)).size).toBeGreaterThanOrEqual(2);
    expect(new Set(ports(server)).size).toBeLessThanOrEqual(4);
    expect(new Set(server.queries.map(({ packet }) => packet.id)).size).toBeGreaterThan(160);
  });

  test('carries one question at a time', async () => {
    const { server, ask } = await asking(answered);
    await Promise.all(Array.from({ length: 5 }, ask));
    expect(new Set(ports(server)).size).toBe(5);
  });

  test('is not renewed at the same question as the others', async () => {
    const { server, ask } = await asking(answered);
    for (let turn = 0; turn < 129; turn += 1) await Promise.all(Array.from({ length: 8 }, ask));
    const questions = Map.groupBy(ports(server), (port) => port);
    const first = ports(server).slice(0, 8);
    expect(new Set(first.map((port) => questions.get(port)?.length)).size).toBeGreaterThan(1);
  });

  test('is another after two minutes', async () => {
    const { server, clock, ask } = await asking(answered);
    await ask();
    await clock.advance(121_000);
    await ask();
    expect(new Set(ports(server)).size).toBe(2);
  });

  test('whose question timed out is never used again', async () => {
    let silent = true;
    const { server, clock, ask } = await asking((query) => (silent ? undefined : answered(query)));
    const late = ask();
    await server.asked();
    await clock.advance(500);
    expect((await late).outcome).toBe('bad');
    silent = false;
    expect((await ask()).outcome).toBe('good');
    expect(new Set(ports(server)).size).toBe(2);
  });

  test('tells of a refusal, also where an answer came before', async () => {
    const { server, ask } = await asking(answered);
    expect((await ask()).outcome).toBe('good');
    await server.close();
    const refused = await ask();
    expect(refused).toMatchObject({ outcome: 'bad', failedAt: 'resolve' });
    expect(refused.reason).toContain('connection refused');
    ends.shift();
  });

  test('is used for its server alone, also where another has the same host', async () => {
    const [one, other] = [await dnsServer(answered), await dnsServer(answered)];
    const sockets = udpSockets(passingClock());
    ends.push(
      () => one.close(),
      () => other.close(),
      sockets.close,
    );
    const [first, second] = [sockets.take(one.at, null), sockets.take(other.at, null)];
    first.giveBack();
    second.giveBack();
    const elsewhere = sockets.take(one.at, '127.0.0.1');
    const again = [sockets.take(other.at, null), sockets.take(one.at, null)];
    expect(elsewhere === first).toBe(false);
    expect([again[0] === second, again[1] === first]).toEqual([true, true]);
    for (const socket of [elsewhere, ...again]) socket.close();
  });

  test('finds its place again when all others of its server were closed for their age meanwhile', async () => {
    const server = await dnsServer(answered);
    const clock = passingClock();
    const sockets = udpSockets(clock);
    ends.push(() => server.close(), sockets.close);
    sockets.take(server.at, null).giveBack();
    const old = sockets.take(server.at, null);
    await clock.advance(121_000);
    const young = sockets.take(server.at, null);
    young.giveBack();
    const again = sockets.take(server.at, null);
    expect([again === young, again === old]).toEqual([true, false]);
    for (const socket of [old, young]) socket.close();
  });

  test('is closed with the others, and what is asked later leaves none open', async () => {
    const { sockets, ask } = await asking(answered);
    const open = (): number => process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap').length;
    await ask();
    const before = open();
    sockets.close();
    await ask();
    while (open() >= before) await new Promise((resolve) => setImmediate(resolve));
  });
});
