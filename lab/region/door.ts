import { constants } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HostPort } from '../../contract/address.ts';
import type { Clock } from '../../contract/clock.ts';
import type { Log } from '../../contract/log.ts';
import type { Certificate } from '../certificates.ts';
import { shutter } from '../network/shutter.ts';
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

/**
 * `open` answers, `refuse` has nobody listening, `black-hole` leaves connects hanging, `swallow` accepts and never says a
 * word, `reset` accepts and resets.
 */
export type Stance = 'open' | 'refuse' | 'black-hole' | 'swallow' | 'reset';

export type Door = {
  /**
   * Takes hold at once for new connections, but for `black-hole`: until that stands, and where it cannot, the door
   * swallows. `refuse` also ends those that are open, and `reset` resets them.
   */
  stand(stance: Stance): void;
  connections(): readonly ConnectionLog[];
  close(): Promise<void>;
};

/** More than every client of a lab has open at its busiest. */
const maxConnections = 2_000;
/** Longer than any client's pings are apart. */
const keepAliveMs = 65_000;

type DoorDeps = { readonly clock: Clock; readonly timers: Timers; readonly log: Log };

/**
 * An HTTPS server whose clients are as far away as `roundTripOf` says. On loopback a connect takes no time and nothing
 * slows what is sent, so a door leaves each new connection alone, its ClientHello unread, for two round trips: the
 * connect's and that of the TLS flight that answers it. With one round trip per answer, which is the front's part, a
 * fresh request takes the true three, at the price of a timer; only `connect` looks too short and `tls` too long.
 */
export async function openDoor(options: DoorOptions, deps: DoorDeps): Promise<Door> {
  const { timers, log } = deps;
  let stance: Stance = 'open';
  let closed = false;
  const hall = hallBehind(options, deps, () => stance);
  const { at, name } = options;
  const listener = await shutter({ at, name, maxConnections, accept: hall.accept }, log);
  return {
    stand(next) {
      stance = next;
      if (closed) return;
      if (next === 'refuse') listener.lower();
      else if (next === 'black-hole') listener.swallow();
      else listener.raise();
      if (next === 'refuse') hall.clear();
      if (next === 'reset') hall.reset();
    },
    connections: hall.connections,
    close() {
      closed = true;
      timers.cancelAll();
      const over = listener.close();
      hall.clear();
      return over;
    },
  };
}

type Hall = {
  accept(socket: Socket): void;
  /** Ends all connections. */
  clear(): void;
  /** The same, each by a reset. */
  reset(): void;
  connections(): readonly ConnectionLog[];
};

/** Where connections wait out their round trips, shake hands and are written down. */
function hallBehind(options: DoorOptions, { clock, timers }: DoorDeps, stance: () => Stance): Hall {
  const seen = connections(clock);
  const byClient = new Map<string, Connection>();
  const bySocket = new WeakMap<Duplex, Connection>();
  const sockets = new Set<Duplex>();
  const plain = new Set<Socket>();
  const hold = (socket: Duplex): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };

  const secure = secureServer(options.certificate);
  secure.on('secureConnection', (socket) => {
    const connection = byClient.get(keyOf(socket));
    if (connection === undefined) return void socket.destroy();
    bySocket.set(socket, connection);
    hold(socket);
  });
  secure.on('request', (message, response) => {
    const connection = bySocket.get(message.socket);
    if (connection !== undefined) options.onRequest(message, response, connection);
  });

  return {
    accept(socket) {
      socket.on('error', () => undefined); // a client that resets its connection is its own affair
      const source = socket.remoteAddress;
      if (source === undefined) return void socket.destroy();
      const connection = seen.open(source, options.roundTripOf(source));
      const key = keyOf(socket);
      byClient.set(key, connection);
      hold(socket);
      plain.add(socket);
      socket.once('close', () => {
        plain.delete(socket);
        connection.closed();
        if (byClient.get(key) === connection) byClient.delete(key);
      });
      timers.at(clock.nowMs() + 2 * connection.roundTripMs, () => {
        if (socket.destroyed) return;
        const now = stance();
        // Reading on, into nothing, is how a silent door notices that the client has gone.
        if (now === 'swallow' || now === 'black-hole') socket.resume();
        else if (now === 'reset') socket.resetAndDestroy();
        else secure.emit('connection', socket);
      });
    },
    clear() {
      for (const socket of sockets) socket.destroy();
    },
    reset() {
      for (const socket of plain) socket.resetAndDestroy();
    },
    connections: seen.all,
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
