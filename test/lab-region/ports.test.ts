import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { Mistakes } from '../../contract/mistake.ts';
import { listenAt } from '../../lab/network/listen.ts';
import { sharedPort } from '../../lab/network/ports.ts';

const addresses = ['127.110.0.1', '127.110.0.2', '127.110.0.3'];

test('a shared port can be had on all addresses, over TCP and UDP', async () => {
  const port = await sharedPort(addresses, { udp: true });
  expect(port).toBeGreaterThan(0);
  for (const host of addresses) {
    const server = createServer();
    await listenAt(server, { host, port }, 'a test');
    const socket = createSocket('udp4');
    socket.bind(port, host);
    await once(socket, 'listening');
    await Promise.all([once(server.close(), 'close'), once(socket.close(), 'close')]);
  }
});

test('a port for UDP alone leaves TCP out', async () => {
  expect(await sharedPort(addresses, { udp: true, tcp: false })).toBeGreaterThan(0);
});

test('a port that is taken is one sentence that says whose and where', async () => {
  const [host = ''] = addresses;
  const holder = createServer();
  await listenAt(holder, { host, port: 0 }, 'the holder');
  const { port } = holder.address() as { port: number };
  const refusal = listenAt(createServer(), { host, port }, 'the door of us-east-1');
  await expect(refusal).rejects.toThrow(Mistakes);
  await expect(refusal).rejects.toThrow(
    `the door of us-east-1: got ${host}:${port} (listen EADDRINUSE: address already in use ${host}:${port}), want a port that no other program holds`,
  );
  await once(holder.close(), 'close');
});

test('an address of another machine is a mistake too', async () => {
  await expect(sharedPort(['192.0.2.1'])).rejects.toThrow('want an address of this machine');
  await expect(sharedPort(['192.0.2.1'], { udp: true, tcp: false })).rejects.toThrow('want an address of this machine');
});
