/** One request over a connection of its own, with names resolved as the scenario says. */
import { Resolver } from 'node:dns/promises';
import { type ClientRequest, request as plain, type RequestOptions } from 'node:http';
import { request as secure } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { CanaryCall } from './book.ts';

export type CanaryReply = {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** Rejects where there is no whole answer. Obeys the signal. No retry, no redirect, no kept connection. */
export type CanaryHttp = (call: CanaryCall, signal: AbortSignal) => Promise<CanaryReply>;

/** A store that says more than this is asked for too much at once. */
const mostBodyBytes = 16 * 1_048_576;

/** `servers`: who answers for names, `address:port` each; none: the system's resolver. */
export function canaryHttp(servers: readonly string[]): CanaryHttp {
  const lookup = servers.length === 0 ? undefined : lookupAt(servers);
  return (call, signal) =>
    new Promise<CanaryReply>((resolve, reject) => {
      const url = new URL(call.url);
      const body = call.body === null ? null : Buffer.from(call.body);
      const options: RequestOptions = {
        method: call.method,
        agent: false,
        signal,
        headers: { ...call.headers, ...(body === null ? {} : { 'content-length': `${body.length}` }) },
        ...(lookup === undefined || isIP(url.hostname.replaceAll(/[[\]]/g, '')) !== 0 ? {} : { lookup }),
      };
      const outgoing = url.protocol === 'https:' ? secure(url, options) : plain(url, options);
      outgoing.once('error', (error) => reject(signal.aborted ? signal.reason : error));
      collect(outgoing, resolve, reject);
      outgoing.end(body ?? undefined);
    });
}

function collect(
  outgoing: ClientRequest,
  resolve: (reply: CanaryReply) => void,
  reject: (error: unknown) => void,
): void {
  outgoing.once('response', (incoming) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= mostBodyBytes) chunks.push(chunk);
      else outgoing.destroy(new Error(`the answer has over ${mostBodyBytes / 1_048_576} MiB`));
    });
    incoming.once('error', reject);
    incoming.once('end', () => {
      const headers = Object.entries(incoming.headers).map(
        ([name, value]) => [name, [value].flat().join(', ')] as const,
      );
      resolve({
        status: incoming.statusCode ?? 0,
        headers: Object.fromEntries(headers),
        body: Buffer.concat(chunks).toString('utf8'),
      });
    });
    // A connection that breaks in the middle of an answer tells only that it closed.
    incoming.once('close', () => reject(new Error('the connection closed before the answer was whole')));
  });
}

/** Asks each time anew: what is written through a name goes where the name leads now. */
function lookupAt(servers: readonly string[]): LookupFunction {
  const resolver = new Resolver({ tries: 2 });
  resolver.setServers(servers);
  const found = async (hostname: string): Promise<{ address: string; family: number }[]> => {
    const four = await resolver
      .resolve4(hostname)
      .catch((error: unknown) => (isNoData(error) ? [] : Promise.reject(error)));
    if (four.length > 0) return four.map((address) => ({ address, family: 4 }));
    return (await resolver.resolve6(hostname)).map((address) => ({ address, family: 6 }));
  };
  return (hostname, options, callback) => {
    found(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (options.all === true) callback(null, addresses);
        else callback(null, first?.address ?? '', first?.family ?? 4);
      },
      (error: unknown) => callback(error as NodeJS.ErrnoException, '', 4),
    );
  };
}

function isNoData(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'ENODATA';
}
