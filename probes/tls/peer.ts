/** What a handshake left behind for those who ask of it later. */
import type { X509Certificate } from 'node:crypto';
import type { SecureContext, TLSSocket } from 'node:tls';
import { elements } from './der.ts';

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

/** A session as OpenSSL writes it (`SSL_SESSION_ASN1` in ssl/ssl_asn1.c): field 3 is the other side's certificate. */
const peerTag = 0xa3;
/** What Node may put before it, with the server's name behind it: two bytes of length, and so many of text. */
const nodeMark = Buffer.from('\0nodejs:tls:session:1\0', 'latin1');

/**
 * The other side's own certificate in DER, valid for this turn; `undefined` where it cannot be told so. Unlike
 * `peerCertificate` it makes no object of OpenSSL's: those are freed by the collector, thousands of them in one go, which
 * stops everything for as long as many handshakes take.
 */
export function peerDer(socket: TLSSocket): Buffer | undefined {
  const session = socket.getSession();
  const [sequence] = session === undefined ? [] : elements(withoutMark(session));
  return sequence === undefined ? undefined : elements(sequence.content).find(({ tag }) => tag === peerTag)?.content;
}

function withoutMark(session: Buffer): Buffer {
  const marked = session.length > nodeMark.length + 2 && session.subarray(0, nodeMark.length).equals(nodeMark);
  return marked ? session.subarray(nodeMark.length + 2 + session.readUInt16BE(nodeMark.length)) : session;
}

/** The connection is one that closes unless this context trusts the certificate. */
export function verifiedBy(socket: TLSSocket, context: SecureContext): void {
  of(socket).context = context;
}

/** Who vouched for the certificate; `undefined` where nobody was asked. */
export function verifierOf(socket: TLSSocket): SecureContext | undefined {
  return left.get(socket)?.context;
}
