/** The pages of `web.ts` over TLS, in HTTP/1.1 or in both. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { answer } from './web.ts';

export type SecureServer = { readonly port: number; close(): Promise<void> };

export async function secureWebServer(options: TlsOptions, speaks: 'http/1.1' | 'h2'): Promise<SecureServer> {
  const server =
    speaks === 'h2'
      ? createSecureServer({ ...options, allowHTTP1: true }, (request, response) =>
          // The compatible interface of both is one.
          answer(request as unknown as IncomingMessage, response as unknown as ServerResponse),
        )
      : createServer(options, answer);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
