import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Ground, ground, travelled } from '../../fakes/journeys.ts';
import { newAuthority } from '../../fakes/pki.ts';

let world: Ground;
beforeEach(async () => {
  world = await ground();
});
afterEach(() => world.close());

describe('TLS of a journey', () => {
  test('shows the client’s certificate to who asks for it, and not to another host', async () => {
    const shown: [string | undefined, boolean][] = [];
    const at = await world.https(
      (request, response) => {
        const socket = request.socket as import('node:tls').TLSSocket;
        shown.push([request.headers.host?.split(':')[0], socket.getPeerX509Certificate() !== undefined]);
        const location = [`https://www.api.test:${at.port}/`, `https://other.test:${at.port}/`][shown.length - 1];
        if (location === undefined) response.end();
        else response.writeHead(302, { location }).end();
      },
      { ca: world.authority.caPem, requestCert: true, rejectUnauthorized: false },
    );
    const tls = await world.authority.issue({ commonName: 'client' });
    const made = await travelled(`https://api.test:${at.port}/`, await world.context(), { tls });
    expect(made.ok).toBe(true);
    expect(shown).toEqual([
      ['api.test', true],
      ['www.api.test', true],
      ['other.test', false],
    ]);
  });

  test('a client’s certificate that the server wants and does not get is bad', async () => {
    const at = await world.https((_request, response) => response.end(), {
      ...{ ca: world.authority.caPem, requestCert: true, rejectUnauthorized: true },
    });
    const made = await travelled(`https://api.test:${at.port}/`, await world.context());
    // In TLS 1.3 the client has done its part before the server looks.
    expect(['tls', 'answer']).toContain(made.failure?.failedAt);
  });

  test('a certificate or key that OpenSSL cannot read is our mistake, and the key is not shown', async () => {
    const at = await world.https((_request, response) => response.end());
    const tls = { cert: 'no PEM', key: 'sesame' };
    const made = await travelled(`https://api.test:${at.port}/`, await world.context(), { tls });
    expect(made.failure).toMatchObject({ failedAt: 'agent' });
    expect(JSON.stringify(made)).not.toContain('sesame');
    expect(at.connections()).toBe(0);
  });

  test('a CA of the check’s own goes instead of the agent’s', async () => {
    const at = await world.https((_request, response) => response.end());
    const other = await newAuthority('other', Date.now());
    const url = `https://api.test:${at.port}/`;
    const context = await world.context();
    expect((await travelled(url, context, { tls: { ca: world.authority.caPem } })).ok).toBe(true);
    expect((await travelled(url, context, { tls: { ca: other.caPem } })).failure?.failedAt).toBe('tls');
    expect((await travelled(url, context, { tls: { ca: other.caPem, verify: false } })).ok).toBe(true);
  });

  test('the certificate is held to the name given, or to the Host, and on another host to its own', async () => {
    const at = await world.https((request, response) => {
      if (request.url === '/') response.writeHead(302, { location: `https://other.test:${at.port}/next` });
      response.end();
    });
    const url = `https://localhost:${at.port}/`;
    const context = await world.context();
    expect((await travelled(url, context)).failure?.failedAt).toBe('tls');
    expect((await travelled(url, context, { tlsServerName: 'api.test' })).ok).toBe(true);
    expect((await travelled(url, context, { host: `api.test:${at.port}` })).ok).toBe(true);
    expect((await travelled(url, context, { tlsServerName: 'not.certified' })).failure?.failedAt).toBe('tls');
  });

  test('a version that the server does not speak is bad at tls', async () => {
    const at = await world.https((_request, response) => response.end(), { maxVersion: 'TLSv1.2' });
    const url = `https://api.test:${at.port}/`;
    const context = await world.context();
    expect((await travelled(url, context, { tls: { minVersion: 'TLS13' } })).failure?.failedAt).toBe('tls');
    const made = await travelled(url, context, { tls: { maxVersion: 'TLS12' } });
    expect(made.hops[0]?.tls).toMatchObject({ version: 'TLS 1.2' });
    expect(made.hops[0]?.phases.tlsMs).toBeGreaterThan(0);
  });
});
