import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { attempt } from '../../probes/attempt.ts';
import { farewell } from '../../probes/farewell.ts';
import { hearing } from '../../probes/hearing.ts';
import { httpCheck, passingClock, probing } from '../fakes/probing.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function serve(onConnection: (socket: Socket) => void): Promise<{ url: string; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, sockets };
}

const answer = (body: string): string => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

describe('what comes on a connection', () => {
  test('too early is heard as soon as somebody hears', () => {
    const heard: string[] = [];
    const early = hearing();
    early.onread.buffer.write('one');
    expect(early.onread.callback(3)).toBe(true);
    early.onread.buffer.write('two');
    early.onread.callback(3);
    early.onread.buffer.write('---');
    const nothing = (): void => undefined;
    early.listen({ take: (bytes) => heard.push(bytes.toString()), end: nothing, close: nothing, fail: nothing });
    early.onread.buffer.write('now');
    early.onread.callback(3);
    expect(heard).toEqual(['onetwo', 'now']);
  });

  test('too early and without an end is read no further', () => {
    const early = hearing();
    expect(early.onread.callback(early.onread.buffer.length)).toBe(false);
  });

  test('of many connections at once is never mixed up, in however many pieces', async () => {
    const bodies = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(3_000));
    const { url } = await serve((socket) => {
      socket.once('data', (request) => {
        const index = Number(/GET \/(\d+)/.exec(request.toString())?.[1]);
        const text = answer(bodies[index] ?? '');
        // A piece at a time, each after all others have had theirs.
        const send = (from: number): void => {
          if (from >= text.length) return;
          socket.write(text.slice(from, from + 1_000), () => setImmediate(() => send(from + 1_000)));
        };
        send(0);
      });
    });
    const seen = await Promise.all(
      bodies.map((body, index) =>
        attempt(
          httpCheck(`${url}${index}`, { expect: { status: [200], headers: {}, bodyContains: [body] } }),
          probing(passingClock()),
          undefined,
        ),
      ),
    );
    expect(seen.map(({ outcome, reason }) => reason ?? outcome)).toEqual(bodies.map(() => 'good'));
  });
});

describe('connections that are done with', () => {
  test('are closed together, and not before', async () => {
    const { url, sockets } = await serve((socket) => socket.once('data', () => socket.write(answer('ok'))));
    const leaving = farewell();
    const context = { ...probing(passingClock()), letGo: leaving.letGo };
    for (let turn = 0; turn < 3; turn += 1) {
      expect((await attempt(httpCheck(url), context, undefined)).outcome).toBe('good');
    }
    const closed = Promise.all(sockets.map((socket) => once(socket.resume(), 'close')));
    expect(sockets.map(({ readyState }) => readyState)).toEqual(['open', 'open', 'open']);
    leaving.close();
    await closed;
  });

  test('are not kept without an end', () => {
    const leaving = farewell();
    let destroyed = 0;
    for (let count = 0; count < 300; count += 1) {
      leaving.letGo({ destroy: () => (destroyed += 1) } as unknown as Socket);
    }
    expect(destroyed).toBe(256);
  });
});
