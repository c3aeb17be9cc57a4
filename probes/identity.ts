/** Whether a server is who it was asked for as. */
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { shown } from './prober.ts';
import { peerCertificate, peerDer } from './tls/peer.ts';

/** Whether a certificate is for a name depends on nothing but the two: each is asked once. Name to DER. */
const matching = new Map<string, Buffer>();
const mostKnown = 8_192;

/** Whether the certificate is for this name or address: `undefined` if so, as `checkServerIdentity` has it. */
export function matchesIdentity(socket: TLSSocket, name: string): Error | undefined {
  const der = peerDer(socket);
  if (der !== undefined && matching.get(name)?.equals(der) === true) return undefined;
  const certificate = peerCertificate(socket);
  if (certificate === undefined) return new Error('certificate: got none');
  const matched = isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name);
  if (matched === undefined) {
    return new Error(`certificate: got ${shown(certificate.subjectAltName ?? 'no names')}, want ${name}`);
  }
  if (matching.size >= mostKnown) matching.clear();
  if (der !== undefined) matching.set(name, ownCopy(der));
  return undefined;
}

/** The rest of what it lies in are the connection's secrets; and one of a pool would keep all of that. */
function ownCopy(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}
