import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { constants } from 'node:http2';
import type { Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DeadlineExceeded } from '../../../contract/deadline.ts';
import { type Ground, ground, travelled } from '../../fakes/journeys.ts';

let world: Ground;
beforeEach(async () => {
  world = await ground();
});
afterEach(() => world.close());

const both = { httpVersions: ['2', '1.1'] as const };

describe('HTTP/2', () => {
  test('is spoken where both want it, with its phases and what TLS agreed', async () => {
    const at = await world.http2((request, response) => {
      response.writeHead(200, { 'x-version': request.httpVersion, 'set-cookie': ['a=1', 'b=2'] });
      response.end(`${request.method} ${request.url} for ${request.authority}`);
    });
    const made = await travelled(`https://api.test:${at.port}/a?b=c`, await world.context(), both);
    expect(made.ok).toBe(true);
    expect(made.response).toMatchObject({ status: 200, version: '2', contentLength: -1 });
    expect(made.response?.body.toString()).toBe(`GET /a?b=c for api.test:${at.port}`);
    expect(made.response?.headers.get('set-cookie')).toEqual(['a=1', 'b=2']);
    expect(Object.keys(made.phases)).toEqual(['resolve', 'connect', 'tls', 'firstByte', 'transfer']);
    expect(made.hops[0]?.tls).toMatchObject({ alpn: 'h2', version: 'TLS 1.3' });
    expect(made.hops[0]?.tls?.peers[0]?.dnsNames).toContain('api.test');
  });

  test('sends a body and lower-case headers, and none that are of connections', async () => {
    const heard: unknown[] = [];
    const at = await world.http2((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (piece: string) => {
        body += piece;
      });
      request.on('end', () => {
        heard.push(request.headers, body);
        response.end();
      });
    });
    const made = await travelled(`https://api.test:${at.port}/`, await world.context(), {
      ...{ ...both, method: 'POST', body: '{"ä":1}', headers: { 'X-A': 'b', Connection: 'x', Upgrade: 'h2c' } },
    });
    expect(made.ok).toBe(true);
    expect(heard[1]).toBe('{"ä":1}');
    expect(heard[0]).toMatchObject({ 'x-a': 'b', 'content-length': '8', 'user-agent': 'blackstart' });
    expect(heard[0]).not.toHaveProperty('upgrade');
    expect(heard[0]).not.toHaveProperty('connection');
  });

  test('is not offered where only 1.1 is, and 1.1 is spoken where the server has no other', async () => {
    const versions: string[] = [];
    const at = await world.http2((request, response) => {
      versions.push(request.httpVersion);
      response.end();
    });
    const old = await world.https(((request, response) => {
      versions.push(request.httpVersion);
      response.end();
    }) satisfies RequestListener);
    const context = await world.context();
    const only = await travelled(`https://api.test:${at.port}/`, context);
    const agreed = await travelled(`https://api.test:${old.port}/`, context, both);
    expect(versions).toEqual(['1.1', '1.1']);
    expect([only.hops[0]?.tls?.alpn, agreed.hops[0]?.tls?.alpn]).toEqual([null, 'http/1.1']);
    expect(agreed.response?.version).toBe('1.1');
  });

  test('alone is refused by a server that has it not, at tls; and without TLS it cannot be asked', async () => {
    const old = await world.https((_request, response) => response.end());
    const context = await world.context();
    const alone = { httpVersions: ['2'] as const };
    expect((await travelled(`https://api.test:${old.port}/`, context, alone)).failure?.failedAt).toBe('tls');
    expect((await travelled(`http://api.test:${old.port}/`, context, alone)).failure?.failedAt).toBe('agent');
  });

  test('follows redirects over a connection each, and takes lengths as they are', async () => {
    const at = await world.http2((request, response) => {
      if (request.url === '/') return void response.writeHead(302, { location: '/next' }).end();
      return void response.writeHead(200, { 'content-length': '4' }).end('here');
    });
    const made = await travelled(`https://api.test:${at.port}/`, await world.context(), both);
    expect(made.response).toMatchObject({ contentLength: 4, bodyBytes: 4 });
    expect(made.hops.map(({ tls }) => tls?.alpn)).toEqual(['h2', 'h2']);
    expect(at.connections()).toBe(2);
    const head = await travelled(`https://api.test:${at.port}/next`, await world.context(), {
      ...both,
      method: 'HEAD',
    });
    expect(head.response).toMatchObject({ contentLength: 4, bodyBytes: 0 });
  });

  test.each([
    ['a stream that is reset', constants.NGHTTP2_INTERNAL_ERROR],
    ['a stream that is refused', constants.NGHTTP2_REFUSED_STREAM],
  ])('%s is bad at answer, and is not asked again', async (_what, code) => {
    let asked = 0;
    const at = await world.http2((_request, response) => {
      asked += 1;
      response.stream.close(code);
    });
    const made = await travelled(`https://api.test:${at.port}/`, await world.context(), both);
    expect(made.failure).toMatchObject({ failedAt: 'answer' });
    expect([asked, at.connections()]).toEqual([1, 1]);
  });

  test('a stream that is reset within its body is bad, and what came of it is there', async () => {
    const at = await world.http2((_request, response) => {
      response.writeHead(200);
      response.write('half', () => response.stream.close(constants.NGHTTP2_INTERNAL_ERROR));
    });
    const made = await travelled(`https://api.test:${at.port}/`, await world.context(), both);
    expect(made).toMatchObject({ ok: false, failure: { failedAt: 'answer' }, response: { status: 200 } });
  });

  test('a server that says goodbye, closes or keeps silent is bad at answer', async () => {
    const gone = await world.http2((_request, response) => response.stream.session?.goaway(2));
    const closed = await world.http2((_request, response) => response.stream.session?.socket.destroy());
    const context = await world.context();
    for (const { port } of [gone, closed]) {
      const made = await travelled(`https://api.test:${port}/`, context, both);
      expect(made.failure?.failedAt).toBe('answer');
    }
    const silent = new AbortController();
    const mute = await world.http2(() => silent.abort(new DeadlineExceeded(3_000)));
    const made = await travelled(`https://api.test:${mute.port}/`, { ...context, ending: silent.signal }, both);
    expect(made.failure).toMatchObject({
      failedAt: 'answer',
      reason: 'first byte: got nothing, want it within 3000 ms',
    });
  });

  test('garbage instead of frames is bad at answer, and the connection is closed', async () => {
    const pem = await world.authority.issue({ commonName: 'api.test', dns: ['api.test'], usage: 'server' });
    let accepted: Socket | undefined;
    const server = createTlsServer({ ...pem, ALPNProtocols: ['h2'] }, (socket) => {
      accepted = socket;
      socket.on('error', () => undefined);
      socket.once('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });
    const at = await world.listening(server);
    const made = await travelled(`https://api.test:${at.port}/`, await world.context(), both);
    expect(made.failure).toMatchObject({ failedAt: 'answer' });
    if (accepted?.destroyed === false) await once(accepted, 'close');
  });
});
