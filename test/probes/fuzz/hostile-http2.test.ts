/** HTTP/2 servers that mean harm: frames that are none, that never end, and that are too many. */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DeadlineExceeded } from '../../../contract/deadline.ts';
import { seededRandom } from '../../../contract/random.ts';
import { headerBlock } from '../../fakes/http2-frames.ts';
import { type Ground, ground, type Served, travelled } from '../../fakes/journeys.ts';

let world: Ground;
beforeEach(async () => {
  world = await ground();
});
afterEach(() => world.close());

const two = { httpVersions: ['2'] as const };
const settings = frame(4, 0, 0);

function frame(type: number, flags: number, stream: number, body: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
}

/** Whoever connects has agreed on HTTP/2, and is served by `serve`. */
async function speaking(serve: (socket: Socket) => void): Promise<Served> {
  const pem = await world.authority.issue({ commonName: 'a', addresses: ['127.0.0.1'], usage: 'server' });
  return world.listening(
    createTlsServer({ ...pem, ALPNProtocols: ['h2'] }, (socket) => {
      serve(socket.on('error', () => undefined).resume());
    }),
  );
}

function tatters(): Buffer[] {
  const random = seededRandom(7);
  const many = (one: Buffer): Buffer => Buffer.concat([settings, ...Array.from({ length: 20_000 }, () => one)]);
  return [
    Buffer.alloc(0),
    randomBytes(500),
    Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
    Buffer.from('ffffff040000000000', 'hex'),
    Buffer.concat([settings, frame(1, 5, 1, Buffer.from('ffffffff', 'hex'))]),
    Buffer.concat([settings, frame(0, 0, 1, Buffer.from('hello'))]),
    many(settings),
    many(frame(9, 0, 1)),
    many(frame(6, 0, 0, Buffer.alloc(8))),
    ...Array.from({ length: 60 }, () => {
      const body = Buffer.from(Array.from({ length: Math.floor(random() * 40) }, () => Math.floor(random() * 256)));
      const type = Math.floor(random() * 10);
      return Buffer.concat([settings, frame(type, Math.floor(random() * 256), random() < 0.5 ? 1 : 0, body)]);
    }),
  ];
}

describe('an HTTP/2 server', () => {
  test('in tatters is bad at answer, whatever the tatters', async () => {
    const all = tatters();
    let next = 0;
    const at = await speaking((socket) => {
      socket.end(all[next] ?? Buffer.alloc(0));
      next += 1;
    });
    const context = await world.context();
    for (let nth = 0; nth < all.length; nth += 1) {
      const made = await travelled(`https://127.0.0.1:${at.port}/`, context, two);
      expect([nth, made.failure?.failedAt]).toEqual([nth, 'answer']);
    }
  });

  // `:status 103` as a literal, without an end of the stream.
  const early = Buffer.concat([Buffer.from([0x08, 3]), Buffer.from('103')]);
  test.each([
    ['settings', settings],
    ['pings', frame(6, 0, 0, Buffer.alloc(8))],
    ['updates of a window', frame(8, 0, 0, Buffer.from([0, 0, 0, 0]))],
    ['frames of no kind', frame(99, 0, 0, Buffer.alloc(100))],
    ['interim answers', frame(1, 4, 1, early)],
    ['headers without an end', frame(1, 0, 1, early)],
    ['parts of headers', frame(9, 0, 1, Buffer.alloc(1_000))],
  ])('that sends %s for ever is left when the time is up, if not before', async (_what, one) => {
    const signal = new AbortController();
    const batch = Buffer.concat(Array.from({ length: 200 }, () => one));
    let gone: Promise<void> | undefined;
    const at = await speaking((socket) => {
      gone = new Promise((resolve) => socket.on('close', () => resolve()));
      let batches = 0;
      const go = (): void => {
        batches += 1;
        if (batches === 30) signal.abort(new DeadlineExceeded(800));
        if (!socket.destroyed) socket.write(batch, () => setImmediate(go));
      };
      socket.write(settings, go);
    });
    const context = await world.context({}, { ending: signal.signal });
    const made = await travelled(`https://127.0.0.1:${at.port}/`, context, two);
    expect(made.failure?.failedAt).toBe('answer');
    await gone;
  });

  test('whose body has no end is left at the limit, or when it is enough', async () => {
    const at = await world.http2((_request, response) => {
      const more = (): void => {
        while (!response.stream.destroyed && response.write(Buffer.alloc(20_000)));
      };
      response.on('drain', more);
      more();
    });
    const url = `https://127.0.0.1:${at.port}/`;
    const context = await world.context();
    const limited = await travelled(url, context, { ...two, bodyLimitBytes: 100_000 });
    expect(limited).toMatchObject({ ok: false, response: { bodyTooLarge: true, uncompressedBytes: 100_000 } });
    const enough = await travelled(url, context, { ...two, bodyEnoughBytes: 100_000 });
    expect(enough).toMatchObject({ ok: true, response: { whole: false, uncompressedBytes: 100_000 } });
  });

  test.each([
    ['more headers', 400, 10],
    ['larger headers', 4, 30_000],
  ])('that sends %s than anybody needs is bad at answer', async (_what, count, bytes) => {
    const at = await world.http2(
      (_request, response) => {
        const headers = Array.from({ length: count }, (_, nth) => [`x-${nth}`, 'v'.repeat(bytes)]);
        response.writeHead(200, Object.fromEntries(headers)).end();
      },
      { maxSendHeaderBlockLength: 1_000_000 },
    );
    const made = await travelled(`https://127.0.0.1:${at.port}/`, await world.context(), two);
    expect(made.failure?.failedAt).toBe('answer');
  });
});

/** As such leave memory behind in node:http2, which aborts the process when it finds it (nodejs/node#39951). */
describe('headers that are left open', () => {
  const status = headerBlock([[':status', '200']]);
  const begun = frame(1, 0, 1, status);
  const answered = frame(1, 4, 1, status);
  const after = frame(1, 4, 1, headerBlock([['a', 'b'.repeat(50)]]));
  const wrong = frame(6, 0, 0, Buffer.alloc(9));
  test.each([
    ['that are begun and not ended, then an error', [begun, wrong]],
    ['that are begun and not ended, then settings', [begun, settings]],
    ['that are begun and not ended, then the end', [begun]],
    ['that are begun and go on as no headers', [begun, frame(9, 4, 1, Buffer.alloc(40, 255))]],
    ['trailers that end nothing, then an error', [answered, after, wrong]],
    ['trailers that are begun and not ended, then an error', [answered, frame(1, 1, 1, status), wrong]],
  ])('(%s) are bad at answer, a hundred times', async (_what, frames) => {
    const at = await speaking((socket) => socket.end(Buffer.concat([settings, ...frames])));
    const context = await world.context();
    for (let nth = 0; nth < 100; nth += 1) {
      const made = await travelled(`https://127.0.0.1:${at.port}/`, context, two);
      expect(made.failure?.failedAt).toBe('answer');
    }
    expect(at.connections()).toBe(100);
  });
});
