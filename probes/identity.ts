import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { shown } from './prober.ts';
import { peerCertificate } from './tls/peer.ts';

/** Whether the certificate is for this name or address: `undefined` if so, as `checkServerIdentity` has it. */
export function matchesIdentity(socket: TLSSocket, name: string): Error | undefined {
  const certificate = peerCertificate(socket);
  if (certificate === undefined) return new Error('certificate: got none');
  const matched = isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name);
  if (matched !== undefined) return undefined;
  return new Error(`certificate: got ${shown(certificate.subjectAltName ?? 'no names')}, want ${name}`);
}
