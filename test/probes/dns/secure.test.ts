import { describe, expect, test } from 'vitest';
import { ask, authority, good, serve } from './asking.ts';

describe.each(['tls', 'https'] as const)('over %s', (transport) => {
  test('the certificate has to be the server’s', async () => {
    const server = await serve(transport, good);
    expect(await ask(server, transport, { tlsName: 'other.test' })).toMatchObject({
      ok: false,
      failure: { failedAt: 'tls', reason: expect.stringContaining('want other.test') },
    });
    expect(await ask(server, transport, { tlsName: 'dns.test' })).toMatchObject({ ok: true });
    expect(await ask(server, transport, { tlsName: 'other.test', tls: { verify: false } })).toMatchObject({ ok: true });
  });

  test('a client may have to show its own', async () => {
    const server = await serve(transport, good, { clientCa: authority.caPem });
    expect(await ask(server, transport)).toMatchObject({ ok: false });
    const tls = await authority.issue({ commonName: 'agent' });
    expect(await ask(server, transport, { tls })).toMatchObject({ ok: true });
  });
});

describe('over HTTPS', () => {
  test('the request is that of RFC 8484, with an id of 0', async () => {
    const requests: unknown[] = [];
    const server = await serve('https', good, {
      respond({ method, url, headers }) {
        requests.push({ method, url, headers });
        return { status: 200, type: 'application/dns-message; charset=x' };
      },
    });
    expect(await ask(server, 'https', { path: '/q?a=b', tlsName: 'dns.test' })).toMatchObject({ ok: true });
    const type = 'application/dns-message';
    const headers = { 'content-type': type, accept: type, host: `dns.test:${server.at.port}` };
    expect(requests).toMatchObject([{ method: 'POST', url: '/q?a=b', headers }]);
    expect(server.queries[0]?.packet.id).toBe(0);
  });

  test.each([
    [500, 'application/dns-message', 'status: got 500, want 200'],
    [200, 'text/html', 'content-type: got text/html, want application/dns-message'],
  ])('status %i and type %s are no answer', async (status, type, reason) => {
    const server = await serve('https', good, { respond: () => ({ status, type }) });
    expect(await ask(server, 'https')).toMatchObject({ ok: false, failure: { failedAt: 'answer', reason } });
  });

  test('a path that is none is not sent', async () => {
    const server = await serve('https', good);
    for (const path of ['dns-query', '/a b', '/a\r\nx: y']) {
      expect(await ask(server, 'https', { path })).toMatchObject({ ok: false, failure: { failedAt: 'agent' } });
    }
    expect(server.queries).toEqual([]);
  });
});
