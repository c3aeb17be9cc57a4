import { afterEach, beforeAll, expect, test } from 'vitest';
import type { Check } from '../../../contract/check.ts';
import type { Observation } from '../../../contract/result.ts';
import { type AttemptContext, attempt } from '../../../probes/attempt.ts';
import { addsUp } from '../../conformance/probers.ts';
import { answerTo, dnsServer } from '../../fakes/dns-server.ts';
import {
  answers,
  type HealthOptions,
  type HealthServer,
  healthMessage,
  healthServer,
  refuses,
  registry,
  type Serve,
} from '../../fakes/health-server.ts';
import { type Authority, newAuthority } from '../../fakes/pki.ts';
import { grpcCheck, passingClock, probing } from '../../fakes/probing.ts';

let authority: Authority;
beforeAll(async () => {
  authority = await newAuthority('health', Date.now());
});

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serving(serve: Serve, options: HealthOptions = {}): Promise<HealthServer> {
  const server = await healthServer(serve, options);
  open.push(server);
  return server;
}

function probe(check: Check<'grpc'>, more: Partial<AttemptContext> = {}): Promise<Observation> {
  return attempt(check, { ...probing(passingClock()), ...more }, undefined);
}

test('a service that is served is good, with all that its answer showed', async () => {
  const said = { 'x-region': 'eu-west-1', 'x-request-id': 'r-7' };
  const behind = { 'grpc-status': '0', 'x-stored-in': 'eu-central-1' };
  const server = await serving(answers(healthMessage(1), behind, said), { host: '127.2.0.1' });
  const observation = await probe(grpcCheck(server.at));
  expect(observation).toMatchObject({
    outcome: 'good',
    region: 'eu-west-1',
    servedBy: 'eu-west-1',
    details: {
      address: `127.2.0.1:${server.at.port}`,
      storedIn: 'eu-central-1',
      requestId: 'r-7',
      extra: { grpcStatus: 0, serving: 'SERVING' },
    },
  });
  expect(Object.keys(observation.phases)).toEqual(['connect', 'firstByte', 'transfer']);
  addsUp(observation);
});

test('one that is not is bad, and says what it said', async () => {
  const server = await serving(registry({ cart: 2 }));
  const notServing = await probe(grpcCheck(server.at, { service: 'cart' }));
  expect(notServing).toMatchObject({
    outcome: 'bad',
    failedAt: 'answer',
    reason: 'health: got NOT_SERVING, want SERVING',
  });
  expect(notServing.details.extra).toEqual({ grpcStatus: 0, serving: 'NOT_SERVING' });
  const unknown = await probe(grpcCheck(server.at, { service: 'basket' }));
  expect(unknown.reason).toBe('grpc-status: got 5 NOT_FOUND "unknown service", want 0 OK');
  expect(unknown.details.extra).toEqual({ grpcStatus: 5 });
});

test('the server is told the time of the check, less what is gone of it', async () => {
  const server = await serving(registry({ '': 1 }));
  await probe(grpcCheck(server.at, { timeoutMs: 1_000 }));
  const leftMs = Number(String(server.requests[0]?.headers['grpc-timeout']).replace(/m$/, ''));
  expect(leftMs).toBeGreaterThan(950);
  expect(leftMs).toBeLessThan(1_000);
});

test('over TLS with a client’s certificate and metadata that the agent alone knows', async () => {
  const named = await authority.issue({ commonName: 'cart', dns: ['cart.test'], usage: 'server' });
  const client = await authority.issue({ commonName: 'agent', usage: 'client' });
  const server = await serving(registry({ '': 1 }), { tls: { ...named, ca: authority.caPem } });
  const dns = await dnsServer((query) =>
    answerTo(query, [{ type: 'A' as const, name: 'cart.test', ttl: 30, data: '127.0.0.1' }]),
  );
  open.push(dns);
  const told: string[] = [];
  const secrets = {
    async read(reference: { file: string } | { env: string }, host: string) {
      const name = 'file' in reference ? reference.file : reference.env;
      told.push(`${name} for ${host}`);
      return { cert: client.cert, key: client.key }[name] ?? 'Bearer s3cret';
    },
  };
  const check = grpcCheck(
    { host: 'cart.test', port: server.at.port },
    {
      tls: { ca: authority.caPem, cert: { file: 'cert' }, key: { file: 'key' } },
      metadata: { authorization: [{ env: 'TOKEN' }], 'x-team': ['a', 'b'] },
    },
  );
  const context = { ...probing(passingClock(), { resolver: dns.at }), secrets };
  const observation = await attempt(check, context, undefined);
  expect(observation).toMatchObject({ outcome: 'good' });
  expect(Object.keys(observation.phases)).toEqual(['resolve', 'connect', 'tls', 'firstByte', 'transfer']);
  addsUp(observation);
  expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Bearer s3cret', 'x-team': 'a, b' });
  expect(told.toSorted()).toEqual(['TOKEN for cart.test', 'cert for cart.test', 'key for cart.test']);
});

test('who served may be known by the certificate', async () => {
  const named = await authority.issue({ commonName: 'cart', addresses: ['127.0.0.1'], usage: 'server' });
  const server = await serving(registry({ '': 1 }), { tls: named });
  const { X509Certificate } = await import('node:crypto');
  const fingerprint = new X509Certificate(named.cert).fingerprint256.replaceAll(':', '').toLowerCase();
  const identity = { servedBy: null, storedIn: null, fingerprints: { [fingerprint]: 'us-east-1' } };
  expect(await probe(grpcCheck(server.at, { tls: { ca: authority.caPem }, identity }))).toMatchObject({
    outcome: 'good',
    servedBy: 'us-east-1',
  });
});

for (const [what, secrets, words] of [
  ['no secrets at all', undefined, 'metadata token: this agent has no secrets'],
  ['none of that name', { read: () => Promise.reject(new Error('secret env "T": there is none')) }, 'secret env "T"'],
] as const) {
  test(`an agent that has ${what} asks nothing, and says that it is its own lack`, async () => {
    const server = await serving(refuses(0, ''));
    const check = grpcCheck(server.at, { metadata: { token: [{ env: 'T' }] } });
    const observation = await probe(check, { secrets });
    expect(observation).toMatchObject({ outcome: 'missing', failedAt: 'agent' });
    expect(observation.reason).toContain(words);
    expect(server.connections()).toBe(0);
  });
}
