/** What a connection's certificates say, as series. */
import type { CertificateFacts, TlsFacts } from '../../tls/facts.ts';
import type { ProbeMetrics } from '../metrics.ts';

/** The zero of the clock of blackbox_exporter's language, the year 1: what it shows where there is no chain. */
const noTime = -62_135_596_800;

/** http, tcp and unix know all of them, grpc neither the verified chains nor the cipher; only http shows the cipher. */
export function tlsSeries(metrics: ProbeMetrics, tls: TlsFacts, which: 'http' | 'dialogue' | 'grpc'): void {
  metrics.set('probe_ssl_earliest_cert_expiry', earliestExpiry(tls.peers));
  metrics.set('probe_tls_version_info', 1, { version: tls.version });
  if (which === 'http') metrics.set('probe_tls_cipher_info', 1, { cipher: tls.cipher });
  if (which !== 'grpc') {
    const expiries = tls.chains.map(earliestExpiry);
    metrics.set('probe_ssl_last_chain_expiry_timestamp_seconds', Math.max(noTime, ...expiries));
  }
  const [leaf] = tls.peers;
  if (leaf === undefined) return;
  metrics.set('probe_ssl_last_chain_info', 1, {
    fingerprint_sha256: leaf.sha256,
    subject: leaf.subject,
    issuer: leaf.issuer,
    subjectalternative: leaf.subjectAlternative,
    serialnumber: leaf.serialNumber,
  });
}

/** Seconds since the epoch. */
function earliestExpiry(certificates: readonly CertificateFacts[]): number {
  if (certificates.length === 0) return noTime;
  return Math.floor(Math.min(...certificates.map(({ notAfterMs }) => notAfterMs)) / 1_000);
}
