/** An agent that is gone: what it says of itself ends on every road out, and what is missing of it does not. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { startAggregator } from '../../aggregator/aggregator.ts';
import { staleBits } from '../../aggregator/remote-write/point.ts';
import type { FleetAnswer } from '../../contract/api.ts';
import { sleep } from '../../contract/clock.ts';
import { silent } from '../../contract/log.ts';
import { seededRandom } from '../../contract/random.ts';
import { quickClock } from '../fakes/quick-clock.ts';
import { uncompressSnappy } from '../fakes/snappy.ts';
import { readRequest1 } from '../fakes/write-request.ts';
import { atEnd, getJson, httpCheck, options, clock as real, result, sendResults, welcomed } from './harness.ts';
import { messages, readDelimited, texts } from './metrics/read-protobuf.ts';

const missing = 'blackstart_results_missing_total';

async function started(everyMs: number, writeTo?: string) {
  const clock = quickClock(10);
  const plain = { version: 1, headers: {}, token: null, everyMs: 1_000, keep: [], native: false } as const;
  const checks = [httpCheck('home', 'us-east-1', everyMs)];
  const wish = options({
    assignment: { version: 1, checks, regions: {}, references: [] },
    remoteWrite: writeTo === undefined ? [] : [{ name: 'receiver', url: writeTo, ...plain }],
  });
  const running = await startAggregator(wish, { clock, random: seededRandom(1), log: silent });
  atEnd(() => running.stop());
  return { url: running.url, clock };
}

/** A receiver of remote write, and which series are live at it. */
async function receiver() {
  const live = new Map<string, boolean>();
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { points } = readRequest1(uncompressSnappy(Buffer.concat(pieces)));
      for (const { labels, bits } of points) live.set(JSON.stringify(labels), bits !== staleBits);
      response.writeHead(204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => {
    server.close();
    server.closeAllConnections();
  });
  const names = (vantage: string): readonly string[] =>
    [...live].flatMap(([text, isLive]) => {
      const labels = JSON.parse(text) as Record<string, string>;
      return isLive && labels['vantage'] === vantage ? [labels['__name__'] ?? ''] : [];
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, names };
}

const protobuf = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
const openMetrics = 'application/openmetrics-text;version=1.0.0';
const federate = `/federate?match[]=${encodeURIComponent('{__name__=~"blackstart_.+"}')}`;

/** Names of the series that say something of a vantage, by text and by protobuf. */
async function inText(url: string, path: string, accept: string, vantage: string): Promise<readonly string[]> {
  const text = await (await fetch(new URL(path, url), { headers: { accept } })).text();
  const lines = text.split('\n').filter((line) => line.includes(`vantage="${vantage}"`));
  return lines.map((line) => line.slice(0, line.indexOf('{')));
}
async function inProtobuf(url: string, path: string, accept: string, vantage: string): Promise<readonly string[]> {
  const bytes = await (await fetch(new URL(path, url), { headers: { accept } })).arrayBuffer();
  return readDelimited(Buffer.from(bytes)).flatMap((family) =>
    messages(family, 4).flatMap((metric) => {
      const labels = messages(metric, 1).map((label) => texts(label, 2)[0]);
      return labels.includes(vantage) ? texts(family, 1) : [];
    }),
  );
}

const roads = [
  ['/metrics as text', inText, '/metrics', 'text/plain;version=0.0.4'],
  ['/metrics as OpenMetrics', inText, '/metrics', openMetrics],
  ['/metrics as protobuf', inProtobuf, '/metrics', protobuf],
  ['/federate as text', inText, federate, 'text/plain;version=0.0.4'],
  ['/federate as protobuf', inProtobuf, federate, protobuf],
] as const;

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await sleep(real, 50);
}
const ofProbes = (names: readonly string[]) => names.filter((name) => name.startsWith('blackstart_probe_'));

test('its series end on every road out within two intervals, and what is missing of it is told on', async () => {
  const at = await receiver();
  const { url, clock } = await started(30_000, at.url);
  const eu = await welcomed(url, { agent: 'a2', vantage: 'eu-west-1', region: 'eu-west-1', boot: 'boot-2' });
  await sendResults(eu, [result(1)]);
  const shown = async (vantage: string) => {
    const found = roads.map(async ([road, names, path, accept]) => [road, await names(url, path, accept, vantage)]);
    return Object.fromEntries((await Promise.all(found)) as [string, readonly string[]][]);
  };
  const everywhere = async (vantage: string, holds: (names: readonly string[]) => boolean) =>
    Object.values(await shown(vantage)).every(holds) && holds(at.names(vantage));

  await until(() => everywhere('eu-west-1', (names) => ofProbes(names).length > 0));
  eu.socket.close();
  await eu.closed;
  // Less than two intervals: it may be back.
  clock.forward(20_000);
  for (const names of Object.values(await shown('eu-west-1'))) expect(ofProbes(names)).not.toEqual([]);
  clock.forward(41_000);
  for (const [road, names] of Object.entries(await shown('eu-west-1')))
    expect([road, ofProbes(names)]).toEqual([road, []]);
  await until(() => ofProbes(at.names('eu-west-1')).length === 0);
  expect(await inText(url, '/metrics', 'text/plain', 'eu-west-1')).toContain('blackstart_agent_connected');

  clock.forward(120_000);
  await until(() => everywhere('eu-west-1', (names) => names.includes(missing) && ofProbes(names).length === 0));
  const text = await (await fetch(new URL('/metrics', url))).text();
  const counted = Number(
    /_missing_total\{check="home",vantage="eu-west-1",reason="agent-gone"\} (\d+)/.exec(text)?.[1],
  );
  expect(counted).toBeGreaterThanOrEqual(1);

  // Who comes back goes on where it was.
  await welcomed(url, { agent: 'a2', vantage: 'eu-west-1', region: 'eu-west-1', boot: 'boot-3' });
  await until(() => everywhere('eu-west-1', (names) => ofProbes(names).length > 0));
});

test('one that hangs shows as gone while its connection stands, and as there when it goes on', async () => {
  const { url, clock } = await started(1_000);
  const eu = await welcomed(url, { agent: 'a2', vantage: 'eu-west-1', region: 'eu-west-1', boot: 'boot-2' });
  await welcomed(url);
  const connected = async () => {
    const { agents } = await getJson<FleetAnswer>(url, '/api/v1/fleet');
    return agents
      .filter((agent) => agent.connected)
      .map(({ agent }) => agent)
      .toSorted();
  };
  await until(async () => (await connected()).length === 2);
  eu.socket.pause();
  clock.forward(6_000);
  await until(async () => (await connected()).join() === 'a1');
  const gauge = /^blackstart_agent_connected\{agent="a2".*\} 0$/m;
  expect(await (await fetch(new URL('/metrics', url))).text()).toMatch(gauge);
  eu.socket.resume();
  await until(async () => (await connected()).length === 2);
});
