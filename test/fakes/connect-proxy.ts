/** An HTTP proxy on loopback that knows CONNECT and nothing else, and that can go away and come back. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export type ConnectProxy = {
  readonly url: URL;
  /** What was asked for, as it was written: `aggregator.test:443`. */
  readonly asked: readonly string[];
  /** Resolves when so many have been asked for. */
  askedTimes(count: number): Promise<void>;
  /** Ends all connections and refuses new ones. */
  leave(): Promise<void>;
  /** At the port where it was. */
  comeBack(): Promise<void>;
  /** Sockets of those who asked. */
  readonly open: number;
  close(): Promise<void>;
};

export type ConnectProxyOptions = {
  /** `user:password`; others are answered 407. */
  readonly credentials?: string;
  /** Names that this proxy alone knows, to ports on 127.0.0.1. */
  readonly names?: Readonly<Record<string, number>>;
  /** Takes the question and never answers. */
  readonly silent?: boolean;
};

export async function connectProxy(options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const asked: string[] = [];
  const sockets = new Set<Duplex>();
  const server: Server = createServer();
  const wanted =
    options.credentials === undefined ? undefined : `Basic ${Buffer.from(options.credentials).toString('base64')}`;

  function keep(socket: Duplex): void {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  }
  server.on('connection', keep);
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    asked.push(request.url ?? '');
    server.emit('asked');
    if (options.silent === true) {
      // What is not read is not seen to close.
      client.resume().on('end', () => client.destroy());
      return;
    }
    if (wanted !== undefined && request.headers['proxy-authorization'] !== wanted) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const [name = '', port] = (request.url ?? '').split(':');
    const upstream = connect(options.names?.[name] ?? Number(port), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client);
      client.pipe(upstream);
    });
    keep(upstream);
    upstream.on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  async function listen(port: number): Promise<number> {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }
  async function leave(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  }
  const port = await listen(0);
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    asked,
    async askedTimes(count) {
      while (asked.length < count) await once(server, 'asked');
    },
    leave,
    async comeBack() {
      await listen(port);
    },
    get open() {
      return sockets.size;
    },
    close: leave,
  };
}
