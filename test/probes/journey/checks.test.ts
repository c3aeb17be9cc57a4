import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Check } from '../../../contract/check.ts';
import type { Observation } from '../../../contract/result.ts';
import { attempt } from '../../../probes/attempt.ts';
import { plansOfBurst } from '../../../probes/bursts.ts';
import { needsJourney } from '../../../probes/http/journey/from-check.ts';
import { secretStore } from '../../../probes/secrets.ts';
import { addsUp } from '../../conformance/probers.ts';
import { type Ground, ground } from '../../fakes/journeys.ts';
import { httpCheck, passingClock } from '../../fakes/probing.ts';
import { proxyServer } from '../../fakes/proxy.ts';

let world: Ground;
beforeEach(async () => {
  world = await ground();
});
afterEach(() => world.close());

const env = {
  BLACKSTART_SECRET_TOKEN: 'sesame',
  BLACKSTART_SECRET_TOKEN_HOSTS: 'api.test',
  BLACKSTART_SECRET_PROXY: 'open:up',
  BLACKSTART_SECRET_PROXY_HOSTS: 'proxy.test',
};
const token = { env: 'BLACKSTART_SECRET_TOKEN' };
const status = { status: [200], headers: {}, bodyContains: [] };

async function probe(url: string, more: Partial<Check<'http'>>): Promise<Observation> {
  const context = await world.context({}, { secrets: secretStore({ dir: null, env }, passingClock()) });
  const seen = await attempt(httpCheck(url, more), context, undefined);
  addsUp(seen);
  return seen;
}

function hearing(): RequestListener & { readonly heard: (string | undefined)[] } {
  const heard: (string | undefined)[] = [];
  const listener: RequestListener = (request, response) => {
    heard.push(request.headers.authorization);
    response.writeHead(200, { 'x-region': 'us-east-1', 'x-request-id': 'r-7', 'x-stored-in': 'eu' }).end('{"a":1}');
  };
  return Object.assign(listener, { heard });
}

describe('a check', () => {
  test.each([
    [false, {}],
    [false, { redirects: 0, httpVersions: ['1.1'], family: 'ip4' }],
    [true, { redirects: 1 }],
    [true, { httpVersions: ['1.1', '2'] }],
    [true, { family: 'ip6' }],
    [true, { cookies: true }],
    [false, { tls: { verify: false } }],
    [true, { bodyLimitBytes: 10 }],
    [true, { compression: 'gzip' }],
    [true, { expect: { ...status, json: [] } }],
    [true, { expect: { ...status, headerMatches: [] } }],
    [true, { identity: { servedBy: null, storedIn: null, fingerprints: {} } }],
  ] as const)('makes a journey (%s) for %o', (makes, more) => {
    expect(needsJourney(httpCheck('http://api.test/', more))).toBe(makes);
    const plans = plansOfBurst(
      { id: 'b', everyMs: 100, pooled: true, checks: [httpCheck('http://api.test/', more)] } as never,
      () => true,
    );
    expect(plans.map(({ client }) => client)).toEqual(makes ? ['fresh'] : ['fresh', 'pooled']);
  });

  test('over redirects is judged by its last answer, and says what each hop took', async () => {
    const at = await world.http((request, response) => {
      if (request.url === '/') return void response.writeHead(302, { location: '/a', 'set-cookie': 'v=1' }).end();
      const region = request.headers.cookie === 'v=1' ? 'us-east-1' : 'none';
      return void response
        .writeHead(200, { 'x-region': region, 'x-stored-in': 'eu', 'x-request-id': 'r' })
        .end('{"a":[1,2]}');
    });
    const seen = await probe(`http://api.test:${at.port}/`, {
      ...{ redirects: 1, cookies: true, region: 'asked' },
      expect: { ...status, json: [{ path: '$.a[1]', equals: 2 }], cel: ['size(body.a) == 2'], versions: ['1.1'] },
    });
    expect(seen).toMatchObject({ outcome: 'good', servedBy: 'us-east-1', region: 'asked' });
    expect(seen.details).toMatchObject({
      address: `127.0.0.1:${at.port}`,
      status: 200,
      storedIn: 'eu',
      requestId: 'r',
    });
    expect(seen.details.extra?.['hops']).toMatchObject([
      { url: `http://api.test:${at.port}/`, status: 302 },
      { url: `http://api.test:${at.port}/a`, status: 200 },
    ]);
  });

  test('of what does not hold says what', async () => {
    const at = await world.http(hearing());
    const seen = await probe(`http://api.test:${at.port}/`, { expect: { ...status, bodyMatches: ['^no'] } });
    expect(seen).toMatchObject({ outcome: 'bad', failedAt: 'answer', servedBy: 'us-east-1', details: { status: 200 } });
    const large = await probe(`http://api.test:${at.port}/`, { bodyLimitBytes: 3 });
    expect(large.reason).toBe('body: got more than 3 bytes, want at most so many');
  });

  test('of a certificate knows it, and who serves by it', async () => {
    const at = await world.https(hearing());
    const seen = await probe(`https://api.test:${at.port}/`, {
      expect: { ...status, certificate: { minDaysLeft: 100_000 } },
      identity: { servedBy: null, storedIn: null },
    });
    expect(seen).toMatchObject({ outcome: 'bad', failedAt: 'answer' });
    expect(seen.reason).toMatch(/^certificate: got .* days/);
    const pem = await world.authority.issue({ commonName: 'api.test', dns: ['api.test'], usage: 'server' });
    const other = await world.https(hearing(), pem);
    const sha256 = new X509Certificate(pem.cert).fingerprint256.replaceAll(':', '').toLowerCase();
    const known = await probe(`https://api.test:${other.port}/`, {
      identity: { servedBy: null, storedIn: null, fingerprints: { [sha256]: 'eu-west-1' } },
    });
    expect(known).toMatchObject({ outcome: 'good', servedBy: 'eu-west-1' });
  });

  test('with secrets has them read for the host that is told, and only there', async () => {
    const heard = hearing();
    const at = await world.http(heard);
    const authorization = { kind: 'bearer', credentials: token } as const;
    expect((await probe(`http://api.test:${at.port}/`, { authorization })).outcome).toBe('good');
    expect(heard.heard).toEqual(['Bearer sesame']);
    const other = await probe(`http://other.test:${at.port}/`, { authorization });
    expect(other).toMatchObject({ outcome: 'missing', failedAt: 'agent' });
    expect(other.reason).not.toContain('sesame');
    expect(heard.heard.length).toBe(1);
  });

  test('does not tell a secret to a host below, where it was not read for it', async () => {
    const heard: [string | undefined, string | undefined][] = [];
    const at = await world.http((request, response) => {
      heard.push([request.headers.host, request.headers.authorization]);
      if (request.headers.host?.startsWith('api.')) {
        response.writeHead(302, { location: `http://www.api.test:${at.port}/` });
      }
      response.end();
    });
    const authorization = { kind: 'basic', username: 'me', password: token } as const;
    await probe(`http://api.test:${at.port}/`, { authorization, redirects: 2 });
    expect(heard.map(([host, told]) => [host?.split(':')[0], told !== undefined])).toEqual([
      ['api.test', true],
      ['www.api.test', false],
    ]);
  });

  test('over a proxy tells it its own secret', async () => {
    const heard = hearing();
    const at = await world.http(heard);
    const proxy = proxyServer();
    const { port } = await world.listening(proxy);
    const seen = await probe(`http://api.test:${at.port}/`, {
      proxy: { url: `http://proxy.test:${port}`, username: 'me', password: { env: 'BLACKSTART_SECRET_PROXY' } },
    });
    expect(seen.outcome).toBe('good');
    const told = proxy.heard[0]?.headers['proxy-authorization'] ?? '';
    expect(Buffer.from(told.slice(6), 'base64').toString()).toBe('me:open:up');
  });

  test('asks for a token with its secret, at the host of the token alone', async () => {
    const heard = hearing();
    const at = await world.http(heard);
    const tokens = await world.http((request, response) => {
      request.resume();
      void once(request, 'end').then(() => response.end('{"access_token":"given"}'));
    });
    const oauth2 = (host: string) =>
      ({
        kind: 'oauth2',
        clientId: 'me',
        clientSecret: token,
        scopes: [],
        parameters: {},
        tokenUrl: `http://${host}:${tokens.port}/token`,
      }) as const;
    const url = `http://api.test:${at.port}/`;
    expect((await probe(url, { authorization: oauth2('api.test') })).outcome).toBe('good');
    expect(heard.heard).toEqual(['Bearer given']);
    expect((await probe(url, { authorization: oauth2('other.test') })).outcome).toBe('missing');
    expect(tokens.connections()).toBe(1);
  });
});
