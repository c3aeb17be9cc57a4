import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { HostPort } from '../../contract/address.ts';
import { silent } from '../../contract/log.ts';
import { lookAt } from '../../lab/checkers/endpoint.ts';
import { timedOut } from '../../lab/checkers/status.ts';
import { blackHole } from '../../lab/network/black-hole.ts';
import { listenAt } from '../../lab/network/listen.ts';
import { sharedPort } from '../../lab/network/ports.ts';
import { type Shutter, type ShutterOptions, shutter } from '../../lab/network/shutter.ts';
import { fakeClock } from '../fakes/clock.ts';
import { instantClock } from '../fakes/instant-clock.ts';
import { podsIn } from '../fakes/pods.ts';
import { checkOf } from '../lab-checkers/check.ts';
import { ask, keptConnection, type Site, type Standing, site, until } from './site.ts';

const host = '127.114.0.9';
const addressOf = (door: Standing): HostPort => ({ host: door.address, port: Number(new URL(door.url).port) });

let open: Site | undefined;
let raised: Shutter | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await raised?.close();
  await open?.close();
  raised = undefined;
  open = undefined;
});

async function door(): Promise<Standing> {
  open = await site(114, instantClock());
  return open.region('us-east-1');
}

/** A connect, and what has become of it so far. */
function comes(at: HostPort): { readonly socket: Socket; became(): string } {
  const socket = connect(at);
  let became = 'hanging';
  socket.on('connect', () => {
    became = 'connected';
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    became = error.code ?? error.message;
  });
  sockets.push(socket);
  return { socket, became: () => became };
}

/**
 * Comes again and again until a connect is `wanted`. For how long one is waited for, twenty connects to another server
 * tell: the kernel is through with one on loopback before its call returns, unless it drops it.
 */
async function oneThatIs(wanted: 'hanging' | 'connected', at: HostPort): Promise<ReturnType<typeof comes>> {
  const other = createServer((socket) => socket.end());
  await listenAt(other, { host, port: 0 }, 'the server that tells the time');
  const elsewhere = { host, port: (other.address() as AddressInfo).port };
  try {
    for (;;) {
      const coming = comes(at);
      for (let round = 0; round < 20 && coming.became() === 'hanging'; round += 1) {
        await once(connect(elsewhere).resume(), 'close');
      }
      if (coming.became() === wanted) return coming;
      coming.socket.destroy();
    }
  } finally {
    other.close();
  }
}

const oneThatHangs = (at: HostPort): ReturnType<typeof oneThatIs> => oneThatIs('hanging', at);

async function answers(standing: Standing): Promise<number> {
  const { socket } = await oneThatIs('connected', addressOf(standing));
  socket.destroy();
  return (await ask(standing.url)).status;
}

test('a connect to a black hole hangs until it is ended, ten times in a row, and the door answers in between', async () => {
  const standing = await door();
  for (let time = 0; time < 10; time += 1) {
    standing.trouble({ how: 'black-hole' });
    await oneThatHangs(addressOf(standing));
    standing.trouble(null);
    expect(await answers(standing)).toBe(200);
  }
}, 60_000);

test('one that hung gets through once the hole is ended: its own next try finds the door', async () => {
  const standing = await door();
  standing.trouble({ how: 'black-hole' });
  const { became } = await oneThatHangs(addressOf(standing));
  standing.trouble(null);
  await expect.poll(became, { timeout: 20_000 }).toMatch(/^(connected|ECONNREFUSED)$/);
}, 30_000);

test('connections that were open go silent', async () => {
  const standing = await door();
  const agent = keptConnection();
  await ask(standing.url, { agent });
  standing.trouble({ how: 'black-hole' });
  await oneThatHangs(addressOf(standing));
  const giveUp = new AbortController();
  const asked = ask(`${standing.url}/v1/ping`, { agent, signal: giveUp.signal });
  const first = await Promise.race([asked, oneThatHangs(addressOf(standing)).then(() => 'silence')]);
  expect(first).toBe('silence');
  giveUp.abort();
  await expect(asked).rejects.toThrow('aborted');
  agent.destroy();
});

test.each([
  ['HTTPS', 4_000],
  ['TCP', 10_000],
] as const)('a health checker over %s pays for the connect: %i ms a try', async (type, costMs) => {
  const standing = await door();
  const at = addressOf(standing);
  standing.trouble({ how: 'black-hole' });
  await oneThatHangs(at);
  const clock = fakeClock();
  const from = { localAddress: host, clock, signal: new AbortController().signal };
  const looked = lookAt(checkOf({ type, port: at.port }), at.host, from);
  await oneThatHangs(at); // whoever would take the connect has had the time to
  await clock.advance(costMs - 1);
  expect(clock.pending).toBe(1);
  await clock.advance(1);
  expect(await looked).toEqual(timedOut);
});

test('a region that is one without pods is one until a pod is ready', async () => {
  const standing = await door();
  standing.darkMode('black-hole');
  expect((await ask(standing.url)).status).toBe(200);
  standing.pods.set([]);
  await oneThatHangs(addressOf(standing));
  standing.pods.set(podsIn('ready', 1));
  expect(await answers(standing)).toBe(200);
});

test('a door that is a black hole closes, and leaves the port to others', async () => {
  const standing = await door();
  const at = addressOf(standing);
  standing.trouble({ how: 'black-hole' });
  await oneThatHangs(at);
  await standing.close();
  const next = createServer();
  await listenAt(next, at, 'who comes after');
  await new Promise((resolve) => next.close(resolve));
});

test('a door that changes its mind while the hole is being dug ends as it was told last', async () => {
  const standing = await door();
  standing.trouble({ how: 'black-hole' });
  standing.trouble({ how: 'refuse' });
  standing.trouble({ how: 'black-hole' });
  standing.trouble({ how: 'refuse' });
  await expect.poll(() => ask(standing.url).catch(({ code }: { code: string }) => code)).toBe('ECONNREFUSED');
  standing.trouble({ how: 'black-hole' });
  standing.trouble(null);
  expect(await answers(standing)).toBe(200);
  standing.trouble({ how: 'black-hole' });
  await standing.close();
});

test.each<[string, NonNullable<ShutterOptions['dig']>]>([
  ['there can be no black hole', () => Promise.reject(new Error('no threads here'))],
  [
    'a black hole is lost',
    async ({ makeRoom }) => {
      makeRoom();
      return { over: Promise.resolve(), end: () => Promise.resolve() };
    },
  ],
])('where %s, the door accepts and stays silent, and says so once', async (_, dig) => {
  const told: string[] = [];
  const log = { ...silent, warn: (_facts: object, message: string) => void told.push(message) };
  const at = { host, port: await sharedPort([host]) };
  const accepted: Socket[] = [];
  const accept = (socket: Socket): void => void accepted.push(socket);
  raised = await shutter({ at, name: 'the door of nowhere', maxConnections: 9, accept, dig }, log);
  raised.swallow();
  await until(() => told.length > 0);
  raised.swallow();
  await oneThatIs('connected', at);
  await until(() => accepted.length > 0);
  for (const one of accepted) one.destroy();
  expect(told).toEqual(['the door of nowhere is no black hole: it accepts connections and stays silent instead']);
});

test('a hole whose port is somebody else’s says so, and holds nothing', async () => {
  const at = { host, port: await sharedPort([host]) };
  const other = createServer();
  await listenAt(other, at, 'the other one');
  await expect(blackHole({ at, makeRoom: () => undefined })).rejects.toThrow(/EADDRINUSE/);
  await new Promise((resolve) => other.close(resolve));
});
