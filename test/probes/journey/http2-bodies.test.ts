/** Large bodies, trailers and the like, with a server of Node's own. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Ground, ground, type Handler2, travelled } from '../../fakes/journeys.ts';

let world: Ground;
beforeEach(async () => {
  world = await ground();
});
afterEach(() => world.close());

const two = { httpVersions: ['2'] as const };
const mebibyte = 1_048_576;
const bytes = Buffer.from(Array.from({ length: mebibyte }, (_, at) => (at * 7 + (at >> 8)) % 256));
const digest = (body: Buffer): string => createHash('sha256').update(body).digest('hex');

/** Answers with how much came, and what. */
const counting: Handler2 = (request, response) => {
  const hash = createHash('sha256');
  let count = 0;
  request.on('data', (piece: Buffer) => {
    hash.update(piece);
    count += piece.length;
  });
  request.on('end', () => response.end(`${count} ${hash.digest('hex')}`));
};

describe('HTTP/2', () => {
  test('brings a body of 20 MiB, byte for byte as far as it is kept', async () => {
    const at = await world.http2((_request, response) => {
      response.writeHead(200, { 'content-length': String(20 * mebibyte) });
      for (let nth = 0; nth < 20; nth += 1) response.write(bytes);
      response.end();
    });
    const made = await travelled(`https://127.0.0.1:${at.port}/`, await world.context(), two);
    expect(made).toMatchObject({ ok: true, response: { bodyBytes: 20 * mebibyte, contentLength: 20 * mebibyte } });
    const kept = made.response?.body ?? Buffer.alloc(0);
    expect(kept.length).toBe(16 * mebibyte);
    expect(digest(kept)).toBe(digest(Buffer.concat(Array.from({ length: 16 }, () => bytes))));
  });

  test.each([
    ['as it comes', {}],
    ['with a window of 1000 bytes', { settings: { initialWindowSize: 1_000 } }],
    [
      'without a table of headers',
      { settings: { headerTableSize: 0, maxFrameSize: 100_000, maxHeaderListSize: 4_000 } },
    ],
  ])('takes a body of 4 MiB along, to a server %s', async (_what, options) => {
    const body = Buffer.concat([bytes, bytes, bytes, bytes]);
    const at = await world.http2(counting, options);
    const made = await travelled(`https://127.0.0.1:${at.port}/`, await world.context(), {
      ...{ ...two, method: 'POST', body, headers: { 'X-Long': 'v'.repeat(2_000) } },
    });
    expect(made.failure).toBe(null);
    expect(made.response?.body.toString()).toBe(`${body.length} ${digest(body)}`);
  });

  test('takes hints before the answer and trailers behind it, and answers pings', async () => {
    const at = await world.http2((_request, response) => {
      response.writeEarlyHints({ link: '</a.css>; rel=preload' });
      response.stream.session?.ping(() => {
        response.writeHead(200, { 'x-a': 'b' });
        response.write('here');
        response.addTrailers({ 'x-after': '1' });
        response.end();
      });
    });
    const made = await travelled(`https://127.0.0.1:${at.port}/`, await world.context(), two);
    expect(made).toMatchObject({ ok: true, response: { status: 200, contentLength: -1 } });
    expect(made.response?.headers.get('x-a')).toEqual(['b']);
    expect(made.response?.headers.has('x-after')).toBe(false);
    expect(made.response?.body.toString()).toBe('here');
  });

  test('is answered by a server that wants no more of the body, which is not sent to its end', async () => {
    let came = 0;
    const at = await world.http2((request, response) => {
      request.on('data', (piece: Buffer) => {
        came += piece.length;
      });
      response.writeHead(413).end('too much');
    });
    const body = Buffer.alloc(16 * mebibyte);
    const made = await travelled(`https://127.0.0.1:${at.port}/`, await world.context(), {
      ...{ ...two, method: 'PUT', body },
    });
    expect(made).toMatchObject({ ok: true, response: { status: 413, bodyBytes: 8 } });
    expect(came).toBeLessThan(body.length);
  });

  test('undoes compression, and leaves a body at its limit', async () => {
    const packed = gzipSync(Buffer.alloc(mebibyte, 'a'));
    const at = await world.http2((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': String(packed.length) }).end(packed);
    });
    const context = await world.context();
    const asked = { ...two, compression: 'gzip' } as const;
    const made = await travelled(`https://127.0.0.1:${at.port}/`, context, asked);
    expect(made.response).toMatchObject({ bodyBytes: packed.length, uncompressedBytes: mebibyte });
    const limited = await travelled(`https://127.0.0.1:${at.port}/`, context, { ...asked, bodyLimitBytes: 1_000 });
    expect(limited).toMatchObject({ ok: false, response: { bodyTooLarge: true, uncompressedBytes: 1_000 } });
  });
});
