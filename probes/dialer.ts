/** Opens one connection to one address. Never a second address, never a second try. */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import type { Ending } from './ending.ts';
import type { Hearing } from './hearing.ts';
import { matchesIdentity } from './identity.ts';
import type { TargetLimits } from './limits.ts';
import { describeError, type Failure, failureOfAbort, isOwnTrouble, stageOf } from './prober.ts';
import { verifiedBy } from './tls/peer.ts';
import { type CaText, secureContexts, type TlsSettings } from './tls/settings.ts';
import type { PhaseWatch } from './watch.ts';

export type DialTarget = {
  /** A literal: names are resolved before. */
  readonly address: string;
  readonly port: number;
  /** The name to show and to expect on the certificate; `null` for a connection without TLS. */
  readonly tlsName: string | null;
  readonly tls?: TlsSettings;
  /** Instead of the agent's. */
  readonly sourceAddress?: string;
  /** Hears what comes, as long as the connection is open; otherwise the socket is read as streams are. */
  readonly hearing?: Hearing;
};

export type Dialed = { readonly ok: true; readonly socket: Socket } | { readonly ok: false; readonly failure: Failure };

export type Dialer = {
  /** Phases `connect` and, where asked for, `tls`. The watch is finished if it fails, and nothing is left open then. */
  dial(target: DialTarget, watch: PhaseWatch, signal: Ending): Promise<Dialed>;
  /** TLS over a connection that is open: phase `tls`. As `dial`; a socket whose handshake failed is closed. */
  upgrade(
    socket: Socket,
    target: { readonly tlsName: string; readonly tls?: TlsSettings },
    watch: PhaseWatch,
    signal: Ending,
  ): Promise<Dialed>;
};

export type DialerOptions = {
  /** Trusted in addition to the system's. */
  readonly ca: CaText | null;
  readonly sourceAddress: string | null;
  readonly limits?: TargetLimits | undefined;
};

export function dialer(options: DialerOptions): Dialer {
  const contextOf = secureContexts(options.ca);

  /** Until the socket is open as it was asked for, or never will be. */
  function opening(begin: () => Socket, about: About, watch: PhaseWatch, signal: Ending): Promise<Dialed> {
    const { hearing } = about;
    return new Promise((resolve) => {
      if (signal.aborted) {
        watch.finish();
        return resolve({ ok: false, failure: failureOfAbort(signal, watch.current) });
      }
      let socket: Socket;
      try {
        socket = begin();
      } catch (error) {
        // Terms that OpenSSL cannot read are the check's mistake, and nobody's outage.
        watch.finish();
        about.over?.destroy();
        return resolve({ ok: false, failure: { failedAt: 'agent', reason: `TLS settings: ${describeError(error)}` } });
      }
      let settled = false;
      function settle(failure: Failure | undefined): void {
        settled = true;
        signal.removeEventListener('abort', stop);
        if (hearing === undefined) {
          socket.removeAllListeners();
          // Whoever has the socket next may not listen at once; an unheard error would end the process.
          socket.on('error', () => undefined);
        }
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
      // These stay where somebody goes on hearing: to take listeners away and add others costs more than to ask.
      socket.on('error', (error) => {
        if (settled) hearing?.current?.fail(error);
        else settle(failureOf(error, watch, about));
      });
      socket.on('close', () => {
        if (settled) hearing?.current?.close();
        else settle(failureOf(new Error('closed by the other side'), watch, about));
      });
      if (hearing !== undefined) socket.on('end', () => hearing.current?.end());
      if (about.tlsName === null) {
        socket.on('connect', () => settle(undefined));
      } else {
        socket.on('connect', () => watch.enter('tls'));
        socket.on('secureConnect', () => settle(undefined));
      }
    });
  }

  /** A name would be looked up once more on the way, and might lead elsewhere than where it was judged to. */
  function refusalOf({ address, port }: DialTarget, signal: Ending): string | undefined {
    if (isIP(address) === 0) return `connection to ${address}: got a name, want an address`;
    return options.limits?.refusal(address, port, signal);
  }

  return {
    dial(target, watch, signal) {
      watch.enter('connect');
      const { tlsName, tls = {}, hearing } = target;
      const refusal = refusalOf(target, signal);
      if (refusal !== undefined) {
        watch.finish();
        return Promise.resolve({ ok: false, failure: { failedAt: 'agent', reason: refusal } });
      }
      const to = {
        host: target.address,
        port: target.port,
        // One write gains nothing by it. A handshake and a request behind it do.
        noDelay: tlsName !== null || hearing === undefined,
        ...sourceOf(target.sourceAddress ?? options.sourceAddress),
        ...(hearing === undefined ? {} : { onread: hearing.onread, allowHalfOpen: true }),
      };
      const begin = (): Socket =>
        tlsName === null ? connectTcp(to) : secure({ ...to, tlsName, tls, secureContext: contextOf(tls) });
      return opening(begin, target, watch, signal);
    },
    upgrade(socket, { tlsName, tls = {} }, watch, signal) {
      watch.enter('tls');
      const about = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0, tlsName, over: socket };
      return opening(() => secure({ socket, tlsName, tls, secureContext: contextOf(tls) }), about, watch, signal);
    },
  };
}

type About = Pick<DialTarget, 'address' | 'port' | 'tlsName' | 'hearing'> & { readonly over?: Socket };

function sourceOf(localAddress: string | null): { readonly localAddress?: string } {
  return localAddress === null ? {} : { localAddress };
}

type Secure = ConnectionOptions & { tlsName: string; tls: TlsSettings; secureContext: SecureContext };

function secure({ tlsName, tls, ...rest }: Secure): TLSSocket {
  const verify = tls.verify !== false;
  const socket: TLSSocket = connectTls({
    ...rest,
    rejectUnauthorized: verify, // whatever the environment says
    ...(isIP(tlsName) === 0 ? { servername: tlsName } : {}),
    ...(tls.alpn === undefined ? {} : { ALPNProtocols: [...tls.alpn] }),
    checkServerIdentity: () => (verify ? matchesIdentity(socket, tlsName) : undefined),
  });
  // Node would build the whole chain as objects for `checkServerIdentity`, a quarter of a handshake's cost; ours reads
  // the certificate itself.
  socket.getPeerCertificate = noCertificate;
  if (verify) verifiedBy(socket, rest.secureContext);
  return socket;
}

/** One for all: a function that is written where it is set as a property is made old at once, and keeps its socket. */
const noCertificate = (() => ({})) as TLSSocket['getPeerCertificate'];

function failureOf(error: Error, watch: PhaseWatch, target: About): Failure {
  const phase = watch.current;
  const reason =
    phase === 'tls'
      ? `TLS handshake as ${target.tlsName}: ${describeError(error)}`
      : `connection to ${target.address} port ${target.port}: ${describeError(error)}`;
  return { failedAt: isOwnTrouble(error) ? 'agent' : stageOf[phase], reason };
}
