/** What a TLS connection says of itself and of who answered. */

export type CertificateFacts = {
  readonly subject: string;
  readonly issuer: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly dnsNames: readonly string[];
  readonly subjectAlternative: string;
  readonly serialNumber: string;
  readonly sha256: string;
};

export type TlsFacts = {
  readonly version: 'TLS 1.0' | 'TLS 1.1' | 'TLS 1.2' | 'TLS 1.3';
  readonly cipher: string;
  readonly peers: readonly CertificateFacts[];
  readonly chains: readonly (readonly CertificateFacts[])[];
  readonly alpn: string | null;
};
