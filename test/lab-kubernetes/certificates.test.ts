import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../contract/clock.ts';
import { type Certificate, certificateAuthority } from '../../lab/certificates.ts';
import { fakeClock } from '../fakes/clock.ts';

const authority = await certificateAuthority(systemClock());
const leaf = await authority.issue({
  names: ['api.agent.test', '*.agent.test'],
  addresses: ['127.1.0.1', '::1'],
});

/** Whether a real handshake with `leaf` succeeds for a client that asks for `servername` and trusts `ca`. */
async function handshake(certificate: Certificate, servername: string, ca: string): Promise<string> {
  const server = createServer({ cert: certificate.certPem, key: certificate.keyPem });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const options = { port, host: '127.0.0.1', ca };
  const socket = connect(servername === '127.0.0.1' ? options : { ...options, servername });
  const outcome = await Promise.race([
    once(socket, 'secureConnect').then(() => 'trusted'),
    once(socket, 'error').then(([error]) => String(error.code)),
  ]).catch((error: { code?: string }) => String(error.code));
  socket.destroy();
  server.close();
  return outcome;
}

describe('a certificate of the lab', () => {
  test('is trusted by a client that trusts the authority, for each of its names', async () => {
    expect(await handshake(leaf, 'api.agent.test', authority.caPem)).toBe('trusted');
    expect(await handshake(leaf, 'eu.agent.test', authority.caPem)).toBe('trusted');
  });

  test('is trusted for its addresses', async () => {
    const loopback = await authority.issue({ names: [], addresses: ['127.0.0.1'] });
    expect(await handshake(loopback, '127.0.0.1', authority.caPem)).toBe('trusted');
    expect(await handshake(leaf, '127.0.0.1', authority.caPem)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test('is refused for another name', async () => {
    expect(await handshake(leaf, 'other.test', authority.caPem)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test('is refused by a client that trusts another authority', async () => {
    const other = await certificateAuthority(systemClock());
    expect(await handshake(leaf, 'api.agent.test', other.caPem)).not.toBe('trusted');
  });

  test('is an elliptic curve certificate, no authority, valid for a week', async () => {
    const clock = fakeClock();
    const shortLived = await (await certificateAuthority(clock)).issue({ names: ['a.test'], addresses: [] });
    const parsed = new X509Certificate(shortLived.certPem);
    expect(parsed.ca).toBe(false);
    expect(parsed.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(Date.parse(parsed.validTo) - Math.floor(clock.wallMs() / 1_000) * 1_000).toBe(7 * 86_400_000);
    expect(parsed.verify(new X509Certificate(authority.caPem).publicKey)).toBe(false);
  });

  test('needs something to stand for', async () => {
    await expect(authority.issue({ names: [], addresses: [] })).rejects.toThrow('at least one name or address');
  });

  test.skipIf(!hasOpenssl())('satisfies openssl verify', () => {
    const folder = mkdtempSync(join(tmpdir(), 'blackstart-certificates-'));
    try {
      writeFileSync(join(folder, 'ca.pem'), authority.caPem);
      writeFileSync(join(folder, 'leaf.pem'), leaf.certPem);
      const said = execFileSync('openssl', ['verify', '-x509_strict', '-CAfile', 'ca.pem', 'leaf.pem'], {
        cwd: folder,
      });
      expect(said.toString()).toBe('leaf.pem: OK\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
