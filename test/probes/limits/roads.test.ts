import { afterEach, describe, expect, test } from 'vitest';
import type { HostPort } from '../../../contract/address.ts';
import { addressOf } from '../../../probes/addresses.ts';
import { attempt } from '../../../probes/attempt.ts';
import { phaseWatch } from '../../../probes/watch.ts';
import { answerTo, type DnsServer, dnsServer } from '../../fakes/dns-server.ts';
import { dnsCheck, httpCheck, passingClock, probing } from '../../fakes/probing.ts';
import { type TcpTarget, tcpTarget } from '../../fakes/tcp-target.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});
async function target(): Promise<TcpTarget> {
  const made = await tcpTarget((socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')),
  );
  open.push(made);
  return made;
}
/** Answers one address after the other, the last for ever. */
async function rebinding(...addresses: string[]): Promise<DnsServer> {
  const server = await dnsServer((query) => {
    const [data = ''] = addresses.length > 1 ? addresses.splice(0, 1) : addresses;
    const name = query.packet.questions?.[0]?.name ?? '';
    return answerTo(query, [{ type: 'A', name, ttl: 0, data }]);
  });
  open.push(server);
  return server;
}
const refused = { outcome: 'missing', failedAt: 'agent', reason: expect.stringContaining('--allow-target') };

describe('a name does not lead around the list', () => {
  test('a name that is allowed is asked wherever it leads, and is not asked any more when it leads to metadata', async () => {
    const { at } = await target();
    const resolver = await rebinding('127.0.0.1', '169.254.169.254');
    const context = probing(passingClock(), { resolver: resolver.at, allowTargets: ['shop.test'] });
    const check = httpCheck(`http://api.shop.test:${at.port}/`);
    expect(await attempt(check, context, undefined)).toMatchObject({ outcome: 'good' });
    expect(await attempt(check, context, undefined)).toMatchObject(refused);
  });

  test('what an allowed name led to is not open to the same address by another name, or by none', async () => {
    const { at, connections } = await target();
    const resolver = await rebinding('127.0.0.1');
    const context = probing(passingClock(), { resolver: resolver.at, allowTargets: ['shop.test'] });
    await attempt(httpCheck(`http://shop.test:${at.port}/`), context, undefined);
    const others = [`http://evil.test:${at.port}/`, `http://127.0.0.1:${at.port}/`];
    for (const url of others) expect(await attempt(httpCheck(url), context, undefined)).toMatchObject(refused);
    expect(connections()).toBe(1);
  });

  test('a name that leads to an address that is not allowed is not asked', async () => {
    const { at, connections } = await target();
    const resolver = await rebinding('127.0.0.1');
    const context = probing(passingClock(), { resolver: resolver.at, allowTargets: ['127.0.0.2'] });
    expect(await attempt(httpCheck(`http://shop.test:${at.port}/`), context, undefined)).toMatchObject(refused);
    expect(connections()).toBe(0);
  });

  test.each(['0xa9fea9fe', '2852039166', '0251.0376.0251.0376', '169.16689662'])(
    'what getaddrinfo makes of %s is judged, not how it is written',
    async (hostname) => {
      const clock = passingClock();
      const context = { ...probing(clock), ending: new AbortController().signal };
      const watch = phaseWatch(clock);
      const found = await addressOf(hostname, { resolveWith: 'system' }, watch, context);
      expect(found).toEqual({ ok: true, address: '169.254.169.254' });
      const at = { address: '169.254.169.254', port: 80, tlsName: null };
      expect(await context.dialer.dial(at, watch, context.ending)).toMatchObject({ failure: { failedAt: 'agent' } });
      // Nor is a name given to the dialer itself: it would be looked up on the way.
      const unresolved = await context.dialer.dial({ ...at, address: hostname }, phaseWatch(clock), context.ending);
      expect(unresolved).toMatchObject({ ok: false, failure: { failedAt: 'agent' } });
    },
  );

  test.each([
    'http://169.254.169.254/',
    'http://0xa9fea9fe/',
    'http://[::ffff:169.254.169.254]/',
    'http://[fd00:ec2::254]/',
  ])('%s is refused with no list at all, and is no failure of its target', async (url) => {
    expect(await attempt(httpCheck(url), probing(passingClock()), undefined)).toMatchObject(refused);
  });
});

describe('name servers', () => {
  async function answering(): Promise<DnsServer> {
    return rebinding('192.0.2.1');
  }
  const ask = (server: HostPort, allowTargets: readonly string[], resolver?: HostPort) =>
    attempt(
      dnsCheck(server),
      probing(passingClock(), { allowTargets, ...(resolver === undefined ? {} : { resolver }) }),
      undefined,
    );

  test('one that a check chooses has to be allowed', async () => {
    const server = await answering();
    expect(await ask(server.at, ['192.0.2.1'])).toMatchObject(refused);
    expect(server.queries).toEqual([]);
    expect(await ask(server.at, [`127.0.0.1:${server.at.port}`])).toMatchObject({ outcome: 'good' });
  });

  test('the agent’s own is asked whatever the list says: its operator chose it', async () => {
    const server = await answering();
    const context = probing(passingClock(), { resolver: server.at, allowTargets: ['192.0.2.1'] });
    expect(await attempt(dnsCheck(server.at, { server: null }), context, undefined)).toMatchObject({ outcome: 'good' });
  });
});
