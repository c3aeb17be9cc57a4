import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { attempt } from '../../../probes/attempt.ts';
import { pinger } from '../../../probes/icmp/pinger.ts';
import { addsUp } from '../../conformance/probers.ts';
import { answerTo, dnsServer } from '../../fakes/dns-server.ts';
import { fakePing } from '../../fakes/ping.ts';
import { icmpCheck, passingClock, probing } from '../../fakes/probing.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0)) await step();
});

test('a host that answers is good, and its round trip is the attempt: what the agent took is told beside it', async () => {
  const dns = await dnsServer((query) =>
    answerTo(query, [{ type: 'A' as const, name: 'router.test', ttl: 30, data: '127.2.0.1' }]),
  );
  const fake = fakePing("echo '64 bytes from 127.2.0.1: icmp_seq=1 ttl=61 time=0.2 ms'");
  undo.push(dns.close, fake.remove);
  const context = { ...probing(passingClock(), { resolver: dns.at }), pinger: pinger(fake) };
  const observation = await attempt(icmpCheck('router.test'), context, undefined);
  expect(observation).toMatchObject({
    outcome: 'good',
    region: 'eu-west-1',
    servedBy: null,
    phases: { firstByte: 0.2 },
    details: { address: '127.2.0.1', extra: { by: 'icmp', hopLimit: 61 } },
  });
  expect(Object.keys(observation.phases)).toEqual(['resolve', 'firstByte']);
  expect(observation.details.extra?.['setupMs']).toBeGreaterThan(0);
  addsUp(observation);
});

test('a round trip by a closed port says that it is one', async () => {
  const observation = await attempt(icmpCheck('127.0.0.1'), probing(passingClock()), undefined);
  expect(observation).toMatchObject({ outcome: 'good', details: { address: '127.0.0.1', extra: { by: 'udp' } } });
  expect(observation.details.extra).not.toHaveProperty('hopLimit');
  expect(Object.keys(observation.phases)).toEqual(['firstByte']);
  addsUp(observation);
});

test('a host that does not answer is bad, and what was waited is all there', async () => {
  const fake = fakePing("echo 'From 198.51.100.1 icmp_seq=1 Destination Host Unreachable' ; exit 1");
  undo.push(fake.remove);
  const context = { ...probing(passingClock()), pinger: pinger(fake) };
  const observation = await attempt(icmpCheck('192.0.2.7'), context, undefined);
  expect(observation).toMatchObject({ outcome: 'bad', failedAt: 'connect', details: { extra: { by: 'icmp' } } });
  addsUp(observation);
});

test('a name that leads nowhere has no phase but that', async () => {
  const dns = await dnsServer((query) => answerTo(query, [], { flags: 0x8183 } as object));
  undo.push(dns.close);
  const observation = await attempt(icmpCheck('nobody.test'), probing(passingClock(), { resolver: dns.at }), undefined);
  expect(observation).toMatchObject({ outcome: 'bad', failedAt: 'resolve', details: {} });
  expect(Object.keys(observation.phases)).toEqual(['resolve']);
  addsUp(observation);
});

const canPing = spawnSync('ping', ['-c', '1', '127.0.0.1']).status === 0;
describe.skipIf(!canPing)('the ping of this machine (skipped where it has none, or may not)', () => {
  for (const host of ['127.0.0.1', '::1']) {
    test(`measures ${host}`, async () => {
      const context = { ...probing(passingClock()), pinger: pinger() };
      const observation = await attempt(icmpCheck(host, { payloadBytes: 100, ttl: 5 }), context, undefined);
      expect(observation).toMatchObject({ outcome: 'good', details: { address: host, extra: { by: 'icmp' } } });
      expect(observation.durationMs).toBeGreaterThan(0);
      addsUp(observation);
    });
  }
});

test('each round of a check sends one datagram', async () => {
  const socket = createSocket('udp4');
  undo.push(() => socket.close());
  socket.bind({ address: '127.77.3.1', port: 33_434, exclusive: true });
  await once(socket, 'listening');
  let heard = 0;
  socket.on('message', (_, from) => {
    heard += 1;
    socket.send('here', from.port, from.address);
  });
  const context = probing(passingClock());
  const first = await attempt(icmpCheck('127.77.3.1'), context, undefined);
  await attempt(icmpCheck('127.77.3.1'), context, undefined);
  expect(first).toMatchObject({ outcome: 'missing', failedAt: 'agent' });
  expect(heard).toBe(2);
});
