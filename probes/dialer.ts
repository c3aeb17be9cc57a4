/** Opens one connection to one address. Never a second address, never a second try. */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import {
  type ConnectionOptions,
  connect as connectTls,
  createSecureContext,
  getCACertificates,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { matchesIdentity } from './identity.ts';
import { describeError, type Failure, failureOfAbort, isOwnTrouble, stageOf } from './prober.ts';
import type { PhaseWatch } from './watch.ts';

export type DialTarget = {
  /** A literal: names are resolved before. */
  readonly address: string;
  readonly port: number;
  /** The name to show and to expect on the certificate; `null` for a connection without TLS. */
  readonly tlsName: string | null;
};

export type Dialed = { readonly ok: true; readonly socket: Socket } | { readonly ok: false; readonly failure: Failure };

export type Dialer = {
  /** Phases `connect` and, where asked for, `tls`. The watch is finished if it fails, and nothing is left open then. */
  dial(target: DialTarget, watch: PhaseWatch, signal: AbortSignal): Promise<Dialed>;
};

export type DialerOptions = {
  /** PEM text, trusted in addition to the system's. */
  readonly ca: string | null;
  readonly sourceAddress: string | null;
};

/** One share, of the group that all servers of today know; without one the handshake takes one round trip more. */
const groups = 'X25519:prime256v1:secp384r1';

export function dialer(options: DialerOptions): Dialer {
  let shared: SecureContext | undefined;
  // Hundreds of certificates are parsed here: once, and only where TLS is used.
  const secureContext = (): SecureContext => {
    shared ??= createSecureContext({
      ecdhCurve: groups,
      ...(options.ca === null ? {} : { ca: [...getCACertificates('default'), options.ca] }),
    });
    return shared;
  };
  return {
    dial(target, watch, signal) {
      return new Promise((resolve) => {
        watch.enter('connect');
        if (signal.aborted) {
          watch.finish();
          return resolve({ ok: false, failure: failureOfAbort(signal, 'connect') });
        }
        const socket = begin(target, options.sourceAddress, secureContext);
        function settle(failure: Failure | undefined): void {
          signal.removeEventListener('abort', stop);
          socket.removeAllListeners();
          // Whoever has the socket next may not listen at once; an unheard error would end the process.
          socket.on('error', () => undefined);
          if (failure === undefined) {
            resolve({ ok: true, socket });
          } else {
            watch.finish();
            socket.destroy();
            resolve({ ok: false, failure });
          }
        }
        function stop(): void {
          settle(failureOfAbort(signal, watch.current));
        }
        signal.addEventListener('abort', stop, { once: true });
        socket.once('error', (error) => settle(failureOf(error, watch, target)));
        socket.once('close', () => settle(failureOf(new Error('closed by the other side'), watch, target)));
        socket.once('connect', () => (target.tlsName === null ? settle(undefined) : watch.enter('tls')));
        if (target.tlsName !== null) socket.once('secureConnect', () => settle(undefined));
      });
    },
  };
}

function begin(target: DialTarget, sourceAddress: string | null, secureContext: () => SecureContext): Socket {
  const to = {
    host: target.address,
    port: target.port,
    noDelay: true,
    ...(sourceAddress === null ? {} : { localAddress: sourceAddress }),
  };
  const { tlsName } = target;
  if (tlsName === null) return connectTcp(to);
  const options: ConnectionOptions = {
    ...to,
    secureContext: secureContext(),
    rejectUnauthorized: true, // whatever the environment says
    ...(isIP(tlsName) === 0 ? { servername: tlsName } : {}),
    checkServerIdentity: () => matchesIdentity(socket, tlsName),
  };
  const socket: TLSSocket = connectTls(options);
  // Node would build the whole chain as objects for `checkServerIdentity`, a quarter of a handshake's cost; ours reads
  // the certificate itself.
  socket.getPeerCertificate = (() => ({})) as TLSSocket['getPeerCertificate'];
  return socket;
}

function failureOf(error: Error, watch: PhaseWatch, target: DialTarget): Failure {
  const phase = watch.current;
  const reason =
    phase === 'tls'
      ? `TLS handshake as ${target.tlsName}: ${describeError(error)}`
      : `connection to ${target.address} port ${target.port}: ${describeError(error)}`;
  return { failedAt: isOwnTrouble(error) ? 'agent' : stageOf[phase], reason };
}
