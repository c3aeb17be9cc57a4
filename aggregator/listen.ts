import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { formatHostPort, type HostPort } from '../contract/address.ts';
import type { Clock } from '../contract/clock.ts';
import type { Log } from '../contract/log.ts';
import type { Complain } from './complaints.ts';
import { guardConnections, type Refuse, serverOptions } from './connections.ts';
import { presentedBy, renewing, secureOptions, type TlsOptions } from './tls.ts';

/** `code` is the system's: EADDRINUSE, EACCES, EADDRNOTAVAIL. */
export class ListenFailed extends Error {
  readonly code: string;
  constructor(at: HostPort, code: string) {
    const why: Readonly<Record<string, string>> = {
      EADDRINUSE: 'the port is in use',
      EACCES: 'this user may not open the port',
      EADDRNOTAVAIL: 'this machine does not have the address',
    };
    super(`cannot listen on ${formatHostPort(at)}: ${why[code] ?? code}`);
    this.name = 'ListenFailed';
    this.code = code;
  }
}

export type Listening = { readonly url: string; close(): Promise<void> };
export type Guard = {
  readonly clock: Clock;
  readonly log: Log;
  readonly refuse: Refuse;
  readonly complain: Complain;
  readonly tls: TlsOptions | undefined;
};
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** HTTP and WebSockets on one port, over TLS where there are certificates. */
export async function listen(at: HostPort, app: Hono, upgrade: Upgrade, guard: Guard): Promise<Listening> {
  const { server, scheme, stopRenewing } = serverOf(guard);
  const mayAsk = guardConnections(server, guard.clock, guard.refuse);
  const answer = getRequestListener(app.fetch, { hostname: at.host });
  server.on('request', (request, response) => {
    if (mayAsk(request, response)) void answer(request, response);
  });
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => undefined);
    upgrade(request, socket, head);
  });
  await started(server, at).catch((error: unknown) => {
    stopRenewing();
    throw error;
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://${formatHostPort({ host: at.host, port })}`,
    close: () =>
      new Promise((resolve) => {
        stopRenewing();
        server.close(() => resolve());
        // The server does not know of those that were upgraded, nor of those whose TLS never came about.
        for (const socket of open) socket.destroy();
      }),
  };
}

function serverOf({ clock, log, complain, tls }: Guard) {
  if (tls === undefined) return { server: createServer(serverOptions), scheme: 'http', stopRenewing: () => undefined };
  const pem = tls.read();
  const server = createSecureServer({ ...serverOptions, ...secureOptions(pem) });
  server.on('secureConnection', (socket) => {
    const shown = presentedBy(socket);
    if (shown.kind !== 'refused') return;
    const { subject, why } = shown;
    complain(subject, why, { subject, why }, 'a client certificate was refused');
  });
  return { server, scheme: 'https', stopRenewing: renewing(server, tls, pem, { clock, log }) };
}

function started(server: Server, at: HostPort): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new ListenFailed(at, error.code ?? error.message)));
    server.listen(at.port, at.host, resolve);
  });
}

/** Refuses a WebSocket before it is one. */
export function refuseUpgrade(socket: Duplex, status: string, code: string, message: string): void {
  const body = JSON.stringify({ error: { code, message, hint: 'WS /agent and WS /api/v1/stream are there' } });
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`;
  // Whoever does not close their side would hold it for ever.
  socket.once('finish', () => socket.destroy());
  socket.end(head + body);
}
