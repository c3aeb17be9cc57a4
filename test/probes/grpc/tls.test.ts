import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { askHealth, type HealthAnswer, type HealthQuestion } from '../../../probes/grpc/health.ts';
import { type HealthServer, healthServer, registry } from '../../fakes/health-server.ts';
import { type Authority, newAuthority } from '../../fakes/pki.ts';
import { passingClock, probing } from '../../fakes/probing.ts';

let authority: Authority;
let named: { readonly cert: string; readonly key: string };
beforeAll(async () => {
  authority = await newAuthority('health', Date.now());
  named = await authority.issue({ commonName: 'cart', dns: ['cart.test'], usage: 'server' });
});

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serving(tls: { cert: string; key: string; ca?: string }): Promise<HealthServer> {
  const server = await healthServer(registry({ '': 1 }), { tls });
  open.push(server);
  return server;
}

function ask(asked: { host: string; port: number } & Partial<HealthQuestion>): Promise<HealthAnswer> {
  const given = { family: 'ip4', resolveWith: 'resolver', service: '', tls: true, metadata: {} } as const;
  const question = { ...given, tlsSettings: { ca: authority.caPem }, ...asked };
  const context = { ...probing(passingClock()), ending: new AbortController().signal };
  return askHealth(question, context);
}

test('over TLS the server is known by the name that is asked for, and the connection is read', async () => {
  const server = await serving(named);
  const answer = await ask({ ...server.at, tlsName: 'cart.test' });
  expect(answer).toMatchObject({ ok: true, tls: { version: 'TLS 1.3', alpn: 'h2' }, serving: 'SERVING' });
  expect(Object.keys(answer.phases)).toEqual(['connect', 'tls', 'firstByte', 'transfer']);
  expect(server.requests[0]?.headers).toMatchObject({ ':authority': 'cart.test', ':scheme': 'https' });
  await server.quiet();
});

test('a certificate for another name stops it at TLS, unless any will do', async () => {
  const server = await serving(named);
  const refused = await ask({ ...server.at, tlsName: 'other.test' });
  expect(refused).toMatchObject({ ok: false, clientStatus: 14, failure: { failedAt: 'tls' } });
  expect(server.requests).toEqual([]);
  const trusting = await ask({ ...server.at, tlsName: 'other.test', tlsSettings: { verify: false } });
  expect(trusting.ok).toBe(true);
});

test('a server that wants to know its clients is shown a certificate', async () => {
  const client = await authority.issue({ commonName: 'agent', usage: 'client' });
  const server = await serving({ ...named, ca: authority.caPem });
  const known = await ask({ ...server.at, tlsName: 'cart.test', tlsSettings: { ca: authority.caPem, ...client } });
  expect(known.ok).toBe(true);
  const unknown = await ask({ ...server.at, tlsName: 'cart.test' });
  expect(unknown.failure?.reason).toMatch(/certificate required/);
  await server.quiet();
});

for (const [offers, words] of [
  [undefined, 'no protocol by ALPN, want h2'],
  [['http/1.1'], 'no application protocol'],
] as const) {
  test(`a server that has ${offers ?? 'nothing'} for ALPN is asked nothing`, async () => {
    let heard = 0;
    const server = createServer(
      { ...named, ...(offers === undefined ? {} : { ALPNProtocols: [...offers] }) },
      (socket) => {
        socket.on('error', () => undefined);
        socket.on('data', () => {
          heard += 1;
        });
      },
    );
    server.on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const answer = await ask({ host: '127.0.0.1', port, tlsName: 'cart.test' });
    expect(answer).toMatchObject({ ok: false, failure: { failedAt: 'tls' } });
    expect(answer.failure?.reason).toContain(words);
    const closed = once(server, 'close');
    server.close();
    await closed;
    expect(heard).toBe(0);
  });
}
