import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { aggregator, atEnd } from './harness.ts';

test.each(['//', 'http://['])('an upgrade of a target that is no path is refused: %s', async (target) => {
  const { url } = await aggregator();
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  atEnd(() => void socket.destroy());
  socket.write(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 400 /);
  expect((await fetch(new URL('/-/healthy', url))).status).toBe(200);
});
