import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Readable } from 'node:stream';
import { getCACertificates } from 'node:tls';
import { createGunzip } from 'node:zlib';
import type { Clock } from '../../contract/clock.ts';
import { within } from '../../contract/deadline.ts';

export type Page = { readonly text: string; readonly contentType: string };

/** Certificates of the system, of `NODE_EXTRA_CA_CERTS`, and this one. */
export function authorities(ca: string | null): readonly string[] | undefined {
  return ca === null ? undefined : [...getCACertificates('default'), ca];
}

/** `maxBytes`: as they are read, after they were uncompressed. */
export type FetchLimits = { readonly timeoutMs: number; readonly maxBytes: number };
export type Source = {
  readonly url: string;
  readonly ca: readonly string[] | undefined;
  readonly accept: string;
  readonly token?: string | null;
};

/** One GET on a connection of its own. Rejects on any status but 200, when it takes too long, and when it is too large. */
export function fetchPage(source: Source, limits: FetchLimits, clock: Clock, signal: AbortSignal): Promise<Page> {
  const url = new URL(source.url);
  return within(clock, limits.timeoutMs, signal, (until) => {
    const { promise, resolve, reject } = Promise.withResolvers<Page>();
    const { token = null } = source;
    const headers = {
      accept: source.accept,
      'accept-encoding': 'gzip',
      'user-agent': 'blackstart',
      'x-prometheus-scrape-timeout-seconds': String(limits.timeoutMs / 1_000),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    };
    const options = {
      headers,
      signal: until,
      agent: false,
      ...(source.ca === undefined ? {} : { ca: [...source.ca] }),
    };
    const request = url.protocol === 'https:' ? requestHttps(url, options) : requestHttp(url, options);
    // An abort arrives as an error too; the signal's reason says more.
    const fail = (error: unknown): void => {
      reject(until.aborted ? until.reason : error);
      request.destroy();
    };
    request.on('error', fail);
    request.on('response', (response) => {
      response.on('error', fail);
      if (response.statusCode !== 200) return fail(new Error(`got status ${response.statusCode}, want 200`));
      const encoding = response.headers['content-encoding'] ?? 'identity';
      if (encoding !== 'identity' && encoding !== 'gzip') {
        return fail(new Error(`got a body encoded as ${encoding}, want gzip or none`));
      }
      const contentType = response.headers['content-type'] ?? '';
      const body: Readable = encoding === 'gzip' ? response.pipe(createGunzip()) : response;
      textOf(body, limits.maxBytes).then((text) => resolve({ text, contentType }), fail);
    });
    request.end();
    return promise;
  });
}

async function textOf(body: Readable, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
