/** A TCP server that does one thing to whoever connects, and knows whether anything of it is left. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { HostPort } from '../../contract/address.ts';

export type TcpTarget = {
  readonly at: HostPort;
  readonly connections: () => number;
  /** Resolves with the connection on which the next bytes come. */
  heard(): Promise<Socket>;
  /** Resolves when no connection is open. */
  quiet(): Promise<void>;
  close(): Promise<void>;
};

export async function tcpTarget(serve: (socket: Socket) => void, host = '127.0.0.1'): Promise<TcpTarget> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      server.emit('gone');
    });
    // Also keeps it reading: what is not read is not seen to close.
    socket.on('data', () => server.emit('heard', socket));
    serve(socket);
  });
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    at: { host, port },
    connections: () => connections,
    heard: async () => (await once(server, 'heard'))[0] as Socket,
    async quiet() {
      while (sockets.size > 0) await once(server, 'gone');
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Nobody listens there, and the system gives its port to nobody who asks for any: one that was free a moment ago it may. */
export const deadPort: HostPort = { host: '127.0.0.1', port: 9 };
