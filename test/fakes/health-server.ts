/** A gRPC server that answers health questions, on node:http2 and with nothing of ours. */
import { once } from 'node:events';
import {
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { HostPort } from '../../contract/address.ts';

export type HealthRequest = {
  readonly headers: IncomingHttpHeaders;
  /** The request as it came, its prefix included. */
  readonly body: Buffer;
};

export type HealthServer = {
  readonly at: HostPort;
  readonly requests: readonly HealthRequest[];
  readonly connections: () => number;
  /** Resolves when the next request has come. */
  asked(): Promise<HealthRequest>;
  /** Resolves when no connection is open. */
  quiet(): Promise<void>;
  close(): Promise<void>;
};

export type HealthOptions = {
  readonly host?: string;
  /** Any that is free unless given. */
  readonly port?: number;
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
};

/** How a request is answered. */
export type Serve = (stream: ServerHttp2Stream, request: HealthRequest) => void;

export async function healthServer(serve: Serve, options: HealthOptions = {}): Promise<HealthServer> {
  const { host = '127.0.0.1', port = 0, tls } = options;
  const server: Http2Server =
    tls === undefined
      ? createServer()
      : (createSecureServer({ ...tls, ...(tls.ca === undefined ? {} : { requestCert: true }) }) as Http2Server);
  const sessions = new Set<ServerHttp2Session>();
  const requests: HealthRequest[] = [];
  let connections = 0;
  server.on('session', (session) => {
    connections += 1;
    sessions.add(session);
    session.on('error', () => undefined);
    session.on('close', () => {
      sessions.delete(session);
      server.emit('gone');
    });
  });
  server.on('stream', (stream, headers) => {
    const parts: Buffer[] = [];
    stream.on('error', () => undefined);
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('end', () => {
      const request = { headers, body: Buffer.concat(parts) };
      requests.push(request);
      server.emit('asked', request);
      if (!stream.destroyed) serve(stream, request);
    });
  });
  server.on('sessionError', () => undefined);
  server.listen(port, host);
  await once(server, 'listening');
  return {
    at: { host, port: (server.address() as AddressInfo).port },
    requests,
    connections: () => connections,
    asked: async () => (await once(server, 'asked'))[0] as HealthRequest,
    async quiet() {
      while (sessions.size > 0) await once(server, 'gone');
    },
    async close() {
      for (const session of sessions) session.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

/** Five bytes and a HealthCheckResponse of this number. */
export function healthMessage(status: number): Buffer {
  return framed(status === 0 ? Buffer.alloc(0) : Buffer.from([0x08, status]));
}

export function framed(message: Buffer, flag = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(flag);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** An answer with a status behind it, as most servers give it. */
export function answers(
  body: Buffer,
  trailers: OutgoingHttpHeaders = { 'grpc-status': '0' },
  headers: OutgoingHttpHeaders = {},
): Serve {
  return (stream) => {
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...headers }, { waitForTrailers: true });
    stream.end(body);
  };
}

/** A status without a message: all in the headers. */
export function refuses(status: number, words: string): Serve {
  const headers = { 'content-type': 'application/grpc', 'grpc-status': String(status), 'grpc-message': words };
  return (stream) => stream.respond({ ':status': 200, ...headers }, { endStream: true });
}

/** By the name in the request: a server's own registry. A service that is not in it is NOT_FOUND. */
export function registry(services: Readonly<Record<string, number>>): Serve {
  return (stream, request) => {
    const name = request.body.length < 7 ? '' : request.body.subarray(7).toString('utf8');
    const status = services[name];
    (status === undefined ? refuses(5, 'unknown service') : answers(healthMessage(status)))(stream, request);
  };
}
