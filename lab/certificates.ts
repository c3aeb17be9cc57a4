/** A certificate authority that lives as long as its lab: its key never leaves the process. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { Clock } from '../contract/clock.ts';

export type Certificate = { readonly certPem: string; readonly keyPem: string };

/** What a leaf stands for: host names (a leading `*.` is allowed) and IP addresses. At least one of them. */
export type Subject = { readonly names: readonly string[]; readonly addresses: readonly string[] };

export type CertificateAuthority = {
  readonly caPem: string;
  /** A server certificate with a new ECDSA P-256 key, good from five minutes ago and for a week. */
  issue(subject: Subject): Promise<Certificate>;
};

const curve = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const serverAuth = '1.3.6.1.5.5.7.3.1';
/** Readers' clocks may be behind ours. */
const backdatedMs = 5 * 60_000;
const lifetimeMs = 7 * 86_400_000;

export async function certificateAuthority(clock: Clock): Promise<CertificateAuthority> {
  x509.cryptoProvider.set(webcrypto);
  const keys = await newKeys();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: 'CN=Blackstart lab CA',
    ...validity(clock),
    signingAlgorithm: curve,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    caPem: pem(authority),
    issue: (subject) => issue(subject, { clock, authority, signingKey: keys.privateKey }),
  };
}

type Issuer = {
  readonly clock: Clock;
  readonly authority: x509.X509Certificate;
  readonly signingKey: webcrypto.CryptoKey;
};

async function issue(subject: Subject, issuer: Issuer): Promise<Certificate> {
  const commonName = subject.names[0] ?? subject.addresses[0];
  if (commonName === undefined) throw new Error('a certificate needs at least one name or address');
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: [{ CN: [commonName] }],
    issuer: issuer.authority.subject,
    ...validity(issuer.clock),
    signingAlgorithm: curve,
    publicKey: keys.publicKey,
    signingKey: issuer.signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...subject.names.map((value) => ({ type: 'dns' as const, value })),
        ...subject.addresses.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.authority.publicKey),
    ],
  });
  return { certPem: pem(certificate), keyPem: await pemOfKey(keys.privateKey) };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(curve, true, ['sign', 'verify']);
}

/** 127 random bits: positive, and never the same for two certificates of one authority. */
function newSerial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01;
  return Buffer.from(bytes).toString('hex');
}

function validity(clock: Clock): { notBefore: Date; notAfter: Date } {
  const nowMs = clock.wallMs();
  return { notBefore: new Date(nowMs - backdatedMs), notAfter: new Date(nowMs + lifetimeMs) };
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

async function pemOfKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}
