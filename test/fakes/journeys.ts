/** What journeys are tested with: servers of several kinds on loopback, names for them, and one call that travels. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import {
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type SecureServerOptions,
} from 'node:http2';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { type Journey, type JourneyRequest, journey } from '../../probes/http/journey.ts';
import type { ProbeContext } from '../../probes/prober.ts';
import { answerTo, dnsServer } from './dns-server.ts';
import { type Authority, newAuthority } from './pki.ts';
import { passingClock, probing } from './probing.ts';

export type Served = { readonly port: number; readonly connections: () => number };
export type Handler2 = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

export type Ground = {
  readonly authority: Authority;
  http(listener: RequestListener, host?: string): Promise<Served>;
  https(listener: RequestListener, options?: ServerOptions & { readonly dns?: readonly string[] }): Promise<Served>;
  http2(handler: Handler2, options?: SecureServerOptions): Promise<Served>;
  /** Listens, and is closed at the end. */
  listening(server: Server, host?: string): Promise<Served>;
  /** Every name leads to 127.0.0.1, but those given. */
  context(names?: Readonly<Record<string, string>>, more?: Partial<ProbeContext>): Promise<ProbeContext>;
  close(): Promise<void>;
};

export const certified = ['api.test', 'www.api.test', 'other.test', 'proxy.test'];

export async function ground(): Promise<Ground> {
  const ends: (() => Promise<unknown>)[] = [];
  const clock = passingClock();
  const authority = await newAuthority('journeys', Date.now());
  const pem = await authority.issue({
    ...{ commonName: 'api.test', dns: certified, addresses: ['127.0.0.1'], usage: 'server' },
  });

  async function listening(server: Server, host = '127.0.0.1'): Promise<Served> {
    const sockets = new Set<Socket>();
    let connections = 0;
    server.on('connection', (socket: Socket) => {
      connections += 1;
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    });
    server.on('tlsClientError', () => undefined);
    server.listen(0, host);
    await once(server, 'listening');
    ends.push(async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return { port: (server.address() as AddressInfo).port, connections: () => connections };
  }

  return {
    authority,
    listening,
    http: (listener, host) => listening(createServer(listener), host),
    https: (listener, options = {}) => listening(createTlsServer({ ...pem, ...options }, listener)),
    http2: (handler, options = {}) =>
      listening(createSecureServer({ ...pem, allowHTTP1: true, ...options }, handler) as unknown as Server),
    async context(names = {}, more = {}) {
      const dns = await dnsServer((query) => {
        const name = query.packet.questions?.[0]?.name ?? '';
        const data = names[name] ?? (name.endsWith('.test') ? '127.0.0.1' : undefined);
        return answerTo(query, data === undefined ? [] : [{ type: 'A', name, ttl: 30, data }]);
      });
      ends.push(() => dns.close());
      const base = probing(clock, { resolver: dns.at, ca: authority.caPem });
      // The certificates are good now, by the machine's clock.
      return { ...base, ending: new AbortController().signal, ...more };
    },
    async close() {
      for (const end of ends.splice(0).reverse()) await end();
    },
  };
}

const plain: JourneyRequest = {
  url: '',
  method: 'GET',
  headers: {},
  body: null,
  family: 'ip4',
  resolveWith: 'resolver',
  maxRedirects: 10,
  httpVersions: ['1.1'],
  compression: null,
  bodyLimitBytes: null,
  tls: {},
  proxy: null,
  authorization: { kind: 'none' },
  cookies: true,
};

/** Travels, and holds what is true of every journey. */
export async function travelled(
  url: string,
  context: ProbeContext,
  more: Partial<JourneyRequest> = {},
): Promise<Journey> {
  const made = await journey({ ...plain, url, ...more }, context);
  const sum = Object.values(made.phases).reduce((whole, length) => whole + length, 0);
  if (sum !== made.durationMs) throw new Error(`phases add up to ${sum}, not to ${made.durationMs}`);
  if (made.ok !== (made.failure === null)) throw new Error(`ok is ${made.ok}, and failure ${made.failure?.reason}`);
  return made;
}
