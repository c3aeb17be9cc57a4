/** A server that speaks TLS, and does one thing with whoever shakes hands. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import type { HostPort } from '../../contract/address.ts';

export type TlsTarget = { readonly at: HostPort; close(): Promise<void> };

export async function tlsTarget(
  options: TlsOptions,
  serve: (socket: TLSSocket) => void = () => undefined,
  host = '127.0.0.1',
): Promise<TlsTarget> {
  const sockets = new Set<Socket>();
  const server = createServer(options, (socket) => {
    socket.on('error', () => undefined).resume();
    serve(socket);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.once('close', () => sockets.delete(socket));
  });
  // Who does not trust us says so; it is theirs to tell.
  server.on('tlsClientError', () => undefined);
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    at: { host, port },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
