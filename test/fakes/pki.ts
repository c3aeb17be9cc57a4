/** Certificates of servers and clients, and authorities that sign them, for tests. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { ClientPem } from '../../probes/uplink.ts';

export type Authority = {
  readonly caPem: string;
  issue(wish: Wish): Promise<ClientPem>;
  /** One that this one vouches for; `caPem` is its own certificate alone. */
  subordinate(name: string): Promise<Authority>;
};
export type Wish = {
  readonly commonName: string;
  readonly dns?: readonly string[];
  readonly addresses?: readonly string[];
  /** How long it is still good; negative: since when not any more. */
  readonly forMs?: number;
  readonly usage?: 'client' | 'server';
};

const curve = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const usages = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;
const hourMs = 3_600_000;

export async function newAuthority(name: string, wallMs: number): Promise<Authority> {
  return authority(name, wallMs, null);
}

type Issuer = { readonly certificate: x509.X509Certificate; readonly keys: webcrypto.CryptoKeyPair };

async function authority(name: string, wallMs: number, above: Issuer | null): Promise<Authority> {
  x509.cryptoProvider.set(webcrypto);
  const keys = await newKeys();
  const times = { notBefore: new Date(wallMs - 2 * hourMs), notAfter: new Date(wallMs + 24 * hourMs) };
  const own = await x509.X509CertificateGenerator.create({
    ...{ subject: `CN=${name}`, issuer: above?.certificate.subject ?? `CN=${name}`, serialNumber: serial(), ...times },
    ...{ publicKey: keys.publicKey, signingKey: (above?.keys ?? keys).privateKey, signingAlgorithm: curve },
    extensions: [
      new x509.BasicConstraintsExtension(true, above === null ? undefined : 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    caPem: `${own.toString('pem')}\n`,
    issue: (wish) => issued(wish, wallMs, { certificate: own, keys }),
    subordinate: (below) => authority(below, wallMs, { certificate: own, keys }),
  };
}

/** A certificate that vouches for itself, and nobody else for it. */
export async function selfSigned(wish: Wish, wallMs: number): Promise<ClientPem> {
  x509.cryptoProvider.set(webcrypto);
  return issued(wish, wallMs, null);
}

async function issued(wish: Wish, wallMs: number, by: Issuer | null): Promise<ClientPem> {
  const { commonName, dns = [], addresses = [], forMs = hourMs, usage = 'client' } = wish;
  const leaf = await newKeys();
  const names = [
    ...dns.map((value) => ({ type: 'dns' as const, value })),
    ...addresses.map((value) => ({ type: 'ip' as const, value })),
  ];
  const signing = by?.keys ?? leaf;
  const certificate = await x509.X509CertificateGenerator.create({
    ...{ serialNumber: serial(), subject: [{ CN: [commonName] }], signingAlgorithm: curve },
    issuer: by === null ? [{ CN: [commonName] }] : by.certificate.subject,
    ...{ publicKey: leaf.publicKey, signingKey: signing.privateKey },
    ...{ notBefore: new Date(wallMs - hourMs), notAfter: new Date(wallMs + forMs) },
    extensions: [
      new x509.ExtendedKeyUsageExtension([usages[usage]]),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      await x509.AuthorityKeyIdentifierExtension.create(signing.publicKey),
    ],
  });
  const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', leaf.privateKey), 'PRIVATE KEY');
  return { cert: `${certificate.toString('pem')}\n`, key: `${key}\n` };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(curve, true, ['sign', 'verify']);
}

function serial(): string {
  return `01${Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString('hex')}`;
}
