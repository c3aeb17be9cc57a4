import { X509Certificate } from 'node:crypto';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../contract/clock.ts';
import { dialer } from '../../../probes/dialer.ts';
import { type TlsFacts, tlsFacts } from '../../../probes/tls/facts.ts';
import type { TlsSettings } from '../../../probes/tls/settings.ts';
import { phaseWatch } from '../../../probes/watch.ts';
import { type Authority, newAuthority, selfSigned } from '../../fakes/pki.ts';
import { tlsTarget } from '../../fakes/tls-target.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const end of ends.splice(0).reverse()) await end();
});

const clock = systemClock();
const nowMs = clock.wallMs();
const server = { commonName: 'mail.test', dns: ['mail.test', '*.mail.test'], usage: 'server' } as const;

/** Connects once, with an agent that trusts `agentCa`; the socket, or the reason. */
async function connected(
  options: TlsOptions,
  tls: TlsSettings,
  agentCa: string | null = null,
): Promise<TLSSocket | string> {
  const { at, close } = await tlsTarget(options);
  ends.push(close);
  const watch = phaseWatch(clock);
  const target = { address: at.host, port: at.port, tlsName: 'mail.test', tls };
  const dialed = await dialer({ ca: agentCa, sourceAddress: null }).dial(target, watch, new AbortController().signal);
  if (!dialed.ok) return dialed.failure.reason;
  ends.push(() => dialed.socket.destroy());
  return dialed.socket as TLSSocket;
}

async function factsOf(options: TlsOptions, tls: TlsSettings, agentCa: string | null = null): Promise<TlsFacts> {
  const socket = await connected(options, tls, agentCa);
  if (typeof socket === 'string') throw new Error(socket);
  return tlsFacts(socket);
}

function subjects(chain: TlsFacts['peers'] | undefined): string[] | undefined {
  return chain?.map(({ subject }) => subject);
}

async function threeStoreys(): Promise<{ root: Authority; between: Authority; cert: string; key: string }> {
  const root = await newAuthority('Root', nowMs);
  const between = await root.subordinate('Between');
  return { root, between, ...(await between.issue(server)) };
}

describe('what a certificate says', () => {
  test('is read once, with its names, times, number and print', async () => {
    const root = await newAuthority('Root', nowMs);
    const leaf = await root.issue({ ...server, forMs: 86_400_000 });
    const { peers } = await factsOf(leaf, { ca: root.caPem });
    const read = new X509Certificate(leaf.cert);
    expect(peers).toEqual([
      {
        subject: 'CN=mail.test',
        issuer: 'CN=Root',
        notBeforeMs: read.validFromDate.getTime(),
        notAfterMs: Math.floor((nowMs + 86_400_000) / 1_000) * 1_000,
        dnsNames: ['mail.test', '*.mail.test'],
        subjectAlternative: 'mail.test,*.mail.test',
        serialNumber: read.serialNumber.toLowerCase(),
        sha256: read.fingerprint256.replaceAll(':', '').toLowerCase(),
      },
    ]);
    expect(peers[0]?.serialNumber).toMatch(/^01[0-9a-f]{30}$/);
  });

  test('can be asked for again, of one connection and of the next', async () => {
    const root = await newAuthority('Root', nowMs);
    const leaf = await root.issue(server);
    const socket = (await connected(leaf, { ca: root.caPem })) as TLSSocket;
    const first = tlsFacts(socket);
    expect(tlsFacts(socket)).toEqual(first);
    const again = await factsOf(leaf, { ca: root.caPem });
    // Parsed once: the same object.
    expect(again.peers[0]).toBe(first.peers[0]);
  });

  test('costs nothing until somebody asks', async () => {
    const root = await newAuthority('Root', nowMs);
    const raw = vi.spyOn(X509Certificate.prototype, 'raw', 'get');
    const socket = await connected(await root.issue(server), { ca: root.caPem });
    expect(raw).not.toHaveBeenCalled();
    tlsFacts(socket as TLSSocket);
    expect(raw).toHaveBeenCalled();
  });
});

describe('the chains of a verified certificate', () => {
  test('end at a root that the server did not send', async () => {
    const { root, between, cert, key } = await threeStoreys();
    const facts = await factsOf({ cert: cert + between.caPem, key }, { ca: root.caPem });
    expect(subjects(facts.peers)).toEqual(['CN=mail.test', 'CN=Between']);
    expect(facts.chains.map(subjects)).toEqual([['CN=mail.test', 'CN=Between', 'CN=Root']]);
  });

  test('have no certificate twice when the server sent its root, and peers are in the order sent', async () => {
    const { root, between, cert, key } = await threeStoreys();
    const facts = await factsOf({ cert: cert + root.caPem + between.caPem, key }, { ca: root.caPem });
    expect(subjects(facts.peers)).toEqual(['CN=mail.test', 'CN=Root', 'CN=Between']);
    expect(facts.chains.map(subjects)).toEqual([['CN=mail.test', 'CN=Between', 'CN=Root']]);
  });

  test('leave out what the server sent for nothing', async () => {
    const { root, between, cert, key } = await threeStoreys();
    const stranger = await newAuthority('Stranger', nowMs);
    const facts = await factsOf({ cert: cert + between.caPem + stranger.caPem, key }, { ca: root.caPem });
    expect(subjects(facts.peers)).toEqual(['CN=mail.test', 'CN=Between', 'CN=Stranger']);
    expect(facts.chains.map(subjects)).toEqual([['CN=mail.test', 'CN=Between', 'CN=Root']]);
  });

  test('are as many as lead to somebody trusted', async () => {
    const { root, between, cert, key } = await threeStoreys();
    const facts = await factsOf({ cert: cert + between.caPem, key }, { ca: root.caPem + between.caPem });
    expect(facts.chains.map(subjects)).toEqual([
      ['CN=mail.test', 'CN=Between'],
      ['CN=mail.test', 'CN=Between', 'CN=Root'],
    ]);
  });

  test('may be of an authority that only the agent knows, beside the system’s', async () => {
    const { root, between, cert, key } = await threeStoreys();
    const facts = await factsOf({ cert: cert + between.caPem, key }, {}, root.caPem);
    expect(facts.chains.map(subjects)).toEqual([['CN=mail.test', 'CN=Between', 'CN=Root']]);
  });

  test('may begin at one that is trusted though somebody else signed it, where the check names it', async () => {
    const { between, cert, key } = await threeStoreys();
    const byBetween = await factsOf({ cert, key }, { ca: between.caPem });
    expect(byBetween.chains.map(subjects)).toEqual([['CN=mail.test', 'CN=Between']]);
    const itself = await factsOf({ cert, key }, { ca: cert });
    expect(itself.chains.map(subjects)).toEqual([['CN=mail.test']]);
  });

  test('are none where nobody verified, though the certificate is good', async () => {
    const { root, between, cert, key } = await threeStoreys();
    const facts = await factsOf({ cert: cert + between.caPem, key }, { ca: root.caPem, verify: false });
    expect(facts.peers).toHaveLength(2);
    expect(facts.chains).toEqual([]);
  });

  test('of a server that sends no intermediate there are none, nor a connection', async () => {
    const { root, cert, key } = await threeStoreys();
    expect(await connected({ cert, key }, { ca: root.caPem })).toMatch(/unable to get local issuer certificate/);
  });

  test('of one that nobody else signed: none unless the check says that it will do', async () => {
    const own = await selfSigned(server, nowMs);
    expect(await connected(own, {})).toMatch(/self-signed certificate/);
    expect((await factsOf(own, { verify: false })).peers).toMatchObject([{ issuer: 'CN=mail.test' }]);
    expect((await factsOf(own, { ca: own.cert })).chains.map(subjects)).toEqual([['CN=mail.test']]);
  });

  test('a server cannot make the search for them long', async () => {
    const root = await newAuthority('Root', nowMs);
    // Holders that all have one name, and each could have been signed by any other.
    const crowd = await Promise.all(Array.from({ length: 40 }, () => root.subordinate('Between')));
    const [first = root] = crowd;
    const { cert, key } = await first.issue(server);
    const verify = vi.spyOn(X509Certificate.prototype, 'verify');
    const facts = await factsOf({ cert: cert + crowd.map(({ caPem }) => caPem).join(''), key }, { ca: root.caPem });
    expect(facts.chains.map(subjects)).toEqual([['CN=mail.test', 'CN=Between', 'CN=Root']]);
    expect(verify.mock.calls.length).toBeLessThanOrEqual(100);
  });
});

describe('what was agreed', () => {
  test.each([
    ['TLSv1.2', 'TLS 1.2', 'ECDHE-ECDSA-AES128-GCM-SHA256', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'],
    ['TLSv1.3', 'TLS 1.3', 'TLS_AES_128_GCM_SHA256', 'TLS_AES_128_GCM_SHA256'],
  ] as const)('over %s is named as IANA names it', async (version, shown, ciphers, cipher) => {
    const root = await newAuthority('Root', nowMs);
    const leaf = await root.issue(server);
    const options = { ...leaf, minVersion: version, maxVersion: version, ciphers };
    expect(await factsOf(options, { ca: root.caPem })).toMatchObject({ version: shown, cipher, alpn: null });
  });

  test('as a protocol is there when one was offered and taken', async () => {
    const root = await newAuthority('Root', nowMs);
    const options = { ...(await root.issue(server)), ALPNProtocols: ['h2'] };
    expect((await factsOf(options, { ca: root.caPem, alpn: ['h2', 'http/1.1'] })).alpn).toBe('h2');
    expect((await factsOf(options, { ca: root.caPem })).alpn).toBeNull();
  });
});
