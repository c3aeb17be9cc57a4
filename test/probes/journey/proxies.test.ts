import { once } from 'node:events';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DeadlineExceeded } from '../../../contract/deadline.ts';
import { targetLimits } from '../../../probes/limits.ts';
import { type Ground, ground, type Served, travelled } from '../../fakes/journeys.ts';
import { proxyServer, type Refusal } from '../../fakes/proxy.ts';

let world: Ground;
beforeEach(async () => {
  world = await ground();
});
afterEach(() => world.close());

async function proxied(options: { readonly tls?: boolean; readonly refuse?: Refusal } = {}) {
  const pem = await world.authority.issue({ commonName: 'proxy.test', dns: ['proxy.test'], usage: 'server' });
  const { refuse, tls } = options;
  const server = proxyServer({
    names: { 'api.test': '127.0.0.1' },
    ...(refuse === undefined ? {} : { refuse }),
    ...(tls === true ? { pem } : {}),
  });
  const at = await world.listening(server);
  return { ...at, heard: server.heard, url: `${tls === true ? 'https' : 'http'}://proxy.test:${at.port}` };
}

async function echoing(kind: 'http' | 'https'): Promise<Served> {
  return world[kind]((request, response) => {
    response.end(`${request.method} ${request.url} ${request.headers.host} ${request.headers['proxy-authorization']}`);
  });
}

describe('through a proxy', () => {
  test('http is asked for by its whole URL, at the address looked up here', async () => {
    const [at, proxy] = [await echoing('http'), await proxied()];
    const made = await travelled(`http://api.test:${at.port}/a?b=c`, await world.context(), {
      proxy: { url: proxy.url, connectHeaders: { 'x-connect': 'no' } },
    });
    expect(made.response?.body.toString()).toBe(`GET /a?b=c api.test:${at.port} undefined`);
    expect(proxy.heard.map(({ method, url }) => `${method} ${url}`)).toEqual([`GET http://127.0.0.1:${at.port}/a?b=c`]);
    expect(proxy.heard[0]?.headers).not.toHaveProperty('x-connect');
    expect(made.hops[0]?.ip).toBe('127.0.0.1');
  });

  test('https goes through a tunnel, with what the proxy is to be told', async () => {
    const [at, proxy] = [await echoing('https'), await proxied()];
    const made = await travelled(`https://api.test:${at.port}/a`, await world.context(), {
      proxy: { url: proxy.url.replace('//', '//us%40er:pass@'), connectHeaders: { 'x-connect': 'yes' } },
      headers: { 'x-inner': 'only' },
    });
    expect(made.response?.body.toString()).toBe(`GET /a api.test:${at.port} undefined`);
    expect(proxy.heard.map(({ method, url }) => `${method} ${url}`)).toEqual([`CONNECT 127.0.0.1:${at.port}`]);
    const authorization = `Basic ${Buffer.from('us@er:pass').toString('base64')}`;
    expect(proxy.heard[0]?.headers).toMatchObject({ 'x-connect': 'yes', 'proxy-authorization': authorization });
    expect(proxy.heard[0]?.headers).not.toHaveProperty('x-inner');
    expect(Object.keys(made.phases)).toEqual(['resolve', 'connect', 'tls', 'firstByte', 'transfer']);
    expect(made.hops[0]?.tls?.peers[0]?.dnsNames).toContain('api.test');
    expect(JSON.stringify(made)).not.toContain('pass');
  });

  test('its credentials go to it and not behind it', async () => {
    const [at, proxy] = [await echoing('http'), await proxied()];
    await travelled(`http://api.test:${at.port}/`, await world.context(), {
      proxy: { url: proxy.url.replace('//', '//me:pw@'), connectHeaders: {} },
    });
    expect(proxy.heard[0]?.headers['proxy-authorization']).toBe(`Basic ${Buffer.from('me:pw').toString('base64')}`);
  });

  test.each(['http', 'https'] as const)('%s goes over a proxy that is spoken to over TLS', async (kind) => {
    const [at, proxy] = [await echoing(kind), await proxied({ tls: true })];
    const made = await travelled(`${kind}://api.test:${at.port}/`, await world.context(), {
      proxy: { url: proxy.url, connectHeaders: {} },
    });
    expect(made.response?.status).toBe(200);
    expect(proxy.heard.length).toBe(1);
    expect(made.hops[0]?.tls?.peers[0]?.subject).toBe(kind === 'https' ? 'CN=api.test' : undefined);
  });

  test('HTTP/2 is agreed with the target, through the tunnel', async () => {
    const proxy = await proxied();
    const at = await world.http2((_request, response) => response.end('h2'));
    const made = await travelled(`https://api.test:${at.port}/`, await world.context(), {
      ...{ proxy: { url: proxy.url, connectHeaders: {} }, httpVersions: ['2', '1.1'] },
    });
    expect(made.response).toMatchObject({ version: '2', status: 200 });
  });

  test.each(['http', 'https'] as const)('that looks names up itself %s is asked for by name', async (kind) => {
    const [at, proxy] = [await echoing(kind), await proxied()];
    // Nobody here knows the name.
    const context = await world.context({ 'api.test': '127.0.0.99' });
    const made = await travelled(`${kind}://api.test:${at.port}/`, context, {
      ...{ proxy: { url: proxy.url, connectHeaders: {} }, resolveThroughProxy: true },
    });
    expect(made.response?.status).toBe(200);
    expect(proxy.heard[0]?.url).toContain(`api.test:${at.port}`);
    expect(made.hops[0]?.ip).toBeNull();
  });

  test('redirects are asked for through it too', async () => {
    const proxy = await proxied();
    const at = await world.http((request, response) => {
      if (request.url === '/') response.writeHead(302, { location: '/next' });
      response.end();
    });
    await travelled(`http://api.test:${at.port}/`, await world.context(), {
      proxy: { url: proxy.url, connectHeaders: {} },
    });
    expect(proxy.heard.map(({ url }) => new URL(url).pathname)).toEqual(['/', '/next']);
  });

  test('nothing is asked for that the agent does not go to by itself', async () => {
    const proxy = await proxied();
    const limits = targetLimits({ allowed: ['127.0.0.1'] }, () => undefined);
    const context = await world.context({ 'api.test': '127.0.0.77' }, { limits });
    const through = { proxy: { url: proxy.url, connectHeaders: {} } };
    const byAddress = await travelled('https://169.254.169.254/', context, through);
    const byName = await travelled('https://api.test/', context, through);
    const byProxy = await travelled('https://api.test/', context, { ...through, resolveThroughProxy: true });
    expect([byAddress, byName, byProxy].map(({ failure }) => failure?.failedAt)).toEqual(['agent', 'agent', 'agent']);
    expect(proxy.connections()).toBe(0);
  });
});

describe('a proxy that fails is named, and it was the connecting that failed', () => {
  test.each([407, 502])('when it answers CONNECT with %i', async (status) => {
    const [at, proxy] = [await echoing('https'), await proxied({ refuse: () => status })];
    const made = await travelled(`https://api.test:${at.port}/`, await world.context(), {
      proxy: { url: proxy.url.replace('//', '//me:pw@'), connectHeaders: {} },
    });
    const reason = `proxy: CONNECT 127.0.0.1:${at.port}: got ${status}, want 2xx`;
    expect(made.failure).toEqual({ failedAt: 'connect', reason });
    expect(Object.keys(made.phases)).toEqual(['resolve', 'connect']);
  });

  test.each([
    ['garbage', 'SSH-2.0-x\r\n', /status line/],
    ['more than its answer', 'HTTP/1.1 200 OK\r\n\r\nhello', /bytes behind the answer/],
    ['half a head', 'HTTP/1.1 200 OK\r\n', /before the close/],
  ])('when it answers with %s', async (_what, answer, reason) => {
    const at = await world.listening(createTcpServer((socket) => socket.once('data', () => socket.end(answer))));
    const made = await travelled('https://api.test/', await world.context(), {
      proxy: { url: `http://127.0.0.1:${at.port}`, connectHeaders: {} },
    });
    expect(made.failure?.failedAt).toBe('connect');
    expect(made.failure?.reason).toMatch(reason);
  });

  test('when it keeps silent', async () => {
    const signal = new AbortController();
    const server = createTcpServer((socket) => socket.once('data', () => signal.abort(new DeadlineExceeded(2_000))));
    const at = await world.listening(server);
    const context = await world.context({}, { ending: signal.signal });
    const made = await travelled('https://api.test/', context, {
      proxy: { url: `http://127.0.0.1:${at.port}`, connectHeaders: {} },
    });
    const reason = 'proxy: connection: got nothing, want it within 2000 ms';
    expect(made.failure).toEqual({ failedAt: 'connect', reason });
  });

  test('when it is not there, is of a kind that nobody knows, or shows a bad certificate', async () => {
    const gone = createTcpServer();
    const { port } = await world.listening(gone);
    gone.close();
    await once(gone, 'close');
    const wrong = await world.https((_request, response) => response.end());
    const context = await world.context();
    const over = async (url: string) =>
      (await travelled('http://api.test/', context, { proxy: { url, connectHeaders: {} } })).failure;
    expect(await over(`http://127.0.0.1:${port}`)).toMatchObject({ failedAt: 'connect' });
    expect(await over('socks4://127.0.0.1:1')).toMatchObject({ failedAt: 'agent' });
    expect(await over(`https://wrong.test:${wrong.port}`)).toMatchObject({ failedAt: 'tls' });
    expect(await over('http://gone.invalid:1')).toMatchObject({ failedAt: 'resolve' });
  });
});
