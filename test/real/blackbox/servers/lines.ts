/** Servers that speak in lines. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createSecureContext, createServer as createTlsServer, TLSSocket } from 'node:tls';
import type { Pem } from './certificates.ts';

export type LineServer = { readonly at: string; close(): Promise<void> };
type Manner = 'silent' | 'mail' | 'three' | 'challenge' | 'short' | 'closing' | 'endless';
type Where = { readonly host?: string; readonly path?: string; readonly tls?: Pem; readonly startTls?: Pem };

export async function lineServer(manner: Manner, where: Where = {}): Promise<LineServer> {
  const sockets = new Set<Socket>();
  const serve = (socket: Socket): void => {
    socket.on('error', () => undefined);
    speak(manner, socket, where.startTls);
  };
  const server = where.tls === undefined ? createServer(serve) : createTlsServer(where.tls, serve);
  server.on('tlsClientError', () => undefined);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.once('close', () => sockets.delete(socket));
  });
  if (where.path === undefined) server.listen(0, where.host ?? '127.0.0.1');
  else server.listen(where.path);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    at: where.path ?? (where.host === '::1' ? `[::1]:${port}` : `127.0.0.1:${port}`),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function speak(manner: Manner, socket: Socket, startTls: Pem | undefined): void {
  const ended = { three: 'first\nsecond\nthird\n', short: 'abc', closing: '', endless: 'no end' };
  if (manner === 'silent') {
    socket.resume();
  } else if (manner === 'mail') {
    socket.write('220 mail.example ESMTP\r\n');
    answering(socket, startTls);
  } else if (manner === 'challenge') {
    socket.write('challenge 42\n');
    socket.on('data', (line: Buffer) => socket.write(String(line) === 'answer 42\n' ? 'right\n' : 'wrong\n'));
  } else {
    socket.end(ended[manner]);
  }
}

function answering(socket: Socket, startTls: Pem | undefined): void {
  socket.on('data', (line: Buffer) => {
    const word = String(line).trim().split(' ')[0] ?? '';
    if (word === 'EHLO') socket.write('250 greetings\r\n');
    else if (word === 'QUIT') socket.end('221 bye\r\n');
    else if (word === 'STARTTLS' && startTls !== undefined) {
      socket.removeAllListeners('data');
      socket.write('220 ready\r\n');
      const secure = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(startTls) });
      secure.on('error', () => undefined);
      answering(secure, undefined);
    } else socket.write('500 what?\r\n');
  });
}
