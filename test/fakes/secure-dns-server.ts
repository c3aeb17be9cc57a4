/** A DNS server on loopback that answers as a test tells it, over TLS or over HTTPS. */
import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTls } from 'node:tls';
import { decode } from 'dns-packet';
import type { HostPort } from '../../contract/address.ts';
import type { ClientPem } from '../../probes/uplink.ts';
import { type Answering, bytesOf, type DnsQuery, type DnsReply, type DnsServer, framed } from './dns-server.ts';

export type SecureDnsServer = DnsServer & {
  /** Connections so far. */
  readonly connections: () => number;
  /** Resolves when none is open. */
  quiet(): Promise<void>;
};
export type SecureOptions = {
  readonly over: 'tls' | 'https';
  readonly pem: ClientPem;
  readonly host?: string;
  /** Client certificates signed by this are demanded. */
  readonly clientCa?: string;
  /** Of HTTPS: the status and the type of the answer; the request is there to look at. */
  readonly respond?: (request: IncomingMessage) => { readonly status: number; readonly type: string };
};

export async function secureDnsServer(reply: Answering, options: SecureOptions): Promise<SecureDnsServer> {
  const { over, pem, host = '127.0.0.1', clientCa } = options;
  const queries: DnsQuery[] = [];
  const events = new EventEmitter();
  const sockets = new Set<Socket>();
  let connections = 0;

  function answer(bytes: Buffer, socket: Socket): readonly DnsReply[] {
    const from = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
    const query = { packet: decode(bytes), over, from };
    queries.push(query);
    const replies = reply(query);
    events.emit('asked', query);
    return Array.isArray(replies) ? replies : [replies as DnsReply];
  }
  function onTls(socket: Socket): void {
    socket.on('error', () => undefined);
    socket.once('data', (bytes) => {
      for (const one of answer(bytes.subarray(2), socket)) {
        if (one === 'reset') socket.destroy();
        else if (one !== undefined) socket.write(framed(bytesOf(one)));
      }
    });
  }
  async function onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [one] = answer(Buffer.concat(chunks), request.socket);
    if (one === 'reset') request.socket.destroy();
    if (one === 'reset' || one === undefined) return;
    const { status, type } = options.respond?.(request) ?? { status: 200, type: 'application/dns-message' };
    response.writeHead(status, { 'content-type': type }).end(bytesOf(one));
  }

  const ca = clientCa === undefined ? {} : { ca: clientCa, requestCert: true };
  const server =
    over === 'tls'
      ? createTls({ ...pem, ...ca }, onTls)
      : createHttps({ ...pem, ...ca }, (request, response) => void onRequest(request, response).catch(() => undefined));
  server.on('tlsClientError', () => undefined);
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      events.emit('gone');
    });
  });
  server.listen(0, host);
  await once(server, 'listening');
  const at: HostPort = { host, port: (server.address() as AddressInfo).port };
  return {
    at,
    queries,
    connections: () => connections,
    asked: async () => (await once(events, 'asked'))[0] as DnsQuery,
    async quiet() {
      while (sockets.size > 0) await once(events, 'gone');
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
