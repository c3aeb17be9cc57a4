import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { maxKeptBytes } from '../../../probes/http/journey/sink.ts';
import { type Ground, ground, type Served, travelled } from '../../fakes/journeys.ts';

let world: Ground;
beforeEach(async () => {
  world = await ground();
});
afterEach(() => world.close());

const text = 'the same words again and again, '.repeat(100);

async function serving(body: Buffer | string, encoding?: string): Promise<Served & { readonly asked: unknown[] }> {
  const asked: unknown[] = [];
  const at = await world.http((request, response) => {
    asked.push(request.headers['accept-encoding']);
    response.writeHead(200, encoding === undefined ? {} : { 'content-encoding': encoding }).end(body);
  });
  return { ...at, asked };
}

describe('a compressed answer', () => {
  test.each([
    ['gzip', gzipSync(text), 'gzip'],
    ['gzip', gzipSync(text), 'x-gzip'],
    ['br', brotliCompressSync(text), 'BR'],
    ['deflate', deflateSync(text), 'deflate'],
    ['deflate', deflateRawSync(text), 'deflate'],
  ] as const)('that was asked for as %s is undone', async (compression, packed, encoding) => {
    const at = await serving(packed, encoding);
    const made = await travelled(`http://api.test:${at.port}/`, await world.context(), { compression });
    expect(at.asked).toEqual([compression]);
    expect(made.response?.body.toString()).toBe(text);
    expect(made.response).toMatchObject({ bodyBytes: packed.length, uncompressedBytes: text.length, whole: true });
  });

  test.each([
    ['nobody asked for', null, 'gzip'],
    ['is not what was asked for', 'br', 'gzip'],
    ['says nothing of it', 'gzip', undefined],
    ['is to be as it is', 'identity', 'gzip'],
  ] as const)('that %s stays as it came', async (_what, compression, encoding) => {
    const packed = gzipSync(text);
    const at = await serving(packed, encoding);
    const made = await travelled(`http://api.test:${at.port}/`, await world.context(), { compression });
    expect(made.ok).toBe(true);
    expect(made.response?.body.equals(packed)).toBe(true);
  });

  test('is asked for as the headers say, where they do', async () => {
    const at = await serving('');
    await travelled(`http://api.test:${at.port}/`, await world.context(), {
      ...{ compression: 'gzip', headers: { 'accept-encoding': 'gzip;q=0.5, br' } },
    });
    await travelled(`http://api.test:${at.port}/`, await world.context(), {
      ...{ compression: 'deflate', compressionAssumed: true },
    });
    expect(at.asked).toEqual(['gzip;q=0.5, br', undefined]);
  });

  test.each([
    ['gzip', gzipSync(text), true],
    ['gzip', Buffer.from(text), false],
    ['gzip', Buffer.alloc(0), false],
    ['deflate', deflateRawSync(text), true],
    ['deflate', deflateSync(text), false],
  ] as const)('that is taken for %s whatever it says is undone or refused', async (compression, body, ok) => {
    const at = await serving(body);
    const made = await travelled(`http://api.test:${at.port}/`, await world.context(), {
      ...{ compression, compressionAssumed: true },
    });
    expect(made.ok).toBe(ok);
    if (!ok) expect(made).toMatchObject({ failure: { failedAt: 'answer' }, response: { status: 200 } });
  });

  test('that breaks off or is none is bad at answer', async () => {
    for (const body of [gzipSync(text).subarray(0, 40), Buffer.from('no gzip at all')]) {
      const at = await serving(body, 'gzip');
      const made = await travelled(`http://api.test:${at.port}/`, await world.context(), { compression: 'gzip' });
      expect(made.failure?.failedAt).toBe('answer');
      expect(made.failure?.reason).toMatch(/^body: .*, want gzip$/);
      expect(made.response).toMatchObject({ status: 200, bodyBytes: body.length });
    }
  });

  test('of nothing at all is nothing, and a HEAD has none', async () => {
    const at = await serving('', 'gzip');
    const context = await world.context();
    for (const method of ['GET', 'HEAD']) {
      const made = await travelled(`http://api.test:${at.port}/`, context, { method, compression: 'gzip' });
      expect(made).toMatchObject({ ok: true, response: { uncompressedBytes: 0 } });
    }
  });
});

describe('how much of a body is taken', () => {
  test('as much as the limit allows, and a byte more is bad', async () => {
    const at = await serving('12345678');
    const context = await world.context();
    const url = `http://api.test:${at.port}/`;
    const fits = await travelled(url, context, { bodyLimitBytes: 8 });
    expect(fits).toMatchObject({ ok: true, response: { bodyTooLarge: false, uncompressedBytes: 8, whole: true } });
    const over = await travelled(url, context, { bodyLimitBytes: 7 });
    expect(over.failure).toEqual({ failedAt: 'answer', reason: 'body: got more than 7 bytes, want at most so many' });
    expect(over.response).toMatchObject({ bodyTooLarge: true, uncompressedBytes: 7, whole: false });
    expect(over.response?.body.toString()).toBe('1234567');
  });

  test('enough is no failure, and the rest is not waited for', async () => {
    const at = await world.http((_request, response) => {
      response.writeHead(200);
      response.write('a'.repeat(100_000));
    });
    const made = await travelled(`http://api.test:${at.port}/`, await world.context(), { bodyEnoughBytes: 65_536 });
    expect(made).toMatchObject({
      ok: true,
      response: { bodyTooLarge: false, uncompressedBytes: 65_536, whole: false },
    });
  });

  test('a limit is on what is unpacked, and unpacking stops there', async () => {
    const packed = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const at = await serving(packed, 'gzip');
    const context = await world.context();
    const made = await travelled(`http://api.test:${at.port}/`, context, {
      compression: 'gzip',
      bodyLimitBytes: 1_000_000,
    });
    expect(made).toMatchObject({ ok: false, response: { bodyTooLarge: true, uncompressedBytes: 1_000_000 } });
  });

  test('what is larger than 16 MiB is counted and not kept', async () => {
    const size = maxKeptBytes + 5_000_000;
    const packed = gzipSync(Buffer.alloc(size), { level: 1 });
    const at = await serving(packed, 'gzip');
    const made = await travelled(`http://api.test:${at.port}/`, await world.context(), { compression: 'gzip' });
    expect(made).toMatchObject({ ok: true, response: { uncompressedBytes: size, whole: false } });
    expect(made.response?.body.length).toBe(maxKeptBytes);
  });
});
