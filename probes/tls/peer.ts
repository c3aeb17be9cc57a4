/** What a handshake left behind for those who ask of it later. */
import type { X509Certificate } from 'node:crypto';
import type { SecureContext, TLSSocket } from 'node:tls';

type Left = { certificate?: X509Certificate | undefined; context?: SecureContext };
const left = new WeakMap<TLSSocket, Left>();

function of(socket: TLSSocket): Left {
  const known = left.get(socket) ?? {};
  left.set(socket, known);
  return known;
}

/**
 * What the other side showed, with what it sent behind it in `issuerCertificate`, in its order; `undefined` before the
 * handshake. Always ask here: Node's own getter takes the certificates out of the connection, and finds none again.
 */
export function peerCertificate(socket: TLSSocket): X509Certificate | undefined {
  const known = of(socket);
  known.certificate ??= socket.getPeerX509Certificate();
  return known.certificate;
}

/** The connection is one that closes unless this context trusts the certificate. */
export function verifiedBy(socket: TLSSocket, context: SecureContext): void {
  of(socket).context = context;
}

/** Who vouched for the certificate; `undefined` where nobody was asked. */
export function verifierOf(socket: TLSSocket): SecureContext | undefined {
  return left.get(socket)?.context;
}
