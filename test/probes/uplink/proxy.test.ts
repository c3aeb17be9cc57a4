import { once } from 'node:events';
import { connect } from 'node:net';
import { createServer } from 'node:tls';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../../contract/clock.ts';
import { type Log, silent } from '../../../contract/log.ts';
import { seededRandom } from '../../../contract/random.ts';
import { type ClientPem, startUplink, type Uplink } from '../../../probes/uplink.ts';
import { type AggregatorLink, aggregatorLink } from '../../fakes/aggregator-link.ts';
import { type ConnectProxy, type ConnectProxyOptions, connectProxy } from '../../fakes/connect-proxy.ts';
import { type Authority, newAuthority } from '../../fakes/pki.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
let [mine, other]: Authority[] = [];
let certificate: ClientPem;
beforeAll(async () => {
  const nowMs = systemClock().wallMs();
  mine = await newAuthority('mine', nowMs);
  other = await newAuthority('other', nowMs);
  certificate = await mine.issue({ commonName: 'aggregator', dns: ['aggregator.test'], usage: 'server' });
});

async function link(): Promise<AggregatorLink> {
  const made = await aggregatorLink({ token: 'a-token' });
  ends.push(() => made.close());
  return made;
}
async function proxyOf(options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const made = await connectProxy(options);
  ends.push(() => made.close());
  return made;
}
/** TLS in front of a port, as `aggregator.test`. */
async function tlsBefore(port: number): Promise<number> {
  const server = createServer({ ...certificate, minVersion: 'TLSv1.3' }, (socket) => {
    const behind = connect(port, '127.0.0.1');
    socket.on('error', () => behind.destroy()).on('close', () => behind.destroy());
    behind.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.pipe(behind).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

type Way = { aggregator: URL; proxy: URL; ca?: () => string };

/** An uplink with nothing to send, and what its log says of why it is not connected. */
function uplink({ aggregator, proxy, ca }: Way): { link: Uplink; said: string[]; hears(word: string): Promise<void> } {
  const said: string[] = [];
  let heard = (): void => undefined;
  const log: Log = {
    ...silent,
    warn(facts) {
      said.push(String((facts as { reason?: string }).reason));
      heard();
    },
  };
  const made = startUplink(
    { aggregator, token: 'a-token', ca: ca ?? null, proxy },
    {
      clock: systemClock(),
      random: seededRandom(1),
      log,
      spool: { next: () => undefined, olderBoots: () => [], acknowledge: () => undefined, lastSeq: 0 },
      hello: { type: 'hello', agent: 'a', vantage: 'a', region: 'r', boot: 'b', version: '0' },
      onAssignment: () => undefined,
      onBurst: () => undefined,
      mark: () => ({ seq: 0, roundsThroughMs: 0 }),
    },
  );
  ends.push(() => made.stop(100));
  return {
    link: made,
    said,
    async hears(word) {
      while (!said.some((text) => text.includes(word)))
        await new Promise<void>((resolve) => {
          heard = resolve;
        });
    },
  };
}
const hellos = (count: number) => (aggregator: AggregatorLink) =>
  aggregator.seen(
    (frame): frame is typeof frame & { type: 'hello' } => frame.type === 'hello' && aggregator.hellos.length >= count,
  );

test('the way goes through the proxy, which looks the name up', async () => {
  const aggregator = await link();
  const proxy = await proxyOf({ names: { 'aggregator.test': Number(aggregator.url.port) } });
  uplink({ aggregator: new URL('http://aggregator.test:9400'), proxy: proxy.url });
  await hellos(1)(aggregator);
  expect(proxy.asked).toEqual(['aggregator.test:9400']);
});

test('a proxy that goes away and comes back is used again', async () => {
  const aggregator = await link();
  const proxy = await proxyOf();
  const { hears } = uplink({ aggregator: aggregator.url, proxy: proxy.url });
  await hellos(1)(aggregator);
  await proxy.leave();
  await hears('cannot be used');
  await proxy.comeBack();
  await proxy.askedTimes(2);
  await hellos(2)(aggregator);
});

test('a proxy that wants credentials has them, and whoever has none is told so and is not turned away for good', async () => {
  const aggregator = await link();
  const proxy = await proxyOf({ credentials: 'sre:p@ss:word' });
  const without = uplink({ aggregator: aggregator.url, proxy: proxy.url });
  await without.hears('answered 407');
  await proxy.askedTimes(2);
  expect(aggregator.hellos).toEqual([]);
  const url = new URL(proxy.url);
  url.username = 'sre';
  url.password = encodeURIComponent('p@ss:word');
  const { said } = uplink({ aggregator: aggregator.url, proxy: url });
  await hellos(1)(aggregator);
  expect(said.join()).not.toContain('p@ss');
});

test('TLS is spoken with the aggregator, not with the proxy, and another authority is trusted when it comes', async () => {
  const aggregator = await link();
  const port = await tlsBefore(Number(aggregator.url.port));
  const proxy = await proxyOf({ names: { 'aggregator.test': port } });
  let trusted = other;
  const { hears } = uplink({
    aggregator: new URL('https://aggregator.test'),
    proxy: proxy.url,
    ca: () => trusted?.caPem ?? '',
  });
  await hears('certificate');
  expect(aggregator.hellos).toEqual([]);
  trusted = mine;
  await hellos(1)(aggregator);
  expect(new Set(proxy.asked)).toEqual(new Set(['aggregator.test:443']));
});

test('an aggregator with another name is not taken for it, through a proxy either', async () => {
  const aggregator = await link();
  const port = await tlsBefore(Number(aggregator.url.port));
  const proxy = await proxyOf({ names: { 'evil.test': port } });
  const { hears } = uplink({
    aggregator: new URL('https://evil.test'),
    proxy: proxy.url,
    ca: () => mine?.caPem ?? '',
  });
  await hears('evil.test');
  expect(aggregator.hellos).toEqual([]);
});

test('a stop does not wait for a proxy that never answers, and leaves nothing open there', async () => {
  const proxy = await proxyOf({ silent: true });
  const { link: stuck } = uplink({ aggregator: new URL('http://aggregator.test'), proxy: proxy.url });
  await proxy.askedTimes(1);
  await stuck.stop(1);
  while (proxy.open > 0) await new Promise((resolve) => setImmediate(resolve));
  expect(proxy.asked).toEqual(['aggregator.test:80']);
});
