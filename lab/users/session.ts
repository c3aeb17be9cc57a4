import { Agent, request } from 'node:https';
import type { SecureContext } from 'node:tls';

export type SessionOptions = {
  readonly address: string;
  readonly port: number;
  readonly hostname: string;
  readonly sourceAddress: string;
  readonly country: string;
  readonly secureContext: SecureContext;
};

export type UserRequest = { readonly method: 'GET' | 'POST'; readonly path: string; readonly body: string };
export type UserAnswer = { readonly status: number; readonly servedBy: string | null };

/** One connection that a user keeps for as long as the session lasts. */
export type Session = {
  send(asked: UserRequest, signal: AbortSignal): Promise<UserAnswer>;
  end(): void;
};

export function session(options: SessionOptions): Session {
  const { address, port, hostname, sourceAddress, country, secureContext } = options;
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 1,
    maxCachedSessions: 0,
    localAddress: sourceAddress,
    servername: hostname,
    secureContext,
  });
  return {
    send: ({ method, path, body }, signal) =>
      new Promise((resolve, reject) => {
        const headers = {
          host: `${hostname}:${port}`,
          'user-agent': 'lab-user/1',
          'x-user-country': country,
          ...(body === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        };
        const outgoing = request({ host: address, port, method, path, headers, agent, signal }, (incoming) => {
          const servedBy = incoming.headers['x-region'];
          const status = incoming.statusCode ?? 0;
          incoming.once('error', reject);
          incoming.once('end', () => resolve({ status, servedBy: typeof servedBy === 'string' ? servedBy : null }));
          incoming.resume();
        });
        outgoing.once('error', reject);
        outgoing.end(body);
      }),
    end: () => agent.destroy(),
  };
}
