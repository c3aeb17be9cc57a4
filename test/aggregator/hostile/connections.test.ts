/** What a client may do to a connection without a token, and the aggregator goes on and stops when it is told to. */
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { newAuthority } from '../../fakes/pki.ts';
import { aggregator, atEnd, clock, start, stateDir } from '../harness.ts';

/** Half-open: its own side stays open whatever the aggregator does. */
async function opened(url: string, text: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connectTcp({ host: hostname, port: Number(port), allowHalfOpen: true });
  atEnd(() => void socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

/** The other side ended it, or cut it off. */
function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ['end', 'close']) socket.resume().once(event, () => resolve());
  });
}

async function answerOf(socket: Socket): Promise<string> {
  const [piece] = await once(socket, 'data');
  return String(piece).split('\r\n')[0] ?? '';
}

const upgrade = (target: string): string =>
  `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;

describe('an upgrade', () => {
  test.each(['//', 'http://[', '///'])('of a target that is no path is refused: %s', async (target) => {
    const { url } = await aggregator();
    expect(await answerOf(await opened(url, upgrade(target)))).toMatch(/^HTTP\/1\.1 40[04] /);
    expect((await fetch(new URL('/-/healthy', url))).status).toBe(200);
  });

  test('that is refused ends, and keeps nothing from stopping', async () => {
    const running = await start({ stateDir: stateDir() });
    const sockets = await Promise.all(Array.from({ length: 50 }, () => opened(running.url, upgrade('/nope'))));
    await Promise.all(sockets.map(ended));
    const silent = await opened(running.url, '');
    const cut = ended(silent);
    await running.stop();
    await cut;
  });
});

test('a connection whose TLS never comes about keeps nothing from stopping', async () => {
  const authority = await newAuthority('servers', clock.wallMs());
  const own = await authority.issue({ commonName: 'aggregator', addresses: ['127.0.0.1'], usage: 'server' });
  const running = await start({ stateDir: stateDir(), tls: { read: () => ({ ...own, clientCa: null }) } });
  const silent = await opened(running.url, '');
  const garbling = await opened(running.url, upgrade('/agent'));
  await ended(garbling);
  const cut = ended(silent);
  await running.stop();
  await cut;
});

test('scrapes by HEAD take no place of a reader', async () => {
  const { url } = await aggregator();
  for (let time = 0; time < 20; time += 1) {
    const answer = await fetch(new URL('/metrics', url), { method: 'HEAD' });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/plain')]);
  }
  expect((await fetch(new URL('/metrics', url))).status).toBe(200);
});
