import type { IncomingMessage, RequestListener } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Ground, ground, travelled } from '../../fakes/journeys.ts';

let world: Ground;
beforeEach(async () => {
  world = await ground();
});
afterEach(() => world.close());

/** Redirects from `/N` to `/N+1` up to `/end`, and remembers what it was asked. */
function staircase(steps: number, status = 302): RequestListener & { readonly heard: string[] } {
  const heard: string[] = [];
  return Object.assign(
    ((request, response) => {
      heard.push(`${request.method} ${request.url}`);
      const at = Number(request.url?.slice(1));
      if (at < steps) response.writeHead(status, { location: `/${at + 1}` }).end('moved');
      else response.end('arrived');
    }) satisfies RequestListener,
    { heard },
  );
}

describe('a journey over redirects', () => {
  test('has a hop for each, each with its phases, over a connection of its own', async () => {
    const way = staircase(2);
    const at = await world.http(way);
    const made = await travelled(`http://api.test:${at.port}/0`, await world.context());
    expect(made.response).toMatchObject({ status: 200, contentLength: 7, bodyBytes: 7, version: '1.1' });
    expect(made.response?.body.toString()).toBe('arrived');
    expect(made.hops.map(({ url, status, ip }) => [url, status, ip])).toEqual([
      [`http://api.test:${at.port}/0`, 302, '127.0.0.1'],
      [`http://api.test:${at.port}/1`, 302, '127.0.0.1'],
      [`http://api.test:${at.port}/2`, 200, '127.0.0.1'],
    ]);
    expect(made.redirects).toBe(2);
    expect(at.connections()).toBe(3);
    expect(made.hops.map(({ phases }) => phases.resolveMs > 0)).toEqual([true, false, false]);
    expect(made.hops.map(({ phases }) => phases.transferMs > 0)).toEqual([false, false, true]);
    for (const { phases } of made.hops) {
      expect(phases.connectMs).toBeGreaterThan(0);
      expect(phases.processingMs).toBeGreaterThan(0);
      expect(phases.tlsMs).toBe(0);
    }
  });

  test('follows as many as it may, and then the redirect is the answer', async () => {
    const way = staircase(5);
    const at = await world.http(way);
    const made = await travelled(`http://api.test:${at.port}/0`, await world.context(), { maxRedirects: 2 });
    expect(made.ok).toBe(true);
    expect(made.response).toMatchObject({ status: 302, bodyBytes: 5 });
    expect(made.redirects).toBe(3);
    expect(way.heard).toEqual(['GET /0', 'GET /1', 'GET /2']);
  });

  test('without leave takes the first redirect for its answer', async () => {
    const at = await world.http(staircase(1));
    const made = await travelled(`http://api.test:${at.port}/0`, await world.context(), { maxRedirects: 0 });
    expect(made.response?.status).toBe(302);
    expect([made.hops.length, made.redirects]).toEqual([1, 1]);
  });

  test.each([
    [301, 'POST', 'GET', ''],
    [302, 'PUT', 'GET', ''],
    [303, 'POST', 'GET', ''],
    [303, 'HEAD', 'HEAD', ''],
    [301, 'HEAD', 'HEAD', ''],
    [307, 'POST', 'POST', 'the body'],
    [308, 'PUT', 'PUT', 'the body'],
  ])('after %i a %s goes on as %s', async (status, method, then, body) => {
    const heard: { line: string; type: string | undefined; body: string }[] = [];
    const at = await world.http(async (request, response) => {
      const text = await textOf(request);
      heard.push({ line: `${request.method} ${request.url}`, type: request.headers['content-type'], body: text });
      if (request.url === '/0') response.writeHead(status, { location: '/1' }).end();
      else response.end();
    });
    const sent = method === 'HEAD' ? null : 'the body';
    const made = await travelled(`http://api.test:${at.port}/0`, await world.context(), {
      ...{ method, body: sent, headers: { 'content-type': 'text/plain' } },
    });
    expect(made.ok).toBe(true);
    expect(heard.at(-1)).toEqual({ line: `${then} /1`, type: body === '' ? undefined : 'text/plain', body });
  });

  test.each([
    ['without a place', {}],
    ['with an empty place', { location: '' }],
  ])('takes a redirect %s for an answer', async (_what, headers) => {
    const at = await world.http((_request, response) => response.writeHead(302, headers).end('here'));
    const made = await travelled(`http://api.test:${at.port}/`, await world.context());
    expect(made).toMatchObject({ ok: true, redirects: 0, response: { status: 302, bodyBytes: 4 } });
  });

  test.each([
    ['another protocol', 'ftp://api.test/', 'location: got ftp:, want http:// or https://'],
    ['nowhere', 'http://', 'location: got no URL'],
  ])('that lead to %s is bad at answer', async (_what, location, reason) => {
    const at = await world.http((_request, response) => response.writeHead(302, { location }).end());
    const made = await travelled(`http://api.test:${at.port}/`, await world.context());
    expect(made).toMatchObject({ ok: false, failure: { failedAt: 'answer', reason }, response: { status: 302 } });
  });

  test('does not wait for the body of a redirect', async () => {
    const at = await world.http((request, response) => {
      if (request.url !== '/0') return response.end('arrived');
      return response.writeHead(302, { location: '/1', 'content-length': '10' }).flushHeaders();
    });
    const made = await travelled(`http://api.test:${at.port}/0`, await world.context());
    expect(made.response?.body.toString()).toBe('arrived');
  });

  test('that ends at a dead host is bad where it died, and says behind how many redirects', async () => {
    const at = await world.http((_request, response) =>
      response.writeHead(302, { location: 'http://gone.invalid/' }).end(),
    );
    const made = await travelled(`http://api.test:${at.port}/`, await world.context());
    expect(made.failure?.failedAt).toBe('resolve');
    expect(made.failure?.reason).toMatch(/^behind 1 redirect: gone\.invalid/);
    expect(made.response).toBeNull();
    expect(made.hops.map(({ status, ip }) => [status, ip])).toEqual([
      [302, '127.0.0.1'],
      [null, null],
    ]);
    expect(made.hops[1]?.phases).toMatchObject({ connectMs: 0, tlsMs: 0, processingMs: 0, transferMs: 0 });
  });

  test('goes nowhere that the agent does not', async () => {
    const location = 'http://169.254.169.254/latest/meta-data';
    const at = await world.http((_request, response) => response.writeHead(302, { location }).end());
    const made = await travelled(`http://api.test:${at.port}/`, await world.context());
    expect(made.failure).toMatchObject({ failedAt: 'agent' });
    expect(made.failure?.reason).toContain('169.254.169.254');
  });
});

describe('who is told what over redirects', () => {
  const secrets = { authorization: 'Bearer given', cookie: 'a=b', 'x-kept': 'yes' };

  async function toldTo(host: string): Promise<IncomingMessage['headers'] | undefined> {
    const heard = new Map<string, IncomingMessage['headers']>();
    const at = await world.http((request, response) => {
      const [name = ''] = (request.headers.host ?? '').split(':');
      heard.set(name, request.headers);
      if (name === 'api.test') response.writeHead(302, { location: `http://${host}:${at.port}/` }).end();
      else response.end();
    });
    const made = await travelled(`http://api.test:${at.port}/`, await world.context(), { headers: secrets });
    expect(made.ok).toBe(true);
    return heard.get(host);
  }

  test('what says who we are goes on to hosts below', async () => {
    expect(await toldTo('www.api.test')).toMatchObject(secrets);
  });

  test.each(['other.test', 'xapi.test', '127.0.0.1'])('and not to %s', async (host) => {
    const headers = await toldTo(host);
    expect(headers).toMatchObject({ 'x-kept': 'yes' });
    expect(headers?.authorization).toBeUndefined();
    expect(headers?.cookie).toBeUndefined();
  });

  test('nor again to the first host, once somebody else led back to it', async () => {
    const heard: (string | undefined)[] = [];
    const at = await world.http((request, response) => {
      heard.push(request.headers.authorization);
      const places = [`http://other.test:${at.port}/`, `http://api.test:${at.port}/back`];
      const location = places[heard.length - 1];
      if (location === undefined) response.end();
      else response.writeHead(302, { location }).end();
    });
    const made = await travelled(`http://api.test:${at.port}/`, await world.context(), {
      authorization: { kind: 'header', type: 'Bearer', credentials: 'of ours' },
    });
    expect(made.ok).toBe(true);
    expect(heard).toEqual(['Bearer of ours', undefined, undefined]);
  });

  test('another Host goes along relative redirects, and to nobody else', async () => {
    const heard: (string | undefined)[] = [];
    const at = await world.http((request, response) => {
      heard.push(request.headers.host);
      const location = [`/next`, `http://other.test:${at.port}/`][heard.length - 1];
      if (location === undefined) response.end();
      else response.writeHead(302, { location }).end();
    });
    await travelled(`http://127.0.0.1:${at.port}/`, await world.context(), { host: 'virtual.test' });
    expect(heard).toEqual(['virtual.test', 'virtual.test', `other.test:${at.port}`]);
  });
});

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += piece;
  return text;
}
