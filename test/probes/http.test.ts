import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { HttpCheck } from '../../contract/check.ts';
import { systemClock } from '../../contract/clock.ts';
import type { Observation } from '../../contract/result.ts';
import { type CertificateAuthority, certificateAuthority } from '../../lab/certificates.ts';
import { attempt } from '../../probes/attempt.ts';
import { keptConnection } from '../../probes/http/kept.ts';
import { addsUp } from '../conformance/probers.ts';
import { answerTo, type DnsServer, dnsServer } from '../fakes/dns-server.ts';
import { httpCheck, passingClock, probing } from '../fakes/probing.ts';
import { tcpTarget } from '../fakes/tcp-target.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

type Served = { readonly port: number; readonly server: Server };

async function serve(
  listener: RequestListener,
  make: () => Server = createServer,
  host = '127.0.0.1',
): Promise<Served> {
  const server = make();
  server.on('request', listener).listen(0, host);
  await once(server, 'listening');
  ends.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, server };
}

async function names(answers: Readonly<Record<string, string>>): Promise<DnsServer> {
  const server = await dnsServer((query) => {
    const name = query.packet.questions?.[0]?.name ?? '';
    const data = answers[name];
    return answerTo(query, data === undefined ? [] : [{ type: 'A', name, ttl: 30, data }]);
  });
  ends.push(() => server.close());
  return server;
}

const good: RequestListener = (_request, response) => {
  response.writeHead(200, { 'x-region': 'us-east-1', 'x-request-id': 'r-1' }).end('all is well');
};

describe('an http attempt', () => {
  test('has the phases it went through, the region its address leads to, and who says that it served', async () => {
    const at = await serve(good, createServer, '127.1.0.1');
    const dns = await names({ 'api.agent.test': '127.1.0.1' });
    const context = probing(passingClock(), { resolver: dns.at });
    const seen = await attempt(httpCheck(`http://api.agent.test:${at.port}/`, { region: 'asked' }), context, undefined);
    expect(seen).toMatchObject({ outcome: 'good', region: 'us-east-1', servedBy: 'us-east-1' });
    expect(seen.details).toEqual({ address: `127.1.0.1:${at.port}`, status: 200, requestId: 'r-1' });
    expect(Object.keys(seen.phases)).toEqual(['resolve', 'connect', 'firstByte', 'transfer']);
    addsUp(seen);
  });

  test('to a literal has no resolve phase, and asks no resolver', async () => {
    const at = await serve(good);
    const dns = await names({});
    const seen = await attempt(
      httpCheck(`http://127.0.0.1:${at.port}/`),
      probing(passingClock(), { resolver: dns.at }),
      undefined,
    );
    expect(Object.keys(seen.phases)).toEqual(['connect', 'firstByte', 'transfer']);
    expect(dns.queries).toEqual([]);
  });

  test('of a name without an address stops at resolve', async () => {
    const dns = await names({});
    const context = probing(passingClock(), { resolver: dns.at });
    const seen = await attempt(httpCheck('http://gone.agent.test/', { region: 'eu-west-1' }), context, undefined);
    expect(seen).toMatchObject({ outcome: 'bad', failedAt: 'resolve', region: 'eu-west-1' });
    expect(seen.reason).toContain('no A record');
    expect(Object.keys(seen.phases)).toEqual(['resolve']);
  });

  test('asks one address of several, and no other when that one refuses', async () => {
    const at = await serve(good, createServer, '127.0.0.2');
    const dns = await dnsServer((query) =>
      answerTo(
        query,
        ['127.0.0.3', '127.0.0.2'].map((data) => ({ type: 'A' as const, name: 'two.test', ttl: 1, data })),
      ),
    );
    ends.push(() => dns.close());
    const context = probing(passingClock(), { resolver: dns.at });
    const seen = await attempt(httpCheck(`http://two.test:${at.port}/`), context, undefined);
    expect(seen).toMatchObject({ outcome: 'bad', failedAt: 'connect', details: { address: `127.0.0.3:${at.port}` } });
    expect(dns.queries.length).toBe(1);
  });

  test('sends what the check says, and none of its headers can end the head', async () => {
    const heard: string[] = [];
    const at = await serve((request, response) => {
      request.setEncoding('utf8').on('data', (body: string) => {
        heard.push(
          `${request.method} ${request.url} ${request.headers['x-user-country']} ${request.headers.host} ${body}`,
        );
      });
      request.on('end', () => response.end());
    });
    const url = `http://127.0.0.1:${at.port}/v1/records?a=b`;
    const check = httpCheck(url, {
      method: 'POST',
      headers: { 'X-User-Country': 'DE', Host: 'api.agent.test', 'Content-Length': '0' },
      body: '{"ä":1}',
    });
    expect((await attempt(check, probing(passingClock()), undefined)).outcome).toBe('good');
    expect(heard).toEqual(['POST /v1/records?a=b DE api.agent.test {"ä":1}']);
    const evil = await attempt(httpCheck(url, { headers: { a: 'b\r\nc: d' } }), probing(passingClock()), undefined);
    expect(evil).toMatchObject({ outcome: 'missing', failedAt: 'agent' });
    expect(heard.length).toBe(1);
  });

  test.each([
    [{ status: [201, 202], headers: {}, bodyContains: [] }, 'status: got 200, want 201 or 202'],
    [
      { status: [200], headers: { 'x-region': 'eu-west-1' }, bodyContains: [] },
      'header x-region: got us-east-1, want eu-west-1',
    ],
    [{ status: [200], headers: { 'x-none': 'a' }, bodyContains: [] }, 'header x-none: got none, want a'],
    [
      { status: [200], headers: {}, bodyContains: ['is well', 'is bad'] },
      'body: got 11 bytes without "is bad", want it among the first 64 KiB',
    ],
  ])('that is not as expected says what was got: %o', async (expected, reason) => {
    const at = await serve(good);
    const check = httpCheck(`http://127.0.0.1:${at.port}/`, { expect: expected });
    const seen = await attempt(check, probing(passingClock()), undefined);
    expect(seen).toMatchObject({ outcome: 'bad', failedAt: 'answer', reason, servedBy: 'us-east-1' });
  });

  test('comes from the source address', async () => {
    const from: (string | undefined)[] = [];
    const at = await serve((request, response) => {
      from.push(request.socket.remoteAddress);
      response.end();
    });
    const context = probing(passingClock(), { sourceAddress: '127.1.0.10' });
    await attempt(httpCheck(`http://127.0.0.1:${at.port}/`), context, undefined);
    expect(from).toEqual(['127.1.0.10']);
  });
});

describe('over TLS', () => {
  let authority: CertificateAuthority;
  beforeAll(async () => {
    authority = await certificateAuthority(systemClock());
  });
  async function serveTls(names: readonly string[], addresses: readonly string[]): Promise<Served> {
    const { certPem, keyPem } = await authority.issue({ names, addresses });
    return serve(good, () => createTlsServer({ cert: certPem, key: keyPem }) as unknown as Server);
  }
  async function probe(url: string, ca?: string, more?: Partial<HttpCheck>): Promise<Observation> {
    const dns = await names({ 'api.agent.test': '127.0.0.1' });
    const context = probing(passingClock(), { resolver: dns.at, ...(ca === undefined ? {} : { ca }) });
    return attempt(httpCheck(url, more), context, undefined);
  }

  test('a certificate of the given CA is good for its names and addresses', async () => {
    const at = await serveTls(['api.agent.test'], ['127.0.0.1']);
    const byName = await probe(`https://api.agent.test:${at.port}/`, authority.caPem);
    expect(byName).toMatchObject({ outcome: 'good', servedBy: 'us-east-1' });
    expect(Object.keys(byName.phases)).toEqual(['resolve', 'connect', 'tls', 'firstByte', 'transfer']);
    addsUp(byName);
    expect(await probe(`https://127.0.0.1:${at.port}/`, authority.caPem)).toMatchObject({ outcome: 'good' });
  });

  test.each([
    ['another name', ['other.test'], true, /got DNS:other\.test.*want api\.agent\.test/],
    ['an unknown CA', ['api.agent.test'], false, /certificate/],
  ])('%s stops at tls, before anything is asked', async (_why, certified, trusted, reason) => {
    const at = await serveTls(certified, []);
    const seen = await probe(`https://api.agent.test:${at.port}/`, trusted ? authority.caPem : undefined);
    expect(seen).toMatchObject({ outcome: 'bad', failedAt: 'tls' });
    expect(seen.reason).toMatch(reason);
    expect(Object.keys(seen.phases)).toEqual(['resolve', 'connect', 'tls']);
    addsUp(seen);
  });

  test.each([
    ['the CA of the check, instead of the agent’s', true, {}],
    ['any certificate, where the check says so', false, { verify: false as const }],
  ])('%s', async (_what, named, tls) => {
    const at = await serveTls(['api.agent.test'], []);
    const [url, other] = [`https://api.agent.test:${at.port}/`, await certificateAuthority(systemClock())];
    const terms = { ...tls, ...(named ? { ca: authority.caPem } : {}) };
    expect(await probe(url, other.caPem, { tls: terms })).toMatchObject({ outcome: 'good' });
    expect(await probe(url, authority.caPem, { tls: { ca: other.caPem } })).toMatchObject({ failedAt: 'tls' });
  });

  test('the name to expect is that of the check, else that of its Host, else that of the URL', async () => {
    const at = await serveTls(['shown.test'], []);
    const probed = async (more: Partial<HttpCheck>): Promise<string> =>
      (await probe(`https://api.agent.test:${at.port}/`, authority.caPem, more)).outcome;
    expect(await probed({})).toBe('bad');
    expect(await probed({ headers: { host: 'shown.test:8443' } })).toBe('good');
    expect(await probed({ tls: { serverName: 'shown.test' } })).toBe('good');
    expect(await probed({ tls: { serverName: 'other.test' }, headers: { Host: 'shown.test' } })).toBe('bad');
  });

  test('a version that the server does not speak is bad at tls', async () => {
    const at = await serveTls(['api.agent.test'], []);
    const old = await probe(`https://api.agent.test:${at.port}/`, authority.caPem, { tls: { maxVersion: 'TLS11' } });
    expect(old).toMatchObject({ outcome: 'bad', failedAt: 'tls' });
  });
});

describe('a pooled http check', () => {
  test('keeps its connection, and opens another only when that broke', async () => {
    const at = await serve(good);
    const kept = keptConnection();
    ends.push(() => kept.drop());
    const context = { ...probing(passingClock()), kept };
    const check = httpCheck(`http://127.0.0.1:${at.port}/`);
    const first = await attempt(check, context, undefined);
    const second = await attempt(check, context, undefined);
    expect(Object.keys(first.phases)).toEqual(['connect', 'firstByte', 'transfer']);
    expect(Object.keys(second.phases)).toEqual(['firstByte', 'transfer']);
    expect(second.details).toMatchObject({ connection: 1, connectedAtMs: first.details.connectedAtMs });
    addsUp(second);
    at.server.closeAllConnections();
    while (kept.line !== undefined) await new Promise((resolve) => setImmediate(resolve));
    expect((await attempt(check, context, undefined)).details.connection).toBe(2);
  });

  test('that breaks under an attempt makes that attempt bad, and the next one opens anew', async () => {
    let requests = 0;
    const at = await serve((request, response) => {
      requests += 1;
      if (requests === 2) request.socket.resetAndDestroy();
      else response.end();
    });
    const kept = keptConnection();
    ends.push(() => kept.drop());
    const context = { ...probing(passingClock()), kept };
    const check = httpCheck(`http://127.0.0.1:${at.port}/`);
    const seen = [];
    for (let turn = 0; turn < 3; turn += 1) seen.push(await attempt(check, context, undefined));
    expect(seen.map(({ outcome, failedAt, details }) => [outcome, failedAt, details.connection])).toEqual([
      ['good', undefined, 1],
      ['bad', 'answer', 1],
      ['good', undefined, 2],
    ]);
    expect(requests).toBe(3);
  });

  test('whose time is up never takes the late answer for that of the next attempt', async () => {
    const clock = passingClock();
    let connections = 0;
    const target = await tcpTarget((socket) => {
      connections += 1;
      const mine = connections;
      socket.on('data', () => {
        if (mine > 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      });
    });
    ends.push(() => target.close());
    const kept = keptConnection();
    ends.push(() => kept.drop());
    const context = { ...probing(clock), kept };
    const check = httpCheck(`http://127.0.0.1:${target.at.port}/`);
    const heard = target.heard();
    const late = attempt(check, context, undefined);
    await heard;
    await clock.advance(check.timeoutMs);
    expect(await late).toMatchObject({ outcome: 'bad', failedAt: 'answer', details: { connection: 1 } });
    expect(await attempt(check, context, undefined)).toMatchObject({ outcome: 'good', details: { connection: 2 } });
  });

  test('that refuses a new connection is bad at connect', async () => {
    const at = await serve(good);
    const kept = keptConnection();
    const context = { ...probing(passingClock()), kept };
    const check = httpCheck(`http://127.0.0.1:${at.port}/`);
    await attempt(check, context, undefined);
    at.server.close();
    at.server.closeAllConnections();
    while (kept.line !== undefined) await new Promise((resolve) => setImmediate(resolve));
    expect(await attempt(check, context, undefined)).toMatchObject({ outcome: 'bad', failedAt: 'connect' });
  });
});
