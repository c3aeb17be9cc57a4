import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { DeadlineExceeded } from '../../../contract/deadline.ts';
import { askHealth, type HealthAnswer, type HealthQuestion } from '../../../probes/grpc/health.ts';
import type { ProbeContext } from '../../../probes/prober.ts';
import { answerTo, dnsServer } from '../../fakes/dns-server.ts';
import {
  answers,
  framed,
  type HealthServer,
  healthMessage,
  healthServer,
  refuses,
  registry,
  type Serve,
} from '../../fakes/health-server.ts';
import { passingClock, probing } from '../../fakes/probing.ts';
import { deadPort } from '../../fakes/tcp-target.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serving(serve: Serve, options: Parameters<typeof healthServer>[1] = {}): Promise<HealthServer> {
  const server = await healthServer(serve, options);
  open.push(server);
  return server;
}

type Asked = { readonly host: string; readonly port: number } & Partial<HealthQuestion>;

function ask(asked: Asked, context: Partial<ProbeContext> = {}): Promise<HealthAnswer> {
  const question = { family: 'ip4', resolveWith: 'resolver', service: '', tls: false, tlsSettings: {}, metadata: {} };
  const ending = new AbortController().signal;
  return askHealth({ ...question, ...asked } as HealthQuestion, { ...probing(passingClock()), ending, ...context });
}

describe('what a health answer comes to', () => {
  test('SERVING under OK is good, after one connection of its own, with all its phases', async () => {
    const server = await serving(registry({ '': 1 }));
    const answer = await ask(server.at);
    expect(answer).toMatchObject({ ok: true, failure: null, grpcStatus: 0, clientStatus: 0, serving: 'SERVING' });
    expect(answer).toMatchObject({ ip: '127.0.0.1', tls: null });
    expect(Object.keys(answer.phases)).toEqual(['connect', 'firstByte', 'transfer']);
    expect(Object.values(answer.phases).reduce((sum, length) => sum + length)).toBe(answer.durationMs);
    expect(answer.resolveMs + answer.checkMs).toBe(answer.durationMs);
    await server.quiet();
    expect(server.connections()).toBe(1);
  });

  for (const [number, name] of ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN', 'status 4'].entries()) {
    if (name === 'SERVING') continue;
    test(`${name} under OK is bad`, async () => {
      const server = await serving(answers(healthMessage(number)));
      const answer = await ask(server.at);
      const serve = number < 4 ? name : null;
      expect(answer).toMatchObject({ ok: false, grpcStatus: 0, clientStatus: 0, serving: serve });
      expect(answer.failure).toEqual({ failedAt: 'answer', reason: `health: got ${name}, want SERVING` });
    });
  }

  test('a status that is not OK is bad, with its number, its name and its words', async () => {
    const server = await serving(refuses(12, 'no health here: 100%25 %E2%9C%93'));
    const answer = await ask(server.at);
    expect(answer).toMatchObject({ ok: false, grpcStatus: 12, clientStatus: 12, serving: null });
    expect(answer.failure?.reason).toBe('grpc-status: got 12 UNIMPLEMENTED "no health here: 100% ✓", want 0 OK');
  });

  test('a status behind a message counts, and one without a name is told by its number', async () => {
    const server = await serving(answers(healthMessage(1), { 'grpc-status': '99', 'grpc-message': '%zz' }));
    const answer = await ask(server.at);
    expect(answer).toMatchObject({ ok: false, grpcStatus: 99, serving: null });
    expect(answer.failure?.reason).toBe('grpc-status: got 99 "%zz", want 0 OK');
  });

  const broken: readonly (readonly [string, Serve, number | null, number, string])[] = [
    ['no status', answers(healthMessage(1), {}), null, 2, 'grpc-status: got none, want it behind the answer'],
    ['a status that is no number', answers(healthMessage(1), { 'grpc-status': 'fine' }), null, 2, 'got fine, want a'],
    ['no message', answers(Buffer.alloc(0)), 0, 13, 'got 0 bytes, want the 5 before a message'],
    ['half a message', answers(healthMessage(1).subarray(0, 6)), 0, 13, 'got 1 of the 2 bytes of a message'],
    ['two messages', answers(Buffer.concat([healthMessage(1), healthMessage(1)])), 0, 13, 'got 7 bytes behind'],
    ['another message', answers(framed(Buffer.from('{"status":1}'))), 0, 13, 'that is no HealthCheckResponse'],
    ['a flag of its own', answers(framed(Buffer.from('0801', 'hex'), 7)), 0, 13, 'got the flag 7'],
    ['a message of 4 GB', answers(Buffer.from('00ffffffff0801', 'hex')), 0, 13, 'got a message of 4294967295 bytes'],
  ];
  for (const [what, serve, grpcStatus, clientStatus, words] of broken) {
    test(`${what} is bad`, async () => {
      const answer = await ask((await serving(serve)).at);
      expect(answer).toMatchObject({ ok: false, grpcStatus, clientStatus, serving: null });
      expect(answer.failure?.failedAt).toBe('answer');
      expect(answer.failure?.reason).toContain(words);
    });
  }

  test('fields that a later version adds are passed over, and the last status counts', async () => {
    const later = Buffer.from('0802' + '1a03616263' + '210102030405060708' + '2d00000001' + '0801', 'hex');
    expect(await ask((await serving(answers(framed(later)))).at)).toMatchObject({ ok: true, serving: 'SERVING' });
  });

  for (const [httpStatus, clientStatus] of [
    [404, 12],
    [503, 14],
    [418, 2],
  ] as const) {
    test(`HTTP status ${httpStatus} is somebody between, and gRPC's ${clientStatus}`, async () => {
      const server = await serving((stream) => {
        stream.respond({ ':status': httpStatus, 'content-type': 'text/html' });
        stream.end('<h1>no</h1>');
      });
      const answer = await ask(server.at);
      expect(answer).toMatchObject({ ok: false, grpcStatus: null, clientStatus });
      expect(answer.failure?.reason).toBe(`HTTP status: got ${httpStatus}, want 200`);
    });
  }

  test('an HTTP server that is well is no gRPC server', async () => {
    const server = await serving((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'text/html' });
      stream.end('<h1>welcome</h1>');
    });
    expect((await ask(server.at)).failure?.reason).toBe('content-type: got text/html, want application/grpc');
  });
});

describe('packed messages', () => {
  const served = Buffer.from([0x08, 1]);
  test('gzip is unpacked', async () => {
    const server = await serving(
      answers(framed(gzipSync(served), 1), { 'grpc-status': '0' }, { 'grpc-encoding': 'gzip' }),
    );
    expect(await ask(server.at)).toMatchObject({ ok: true, serving: 'SERVING' });
  });

  test('what unpacks to more than a message may have is refused', async () => {
    const bomb = framed(gzipSync(Buffer.alloc(10_000_000)), 1);
    const server = await serving(answers(bomb, { 'grpc-status': '0' }, { 'grpc-encoding': 'gzip' }));
    expect((await ask(server.at)).failure?.reason).toContain('over 65536 bytes unpacked');
  });

  for (const [encoding, words] of [
    ['gzip', 'gzip cannot unpack'],
    ['snappy', 'packed by "snappy", want gzip or deflate'],
    ['identity', 'packed by "identity"'],
  ] as const) {
    test(`what is not packed as it says is refused: ${encoding}`, async () => {
      const server = await serving(answers(framed(served, 1), { 'grpc-status': '0' }, { 'grpc-encoding': encoding }));
      expect((await ask(server.at)).failure?.reason).toContain(words);
    });
  }
});

describe('what is asked', () => {
  test('the service by its name, however long', async () => {
    const name = 'shop.Cart'.repeat(40);
    const server = await serving((stream, request) => {
      // One byte of tag and two of length, for a name of 360 bytes.
      answers(healthMessage(request.body.subarray(8).toString('utf8') === name ? 1 : 2))(stream, request);
    });
    expect(await ask({ ...server.at, service: name })).toMatchObject({ ok: true });
    expect(server.requests[0]?.body.readUInt32BE(1)).toBe(3 + name.length);
  });

  test('as gRPC has it, with the time that is left and the metadata that is given', async () => {
    const server = await serving(registry({ cart: 1 }));
    const metadata = {
      'X-Team': ['a', 'b'],
      'trace-bin': ['\u00ff\u0000'],
      te: ['gzip'],
      'grpc-timeout': ['1S'],
      mistake: ['0'],
    };
    const asked = await ask(
      { ...server.at, service: 'cart', timeoutMs: 3_000, metadata },
      { traceparent: '00-1-2-01' },
    );
    expect(asked.ok).toBe(true);
    const headers = server.requests[0]?.headers ?? {};
    expect(headers).toMatchObject({
      ':method': 'POST',
      ':scheme': 'http',
      ':path': '/grpc.health.v1.Health/Check',
      ':authority': `127.0.0.1:${server.at.port}`,
      'content-type': 'application/grpc',
      te: 'trailers',
      'x-team': 'a, b',
      'trace-bin': '/wA',
      traceparent: '00-1-2-01',
      mistake: '0',
    });
    const [, leftMs] = /^(\d+)m$/.exec(String(headers['grpc-timeout'])) ?? [];
    expect(Number(leftMs)).toBeGreaterThan(2_900);
    expect(Number(leftMs)).toBeLessThan(3_000);
  });

  test('nothing of a time that nobody gave', async () => {
    const server = await serving(registry({ '': 1 }));
    await ask(server.at);
    expect(server.requests[0]?.headers).not.toHaveProperty('grpc-timeout');
  });

  for (const [what, metadata, words] of [
    ['a name', { 'x team': ['a'] }, 'got the name "x team"'],
    ['a value', { token: ['s3cret\r\nx: y'] }, 'metadata token: got a value with other characters'],
  ] as const) {
    test(`metadata that cannot be sent is nobody's failure but ours: ${what}`, async () => {
      const server = await serving(registry({ '': 1 }));
      const answer = await ask({ ...server.at, metadata });
      expect(answer.failure?.failedAt).toBe('agent');
      expect(answer.failure?.reason).toContain(words);
      expect(answer.failure?.reason).not.toContain('s3cret');
      expect(server.requests).toEqual([]);
      await server.quiet();
    });
  }
});

describe('where it stops', () => {
  test('at a name that is not there', async () => {
    const dns = await dnsServer((query) => answerTo(query, [], { flags: 0x8183 } as object));
    open.push(dns);
    const answer = await ask({ host: 'nobody.test', port: 1 }, probing(passingClock(), { resolver: dns.at }));
    expect(answer).toMatchObject({ ip: null, clientStatus: 14, failure: { failedAt: 'resolve' }, checkMs: 0 });
  });

  test('at a port where nobody listens', async () => {
    const answer = await ask(deadPort);
    expect(answer).toMatchObject({ ip: '127.0.0.1', clientStatus: 14, failure: { failedAt: 'connect' } });
  });

  test('at the end of its time, which is gRPC’s own status', async () => {
    const server = await serving(() => undefined);
    const time = new AbortController();
    const asking = ask(server.at, { ending: time.signal });
    await server.asked();
    time.abort(new DeadlineExceeded(3_000));
    const answer = await asking;
    expect(answer).toMatchObject({ grpcStatus: null, clientStatus: 4, failure: { failedAt: 'answer' } });
    expect(answer.failure?.reason).toContain('3000 ms');
    expect(Object.keys(answer.phases)).toEqual(['connect', 'firstByte']);
    await server.quiet();
  });
});
