/** TLS of what the aggregator listens with, renewed while it runs, and what certificates its clients show. */
import { constants } from 'node:crypto';
import type { Server } from 'node:https';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { type Cancel, type Clock, every } from '../contract/clock.ts';
import { messageOf } from '../contract/failure.ts';
import type { Log } from '../contract/log.ts';

/** PEM texts. `clientCa`: who signs certificates of clients; `null`: none is asked for. */
export type ServerPem = { readonly cert: string; readonly key: string; readonly clientCa: string | null };

/** Read again every few seconds. Whoever gives it sees to it that key and certificate belong together. */
export type TlsOptions = { read(): ServerPem };

/** The certificate of whoever is at the other end. */
export type Presented =
  | { readonly kind: 'none' }
  /** `names`: whom it is for, by its DNS names, or its common name where it has none. */
  | { readonly kind: 'trusted'; readonly names: readonly string[] }
  /** `why`: in one phrase. `subject`: whose it says it is. */
  | { readonly kind: 'refused'; readonly subject: string; readonly why: string };

const renewEveryMs = 5_000;
const handshakeWithinMs = 10_000;

/**
 * Clients without a certificate come as far as those with a bad one: it is said to them over HTTP what is wrong. No
 * session is resumed, so that a certificate is looked at with every connection.
 */
export function secureOptions(pem: ServerPem) {
  return {
    ...contextOf(pem),
    requestCert: pem.clientCa !== null,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    secureOptions: constants.SSL_OP_NO_TICKET,
    handshakeTimeout: handshakeWithinMs,
  } as const;
}

function contextOf({ cert, key, clientCa }: ServerPem) {
  return { cert, key, ...(clientCa === null ? {} : { ca: clientCa }) };
}

/** New connections get the renewed certificates; those that are open stay as they are. */
export function renewing(
  server: Server,
  tls: TlsOptions,
  first: ServerPem,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Cancel {
  let current = first;
  return every(
    clock,
    renewEveryMs,
    () => {
      const next = tls.read();
      if (next.cert === current.cert && next.key === current.key && next.clientCa === current.clientCa) return;
      current = next;
      server.setSecureContext({ ...contextOf(next), minVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_TICKET });
      log.info({}, 'certificates renewed');
    },
    (error) => log.error({ why: messageOf(error) }, 'certificates could not be renewed: those from before go on'),
  );
}

const reasons: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by itself',
  INVALID_PURPOSE: 'it is not for clients',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not ours',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not ours',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is not ours',
};

export function presentedBy(socket: Duplex | undefined): Presented {
  if (!(socket instanceof TLSSocket)) return { kind: 'none' };
  const certificate = socket.getPeerCertificate();
  if (Object.keys(certificate ?? {}).length === 0) return { kind: 'none' };
  const common = [certificate.subject?.CN ?? []].flat();
  if (socket.authorized) {
    const dns = dnsNames(certificate.subjectaltname ?? '');
    return { kind: 'trusted', names: dns.length > 0 ? dns : common };
  }
  const code = String((socket.authorizationError as unknown) ?? 'it cannot be verified');
  return { kind: 'refused', subject: common.join(', '), why: reasons[code] ?? code };
}

/** Node lists them as `DNS:a, DNS:"b, c", IP Address:…`, in quotes as JSON has them where a comma would mislead. */
function dnsNames(text: string): readonly string[] {
  return [...text.matchAll(/(?:^|, )([\w ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g)].flatMap(([, kind, value = '']) => {
    if (kind !== 'DNS') return [];
    return [value.startsWith('"') ? (JSON.parse(value) as string) : value];
  });
}
