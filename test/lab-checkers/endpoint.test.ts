import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../contract/clock.ts';
import { certificateAuthority } from '../../lab/certificates.ts';
import { lookAt } from '../../lab/checkers/endpoint.ts';
import { fakeClock } from '../fakes/clock.ts';
import { checkOf } from './check.ts';

const open: (Server | TcpServer)[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  }
});

async function portOf(server: Server | TcpServer): Promise<number> {
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = server.address();
  return typeof at === 'object' && at !== null ? at.port : 0;
}
const serving = (listener: RequestListener): Promise<number> => portOf(createServer(listener));
const from = (clock = fakeClock()) => ({ localAddress: '127.15.0.9', clock, signal: new AbortController().signal });

describe('a look at an endpoint', () => {
  test.each([
    [200, true, 'Success: HTTP Status Code 200, OK. Resolved IP: 127.0.0.1'],
    [302, true, 'Success: HTTP Status Code 302, Found. Resolved IP: 127.0.0.1'],
    [404, false, 'Failure: HTTP Status Code 404, Not Found. Resolved IP: 127.0.0.1'],
    [503, false, 'Failure: HTTP Status Code 503, Service Unavailable. Resolved IP: 127.0.0.1'],
  ])('takes %i for healthy: %s', async (code, good, status) => {
    const port = await serving((_request, response) => response.writeHead(code).end());
    expect(await lookAt(checkOf({ type: 'HTTP', port }), '127.0.0.1', from())).toEqual({ good, status });
  });

  test('asks from its own address, for the path and under the name of the check', async () => {
    let seen = '';
    const port = await serving((request, response) => {
      seen = `${request.socket.remoteAddress} ${request.url} ${request.headers.host}`;
      response.end();
    });
    await lookAt(checkOf({ type: 'HTTP', port, hostname: 'us.agent.test' }), '127.0.0.1', from());
    expect(seen).toBe(`127.15.0.9 /health us.agent.test:${port}`);
  });

  test('searches the first 5120 bytes of a body and no more', async () => {
    const port = await serving((request, response) =>
      response.end(`${' '.repeat(Number(request.url?.slice(1)))}alive`),
    );
    const at = (spaces: number) =>
      lookAt(checkOf({ type: 'HTTP_STR_MATCH', port, path: `/${spaces}`, searchString: 'alive' }), '127.0.0.1', from());
    expect((await at(5_115)).good).toBe(true);
    expect((await at(5_116)).good).toBe(false);
  });

  test('gives up two seconds after the connection when no answer comes', async () => {
    const clock = fakeClock();
    const asked = Promise.withResolvers<void>();
    const port = await serving(() => asked.resolve());
    const looked = lookAt(checkOf({ type: 'HTTP', port }), '127.0.0.1', from(clock));
    await asked.promise;
    await clock.advance(1_999);
    expect(clock.pending).toBe(1);
    await clock.advance(1);
    expect(await looked).toMatchObject({ good: false, status: expect.stringMatching(/^Failure: No answer/) });
    expect(clock.pending).toBe(0);
  });

  test('gives up after four seconds when no connection comes about', async () => {
    const clock = fakeClock();
    const port = await serving((_request, response) => response.end());
    const looked = lookAt(checkOf({ type: 'HTTP', port }), '127.0.0.1', from(clock));
    // Simulated time runs while the real connection is still being made.
    await clock.advance(4_000);
    expect(await looked).toMatchObject({
      good: false,
      status: expect.stringMatching(/^Failure: Connection timed out/),
    });
  });

  test('takes a refused connection for a failure at once', async () => {
    const clock = fakeClock();
    const looked = lookAt(checkOf({ type: 'HTTP', port: 81 }), '127.0.0.1', from(clock));
    expect(await looked).toMatchObject({ good: false, status: expect.stringMatching(/refused/) });
    expect(clock.pending).toBe(0);
  });

  test('does not care who signed the certificate', async () => {
    const authority = await certificateAuthority(systemClock());
    const { certPem, keyPem } = await authority.issue({ names: ['elsewhere.test'], addresses: [] });
    const port = await portOf(
      createSecureServer({ cert: certPem, key: keyPem }, (_request, response) => response.end()),
    );
    const check = checkOf({ type: 'HTTPS', port, hostname: 'us.agent.test' });
    expect(await lookAt(check, '127.0.0.1', from())).toMatchObject({ good: true });
  });

  test('of a TCP check only the connection counts', async () => {
    const port = await portOf(createTcpServer((socket) => socket.destroy()));
    expect((await lookAt(checkOf({ type: 'TCP', port }), '127.0.0.1', from())).good).toBe(true);
    expect((await lookAt(checkOf({ type: 'TCP', port: 81 }), '127.0.0.1', from())).good).toBe(false);
  });
});
