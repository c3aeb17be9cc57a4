/** An API server on a real socket that does what a test says, request by request. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { onTestFinished } from 'vitest';

export type Serve = (response: ServerResponse, request: IncomingMessage) => void;

export type ScriptedServer = {
  readonly config: KubeConfig;
  /** Method and path of each request, as it came. */
  readonly asked: readonly string[];
  readonly connections: () => number;
  /** Resolves at the next request. */
  heard(): Promise<void>;
};

export async function scriptedServer(serve: Serve): Promise<ScriptedServer> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((request, response) => {
    request.resume();
    asked.push(`${request.method} ${request.url}`);
    server.emit('asked');
    serve(response, request);
  });
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return {
    config: configFor(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    asked,
    connections: () => connections,
    heard: async () => void (await once(server, 'asked')),
  };
}

export function configFor(server: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'c', server, skipTLSVerify: true }],
    users: [{ name: 'u', token: 't' }],
    contexts: [{ name: 'us-east-1', cluster: 'c', user: 'u' }],
    currentContext: 'us-east-1',
  });
  return config;
}

export function json(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
