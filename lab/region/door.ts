import { constants } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { formatHostPort, type HostPort } from '../../contract/address.ts';
import type { Clock } from '../../contract/clock.ts';
import { messageOf } from '../../contract/failure.ts';
import type { Log } from '../../contract/log.ts';
import type { Certificate } from '../certificates.ts';
import { listenAt } from '../network/listen.ts';
import { type Connection, type ConnectionLog, connections } from './connections.ts';
import type { Timers } from './timers.ts';

export type DoorOptions = {
  readonly at: HostPort;
  /** For messages: `the door of us-east-1`. */
  readonly name: string;
  readonly certificate: Certificate;
  readonly roundTripOf: (sourceAddress: string) => number;
  readonly onRequest: (message: IncomingMessage, response: ServerResponse, connection: Connection) => void;
};

/** `open` answers, `refuse` has nobody listening, `swallow` accepts and never says a word. */
export type Stance = 'open' | 'refuse' | 'swallow';

export type Door = {
  /** Takes hold at once for new connections; `refuse` also ends those that are open. */
  stand(stance: Stance): void;
  connections(): readonly ConnectionLog[];
  close(): Promise<void>;
};

/** At this many open connections a door drops further ones as soon as they are accepted. */
const maxConnections = 2_000;
/** Longer than any client's pings are apart. */
const keepAliveMs = 65_000;

/**
 * An HTTPS server whose clients are as far away as `roundTripOf` says. On loopback a connect takes no time and nothing
 * slows what is sent, so a door leaves each new connection alone, its ClientHello unread, for two round trips: the
 * connect's and that of the TLS flight that answers it. With one round trip per answer, which is the front's part, a
 * fresh request takes the true three, at the price of a timer; only `connect` looks too short and `tls` too long.
 */
export async function openDoor(
  options: DoorOptions,
  deps: { readonly clock: Clock; readonly timers: Timers; readonly log: Log },
): Promise<Door> {
  const { clock, timers, log } = deps;
  const seen = connections(clock);
  const bySocket = new WeakMap<Duplex, Connection>();
  const accepted = new Map<string, Connection>();
  const sockets = new Set<Duplex>();
  const secure = secureServer(options.certificate);
  let stance: Stance = 'open';
  let listener: Server | undefined;
  let closed = false;

  const hold = (socket: Duplex): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };
  secure.on('secureConnection', (socket) => {
    const connection = accepted.get(keyOf(socket));
    if (connection === undefined) return void socket.destroy();
    bySocket.set(socket, connection);
    hold(socket);
  });
  secure.on('request', (message, response) => {
    const connection = bySocket.get(message.socket);
    if (connection !== undefined) options.onRequest(message, response, connection);
  });

  function accept(socket: Socket): void {
    const source = socket.remoteAddress;
    socket.on('error', () => undefined); // a client that resets its connection is its own affair
    if (source === undefined || closed) return void socket.destroy();
    const connection = seen.open(source, options.roundTripOf(source));
    const key = keyOf(socket);
    accepted.set(key, connection);
    hold(socket);
    socket.once('close', () => {
      connection.closed();
      if (accepted.get(key) === connection) accepted.delete(key);
    });
    timers.at(clock.nowMs() + 2 * connection.roundTripMs, () => {
      if (socket.destroyed) return;
      // Reading on, into nothing, is how a swallowing door notices that the client has gone.
      if (stance === 'swallow') socket.resume();
      else secure.emit('connection', socket);
    });
  }

  async function listen(): Promise<void> {
    const server = createServer({ pauseOnConnect: true, noDelay: true }, accept);
    server.maxConnections = maxConnections;
    listener = server;
    await listenAt(server, options.at, options.name);
    if (listener !== server) server.close(); // told to refuse before it was up
  }

  await listen();
  return {
    stand(next) {
      stance = next;
      if (closed) return;
      if (next === 'refuse') {
        listener?.close();
        listener = undefined;
        for (const socket of sockets) socket.destroy();
      } else if (listener === undefined) {
        listen().catch((error: unknown) => {
          log.error({ at: formatHostPort(options.at), error: messageOf(error) }, `${options.name} cannot open again`);
        });
      }
    },
    connections: seen.all,
    close() {
      closed = true;
      timers.cancelAll();
      const server = listener;
      listener = undefined;
      return new Promise((resolve) => {
        if (server === undefined) resolve();
        else server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      });
    },
  };
}

/** TLS 1.3 with one ECDSA certificate and no resumption, so that every connection pays the whole handshake. */
function secureServer({ certPem, keyPem }: Certificate): SecureServer {
  return createSecureServer({
    cert: certPem,
    key: keyPem,
    minVersion: 'TLSv1.3',
    ALPNProtocols: ['http/1.1'],
    secureOptions: constants.SSL_OP_NO_TICKET,
    ecdhCurve: 'X25519:P-256',
    keepAliveTimeout: keepAliveMs,
  });
}

/** A TLS socket does not say which socket it wraps; both have the client's address. */
function keyOf(socket: {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}): string {
  return `${socket.remoteAddress}:${socket.remotePort}`;
}
