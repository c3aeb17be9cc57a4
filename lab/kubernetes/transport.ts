/** HTTPS on a port, behind a gate: while it is closed not even the handshake is answered, as by a stopped process. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Socket } from 'node:net';
import { formatHostPort, type HostPort } from '../../contract/address.ts';
import type { Certificate } from '../certificates.ts';
import type { Gate } from './gate.ts';

export type Transport = { readonly url: string; close(): Promise<void> };

export type Received = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** `undefined` when it is longer than the API takes. */
  readonly body: Buffer | undefined;
};

const maxBodyBytes = 3 * 1024 * 1024;

/** Rejects with the error of the socket when it cannot listen there. */
export async function transport(
  listen: HostPort,
  certificate: Certificate,
  held: Gate,
  answer: (received: Received) => void,
): Promise<Transport> {
  const https = createHttps({ cert: certificate.certPem, key: certificate.keyPem }, (request, response) => {
    response.on('error', () => undefined);
    readBody(request).then(
      (body) => held.whenOpen(() => answer({ request, response, body })),
      () => response.destroy(),
    );
  });
  https.on('tlsClientError', (_error, socket) => socket.destroy());
  const sockets = new Set<Socket>();
  const tcp = createTcp((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    held.whenOpen(() => https.emit('connection', socket));
  });
  tcp.listen(listen.port, listen.host);
  await once(tcp, 'listening');
  const { port } = tcp.address() as AddressInfo;
  return {
    url: `https://${formatHostPort({ host: listen.host, port })}`,
    async close() {
      const closed = new Promise<void>((resolve) => tcp.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      https.close();
      await closed;
    },
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
  }
  return bytes > maxBodyBytes ? undefined : Buffer.concat(chunks);
}
