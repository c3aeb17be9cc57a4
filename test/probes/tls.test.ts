import { X509Certificate } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { Check } from '../../contract/check.ts';
import { systemClock } from '../../contract/clock.ts';
import type { Observation } from '../../contract/result.ts';
import { startTlsProtocols, type TlsExpectation } from '../../contract/tcp.ts';
import { attempt } from '../../probes/attempt.ts';
import { addsUp } from '../conformance/probers.ts';
import { mailCertificate } from '../fakes/dialogue.ts';
import { newAuthority, selfSigned } from '../fakes/pki.ts';
import { passingClock, probing, tlsCheck } from '../fakes/probing.ts';
import { startTlsServer } from '../fakes/starttls-server.ts';
import { tlsTarget } from '../fakes/tls-target.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const nowMs = systemClock().wallMs();
const dayMs = 86_400_000;
const wish = { commonName: 'mail.test', dns: ['mail.test', '*.mail.test'], usage: 'server' } as const;
type Server = { readonly cert: string; readonly key: string; readonly maxVersion?: 'TLSv1.2' };

/** One attempt at a server of its own, from an agent that lives now. */
async function seen(server: Server, more: Partial<Check<'tls'>>, host?: string): Promise<Observation> {
  const { at, close } = await tlsTarget(server, () => undefined, host);
  ends.push(close);
  const context = { ...probing(passingClock()), clock: systemClock() };
  return attempt(tlsCheck(at, { region: 'us-east-1', ...more }), context, undefined);
}

async function judged(expectation: TlsExpectation, server?: Partial<Server>): Promise<Observation> {
  const root = await newAuthority('Root', nowMs);
  const leaf = await root.issue({ ...wish, forMs: 20 * dayMs });
  return seen({ ...leaf, ...server }, { tls: { ca: root.caPem, serverName: 'mail.test' }, expect: expectation });
}

describe('a tls attempt', () => {
  test('tells what it saw: the first end of what was sent and of the chain, the version, the cipher, and who it was', async () => {
    const root = await newAuthority('Root', nowMs);
    const between = await root.subordinate('Between');
    const leaf = await between.issue({ ...wish, forMs: 20 * dayMs });
    const tls = { ca: root.caPem, serverName: 'mail.test' };
    const observation = await seen({ cert: leaf.cert + between.caPem, key: leaf.key }, { tls });
    const { raw: _, fingerprint256 } = new X509Certificate(leaf.cert);
    const endsAtMs = new X509Certificate(between.caPem).validToDate.getTime();
    expect(observation).toMatchObject({ outcome: 'good', region: 'us-east-1', servedBy: null });
    expect(observation.details.extra).toEqual({
      tlsVersion: 'TLS 1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
      subject: 'CN=mail.test',
      issuer: 'CN=Between',
      fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(),
      expiresAtMs: endsAtMs,
      chainExpiresAtMs: endsAtMs,
    });
    expect(observation.details.address).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(Object.keys(observation.phases)).toEqual(['connect', 'tls']);
  });

  test('goes to IPv6, whose certificate is for its address', async () => {
    const { authority, cert, key } = await mailCertificate();
    const observation = await seen({ cert, key }, { tls: { ca: authority.caPem } }, '::1');
    expect(observation).toMatchObject({ outcome: 'good' });
    expect(observation.details.address).toMatch(/^\[::1\]:\d+$/);
  });

  test('shows a client certificate out of its secrets, and is missing where it has none', async () => {
    const root = await newAuthority('Root', nowMs);
    const client = await root.issue({ commonName: 'agent', usage: 'client' });
    const server = await tlsTarget({
      ...(await root.issue(wish)),
      ca: root.caPem,
      requestCert: true,
      maxVersion: 'TLSv1.2',
    });
    ends.push(server.close);
    const reference = { cert: { file: 'cert' }, key: { file: 'key' } } as const;
    const check = tlsCheck(server.at, { tls: { ca: root.caPem, serverName: 'mail.test', ...reference } });
    const store = {
      read: async (secret: object) => ('file' in secret && secret.file === 'key' ? client.key : client.cert),
    };
    expect(await attempt(check, { ...probing(passingClock()), secrets: store }, undefined)).toMatchObject({
      outcome: 'good',
    });
    const without = { ...check, tls: { ca: root.caPem, serverName: 'mail.test' } };
    expect(await attempt(without, probing(passingClock()), undefined)).toMatchObject({
      outcome: 'bad',
      failedAt: 'tls',
    });
    expect(await attempt(check, probing(passingClock()), undefined)).toMatchObject({
      outcome: 'missing',
      failedAt: 'agent',
    });
  });
});

describe('a certificate that will not do', () => {
  test('because it has ended', async () => {
    const root = await newAuthority('Root', nowMs);
    const leaf = await root.issue({ ...wish, forMs: -1_000 });
    const observation = await seen(leaf, { tls: { ca: root.caPem, serverName: 'mail.test' } });
    expect(observation).toMatchObject({ outcome: 'bad', failedAt: 'tls' });
    expect(observation.reason).toMatch(/certificate has expired/);
    expect(observation.details.extra).toBeUndefined();
  });

  test('because it is another’s', async () => {
    const root = await newAuthority('Root', nowMs);
    const observation = await seen(await root.issue(wish), { tls: { ca: root.caPem, serverName: 'web.test' } });
    expect(observation).toMatchObject({ outcome: 'bad', failedAt: 'tls' });
    expect(observation.reason).toMatch(/got DNS:mail\.test, DNS:\*\.mail\.test, want web\.test/);
  });

  test('because nobody vouches for it, or nobody who is known', async () => {
    const own = await selfSigned(wish, nowMs);
    expect((await seen(own, { tls: { serverName: 'mail.test' } })).reason).toMatch(/self-signed certificate/);
    const stranger = await newAuthority('Stranger', nowMs);
    const observation = await seen(await stranger.issue(wish), { tls: { serverName: 'mail.test' } });
    expect(observation).toMatchObject({ outcome: 'bad', failedAt: 'tls' });
    expect(observation.reason).toMatch(/unable to/);
  });

  test('because the one between was not sent', async () => {
    const root = await newAuthority('Root', nowMs);
    const leaf = await (await root.subordinate('Between')).issue(wish);
    const observation = await seen(leaf, { tls: { ca: root.caPem, serverName: 'mail.test' } });
    expect(observation).toMatchObject({ outcome: 'bad', failedAt: 'tls' });
    expect(observation.reason).toMatch(/unable to get local issuer certificate/);
  });

  test('does where the check says so, and what it says is told', async () => {
    const own = await selfSigned({ ...wish, forMs: 5 * dayMs }, nowMs);
    const observation = await seen(own, { tls: { verify: false, serverName: 'web.test' } });
    expect(observation).toMatchObject({ outcome: 'good', details: { extra: { subject: 'CN=mail.test' } } });
    expect(observation.details.extra).not.toHaveProperty('chainExpiresAtMs');
  });
});

describe('what is expected of TLS', () => {
  test.each<readonly [string, TlsExpectation]>([
    ['days', { minDaysLeft: 0.9 }],
    ['names, one of them by a star', { names: ['mail.test', 'IMAP.mail.test'] }],
    ['an issuer', { issuer: '^CN=Ro+t$' }],
    ['a version and a cipher', { versions: ['TLS12', 'TLS13'], ciphers: ['TLS_AES_256_GCM_SHA384'] }],
  ])('holds: %s', async (_, expectation) => {
    expect(await judged(expectation)).toMatchObject({ outcome: 'good' });
  });

  test.each<readonly [string, TlsExpectation, RegExp]>([
    ['days', { minDaysLeft: 21 }, /got \d+\.\d days until .*, want at least 21/],
    [
      'names',
      { names: ['mail.test', 'a.b.mail.test'] },
      /got mail\.test,\*\.mail\.test, want a\.b\.mail\.test among them/,
    ],
    ['an issuer', { issuer: 'Encrypt' }, /got the issuer CN=Root, want \/Encrypt\//],
    ['a fingerprint', { fingerprints: ['00'.repeat(32)] }, /got SHA-256 [0-9a-f]{64}, want 0{64}/],
    ['a version', { versions: ['TLS12'] }, /got TLS 1\.3, want TLS12/],
    ['a cipher', { ciphers: ['TLS_AES_128_GCM_SHA256'] }, /got TLS_AES_256_GCM_SHA384, want TLS_AES_128/],
  ])('does not hold, and fails the answer: %s', async (_, expectation, reason) => {
    const observation = await judged(expectation);
    expect(observation).toMatchObject({ outcome: 'bad', failedAt: 'answer' });
    expect(observation.reason).toMatch(reason);
  });

  test('a server that does not speak the range of versions is told at the handshake', async () => {
    const root = await newAuthority('Root', nowMs);
    const tls = { ca: root.caPem, serverName: 'mail.test', minVersion: 'TLS13' } as const;
    const observation = await seen({ ...(await root.issue(wish)), maxVersion: 'TLSv1.2' }, { tls });
    expect(observation).toMatchObject({ outcome: 'bad', failedAt: 'tls' });
    expect(observation.reason).toMatch(/protocol version/);
  });
});

describe('TLS that is asked for in a protocol’s own words', () => {
  for (const protocol of startTlsProtocols) {
    test(`begins after them: ${protocol}`, async () => {
      const { authority, cert, key } = await mailCertificate();
      const server = await startTlsServer(protocol, { cert, key });
      ends.push(server.close);
      const check = tlsCheck(server.at, { startTls: protocol, tls: { ca: authority.caPem, serverName: 'mail.test' } });
      const observation = await attempt(check, probing(passingClock()), undefined);
      expect(observation.reason).toBeUndefined();
      expect(observation).toMatchObject({ outcome: 'good', details: { extra: { tlsVersion: 'TLS 1.3' } } });
      expect(Object.keys(observation.phases)).toEqual(['connect', 'tls', 'firstByte', 'transfer']);
      addsUp(observation);
      await server.quiet();
    });
  }

  test.each([
    ['smtp', '454 later\r\n', /got the refusal "454 later"/],
    ['imap', 'a1 NO\r\n', /got the refusal "a1 NO"/],
    ['pop3', '-ERR no\r\n', /got the refusal "-ERR no"/],
    ['ftp', '534 no\r\n', /got the refusal "534 no"/],
    ['ldap', '300c02010178070a013404000400', /got the LDAP result code 52, want 0/],
    ['ldap', '0a01', /got no LDAP message/],
    ['ldap', '3003020101', /got no extended response/],
    ['postgres', '4e', /got "N", want "S": it speaks no TLS/],
    ['postgres', '5353', /got "S" and 1 more bytes, want "S"/],
  ] as const)('is refused in them: %s %j', async (protocol, refusal, reason) => {
    const { cert, key } = await mailCertificate();
    const server = await startTlsServer(protocol, { cert, key }, refusal);
    ends.push(server.close);
    const observation = await attempt(tlsCheck(server.at, { startTls: protocol }), probing(passingClock()), undefined);
    expect(observation).toMatchObject({ outcome: 'bad', failedAt: 'answer' });
    expect(observation.reason).toMatch(reason);
    await server.quiet();
  });
});
