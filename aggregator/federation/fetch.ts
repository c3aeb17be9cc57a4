import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { getCACertificates } from 'node:tls';
import type { Clock } from '../../contract/clock.ts';
import { within } from '../../contract/deadline.ts';

export type Page = { readonly text: string; readonly contentType: string };

/** Certificates of the system, of `NODE_EXTRA_CA_CERTS`, and this one. */
export function authorities(ca: string | null): readonly string[] | undefined {
  return ca === null ? undefined : [...getCACertificates('default'), ca];
}

export type FetchLimits = { readonly timeoutMs: number; readonly maxBytes: number };
export type Source = { readonly url: string; readonly ca: readonly string[] | undefined; readonly accept: string };

/** One GET on a connection of its own. Rejects on any status but 200, when it takes too long, and when it is too large. */
export function fetchPage(source: Source, limits: FetchLimits, clock: Clock, signal: AbortSignal): Promise<Page> {
  const url = new URL(source.url);
  return within(clock, limits.timeoutMs, signal, (until) => {
    const { promise, resolve, reject } = Promise.withResolvers<Page>();
    const headers = { accept: source.accept, 'user-agent': 'blackstart' };
    const options = {
      headers,
      signal: until,
      agent: false,
      ...(source.ca === undefined ? {} : { ca: [...source.ca] }),
    };
    const request = url.protocol === 'https:' ? requestHttps(url, options) : requestHttp(url, options);
    // An abort arrives as an error too; the signal's reason says more.
    const fail = (error: unknown): void => reject(until.aborted ? until.reason : error);
    request.on('error', fail);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('error', fail);
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > limits.maxBytes) response.destroy(new Error(`more than ${limits.maxBytes} bytes`));
      });
      response.on('end', () => {
        if (response.statusCode !== 200) reject(new Error(`got status ${response.statusCode}, want 200`));
        else resolve({ text: Buffer.concat(chunks).toString(), contentType: response.headers['content-type'] ?? '' });
      });
    });
    request.end();
    return promise;
  });
}
