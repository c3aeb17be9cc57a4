/** What a client may hold open, and for how long: strangers wait for each other, and nobody else for them. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Clock, every } from '../contract/clock.ts';
import type { Complain } from './complaints.ts';

/** Why a connection or a request was refused or cut off before it was answered. */
export type HttpRefusal =
  | 'malformed'
  | 'headers-too-large'
  | 'timed-out'
  | 'too-many-connections'
  | 'too-many-requests'
  | 'too-many-scrapes'
  | 'slow-reader';

/** Counts it, and says it in the log once. */
export type Refuse = (reason: HttpRefusal, from?: string) => void;

export function refusing(complain: Complain, count: (reason: HttpRefusal) => void): Refuse {
  return (reason, from) => {
    count(reason);
    complain('http', reason, { reason, from }, sentences[reason]);
  };
}

/** How soon the head of a request has to be there, and all of it. Node looks once a second. */
export const serverOptions = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 1_000,
} as const;

/** Connections that ask for nothing; the one that does so for longest goes first. */
const maxIdle = 1_024;
/** Requests that are being answered. */
const maxRequests = 128;
/** An answer that is not read to its end by then is not read at all. Longer than any answer takes to be made. */
const readWithinMs = 90_000;
const lookEveryMs = 5_000;

type Open = { readonly socket: Socket; readonly sinceMs: number };

/** Returns what is to be called for each request first: `false` when it has been refused. */
export function guardConnections(
  server: Server,
  clock: Clock,
  refuse: Refuse,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const idle = new Map<string, Socket>();
  const answering = new Map<ServerResponse, Open>();

  server.on('connection', (socket: Socket) => {
    const key = peerOf(socket);
    idle.set(key, socket);
    socket.once('close', () => idle.delete(key));
    const [[first, oldest] = []] = idle;
    if (idle.size <= maxIdle || first === undefined || oldest === undefined) return;
    idle.delete(first);
    refuse('too-many-connections', oldest.remoteAddress);
    oldest.destroy();
  });
  server.on('upgrade', (_request, socket: Socket) => idle.delete(peerOf(socket)));
  const secured = new WeakSet<Socket>();
  server.on('secureConnection', (socket: Socket) => secured.add(socket));
  server.on('clientError', (error: Error & { readonly code?: string }, socket: Socket) => {
    // The other side went away: nobody is there to be told.
    if (error.code === 'ECONNRESET' || error.code === 'EPIPE' || !socket.writable) return void socket.destroy();
    const { reason, status } = answers[error.code ?? ''] ?? malformed;
    refuse(reason, socket.remoteAddress);
    // Nothing can be said to somebody whose TLS did not come about.
    if (socket instanceof TLSSocket && !secured.has(socket)) return void socket.destroy();
    socket.once('finish', () => socket.destroy());
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  const cancel = every(
    clock,
    lookEveryMs,
    () => {
      for (const { socket, sinceMs } of answering.values()) {
        if (clock.nowMs() - sinceMs < readWithinMs) continue;
        refuse('slow-reader', socket.remoteAddress);
        socket.destroy();
      }
    },
    () => undefined,
  );
  server.once('close', cancel);

  return ({ socket }, response) => {
    if (answering.size >= maxRequests) {
      refuse('too-many-requests', socket.remoteAddress);
      response.writeHead(503, { connection: 'close', 'retry-after': '5' }).end();
      return false;
    }
    const key = peerOf(socket);
    idle.delete(key);
    answering.set(response, { socket, sinceMs: clock.nowMs() });
    response.once('close', () => {
      answering.delete(response);
      if (!socket.destroyed) idle.set(key, socket);
    });
    return true;
  };
}

/** The same for a connection and for the TLS over it. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

const malformed = { reason: 'malformed', status: '400 Bad Request' } as const;
const answers: Readonly<Record<string, { readonly reason: HttpRefusal; readonly status: string }>> = {
  HPE_HEADER_OVERFLOW: { reason: 'headers-too-large', status: '431 Request Header Fields Too Large' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { reason: 'headers-too-large', status: '413 Payload Too Large' },
  ERR_TLS_HANDSHAKE_TIMEOUT: { reason: 'timed-out', status: '408 Request Timeout' },
  ERR_HTTP_REQUEST_TIMEOUT: { reason: 'timed-out', status: '408 Request Timeout' },
};

const sentences: Readonly<Record<HttpRefusal, string>> = {
  malformed: 'a client sent what is no HTTP request',
  'headers-too-large': 'a client sent headers beyond every bound',
  'timed-out': 'a client took too long for its request',
  'too-many-connections': 'too many connections that ask for nothing: the oldest are cut off',
  'too-many-requests': 'too many requests at once: some are refused',
  'too-many-scrapes': 'too many scrapes at once: some are refused',
  'slow-reader': 'a reader was too slow and was cut off',
};
