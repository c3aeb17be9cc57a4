/** What a connection's TLS says of itself: only for those who ask, since each certificate has to be read for it. */
import type { X509Certificate } from 'node:crypto';
import type { SecureContext, TLSSocket } from 'node:tls';
import { chainsOf, type Roots, roots } from './chains.ts';
import { namesIn, nameText } from './names.ts';
import { peerCertificate, verifierOf } from './peer.ts';
import { trustedBy } from './settings.ts';

export type CertificateFacts = {
  /** As Go's `pkix.Name.String()` writes them, and blackbox_exporter's labels: `CN=a,O=b`. */
  readonly subject: string;
  readonly issuer: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly dnsNames: readonly string[];
  /** The DNS names, with commas between. */
  readonly subjectAlternative: string;
  /** Hexadecimal in lower case, two digits a byte, without a sign. */
  readonly serialNumber: string;
  /** Hexadecimal in lower case. */
  readonly sha256: string;
};

export type TlsFacts = {
  readonly version: 'TLS 1.0' | 'TLS 1.1' | 'TLS 1.2' | 'TLS 1.3';
  /** IANA's name: `TLS_AES_128_GCM_SHA256`. */
  readonly cipher: string;
  /** As the server sent them, its own first. */
  readonly peers: readonly CertificateFacts[];
  /** From the server's to a trusted one, also where the server did not send that; none when nobody verified. */
  readonly chains: readonly (readonly CertificateFacts[])[];
  /** What was agreed to be spoken; `null` where that was no question. */
  readonly alpn: string | null;
};

const versions: Readonly<Record<string, TlsFacts['version']>> = {
  TLSv1: 'TLS 1.0',
  'TLSv1.1': 'TLS 1.1',
  'TLSv1.2': 'TLS 1.2',
  'TLSv1.3': 'TLS 1.3',
};
const maxKnown = 4_096;

/** Of a socket that our dialer opened, while it is open: one that was closed has forgotten most. */
export function tlsFacts(socket: TLSSocket): TlsFacts {
  const sent: X509Certificate[] = [];
  for (let one = peerCertificate(socket); one !== undefined; one = one.issuerCertificate) sent.push(one);
  const verifier = verifierOf(socket);
  return {
    version: versions[socket.getProtocol() ?? ''] ?? 'TLS 1.3',
    cipher: socket.getCipher()?.standardName ?? '',
    peers: sent.map(factsOf),
    chains: verifier === undefined || sent.length === 0 ? [] : verified(sent, verifier),
    alpn: socket.alpnProtocol || null,
  };
}

const known = new Map<string, CertificateFacts>();

function factsOf(certificate: X509Certificate): CertificateFacts {
  const name = certificate.fingerprint256;
  return remembered(known, name, () => {
    const { subject, issuer, dnsNames } = namesIn(certificate.raw);
    return {
      subject: nameText(subject),
      issuer: nameText(issuer),
      notBeforeMs: certificate.validFromDate.getTime(),
      notAfterMs: certificate.validToDate.getTime(),
      dnsNames,
      subjectAlternative: dnsNames.join(','),
      serialNumber: certificate.serialNumber.toLowerCase().replace(/^-/, '').replace(/^0+$/, ''),
      sha256: name.replaceAll(':', '').toLowerCase(),
    };
  });
}

type Verified = { readonly trusted: Roots; readonly chains: Map<string, TlsFacts['chains']> };
const verifiers = new WeakMap<SecureContext, Verified>();

function verified(sent: readonly X509Certificate[], verifier: SecureContext): TlsFacts['chains'] {
  let known = verifiers.get(verifier);
  if (known === undefined) {
    known = { trusted: roots(trustedBy(verifier)), chains: new Map() };
    verifiers.set(verifier, known);
  }
  const { trusted, chains } = known;
  const name = sent.map(({ fingerprint256 }) => fingerprint256).join();
  return remembered(chains, name, () => chainsOf(sent, trusted).map((chain) => chain.map(factsOf)));
}

function remembered<Value>(values: Map<string, Value>, name: string, make: () => Value): Value {
  const seen = values.get(name);
  if (seen !== undefined) return seen;
  const value = make();
  if (values.size >= maxKnown) values.clear();
  values.set(name, value);
  return value;
}
