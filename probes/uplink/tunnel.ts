/** The way to an aggregator through an HTTP proxy: CONNECT, and TLS within it where the aggregator speaks that. */
import { type ClientRequest, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type SecureContextOptions } from 'node:tls';
import type { Clock } from '../../contract/clock.ts';

export type Tunnel = {
  /** Calls back once, with the connection on which the aggregator is heard, or with why there is none. */
  open(done: (error: Error | null, socket?: Duplex) => void): void;
  /** Gives up one that is not open yet. */
  close(): void;
};

export type TunnelEnds = {
  /** `http:` or `https:`, with a user and a password where it wants them. Only its host is ever told or logged. */
  readonly proxy: URL;
  readonly aggregator: URL;
  readonly secure: Pick<SecureContextOptions, 'ca' | 'cert' | 'key'>;
};

const answerWithinMs = 10_000;

/** The proxy looks the aggregator's name up, as proxies do. */
export function tunnel({ proxy, aggregator, secure }: TunnelEnds, clock: Clock): Tunnel {
  const isSecure = /^(?:https|wss):$/.test(aggregator.protocol);
  const authority = `${aggregator.hostname}:${aggregator.port || (isSecure ? 443 : 80)}`;
  const host = bare(aggregator.hostname);
  let request: ClientRequest | undefined;
  return {
    open(done) {
      const isSecureProxy = proxy.protocol === 'https:';
      const settings = {
        method: 'CONNECT',
        path: authority,
        host: bare(proxy.hostname),
        port: proxy.port || (isSecureProxy ? 443 : 80),
        headers: { host: authority, ...credentialsOf(proxy) },
        agent: false as const,
      };
      const asked = isSecureProxy
        ? requestHttps({ ...settings, ...(secure.ca === undefined ? {} : { ca: secure.ca }) })
        : requestHttp(settings);
      request = asked;
      const say = (what: string): Error => new Error(`the proxy at ${proxy.host} ${what}`);
      const cancel = clock.after(answerWithinMs, () =>
        asked.destroy(new Error(`no answer to CONNECT within ${answerWithinMs / 1_000} s`)),
      );
      asked.once('close', cancel);
      asked.once('error', (error) => done(say(`cannot be used: ${error.message}`)));
      asked.once('connect', (response, socket, head) => {
        cancel();
        const status = response.statusCode ?? 0;
        if (status < 200 || status > 299) {
          socket.destroy();
          done(say(`answered ${status} to CONNECT ${authority}`));
          return;
        }
        if (head.length > 0) socket.unshift(head);
        const name = isIP(host) === 0 ? { servername: host } : { host };
        done(null, isSecure ? connectTls({ socket, ...name, ...secure }) : socket);
      });
      asked.end();
    },
    close: () => void request?.destroy(),
  };
}

function credentialsOf({ username, password }: URL): { readonly 'proxy-authorization'?: string } {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}
