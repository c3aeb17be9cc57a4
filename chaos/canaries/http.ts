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

type Found = readonly { readonly address: string; readonly family: number }[];

/** A server that says nothing for so long is passed over. */
const serverTimeoutMs = 500;

/**
 * Asks each time anew: what is written through a name goes where the name leads now. The servers in turn, from the one that
 * answered last on, until one says what there is, or that there is nothing.
 */
function lookupAt(servers: readonly string[]): LookupFunction {
  // A datagram may be lost on its way to a single one.
  const turns = (servers.length === 1 ? [...servers, ...servers] : servers).map(resolverAt);
  let next = 0;
  const found = async (hostname: string): Promise<Found> => {
    let failure: unknown;
    for (const turn of [...turns.keys()].map((index) => (index + next) % turns.length)) {
      try {
        const addresses = await addressesOf(hostname, turns[turn] as Resolver);
        next = turn;
        return addresses;
      } catch (error) {
        if (codeOf(error) === 'ENOTFOUND' || codeOf(error) === 'ENODATA') throw error;
        failure = error;
        next = (turn + 1) % turns.length;
      }
    }
    throw failure;
  };
  return (hostname, options, callback) => {
    found(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (options.all === true) callback(null, [...addresses]);
        else callback(null, first?.address ?? '', first?.family ?? 4);
      },
      (error: unknown) => callback(error as NodeJS.ErrnoException, '', 4),
    );
  };
}

function resolverAt(server: string): Resolver {
  const resolver = new Resolver({ tries: 1, timeout: serverTimeoutMs });
  resolver.setServers([server]);
  return resolver;
}

async function addressesOf(hostname: string, resolver: Resolver): Promise<Found> {
  const four = await resolver
    .resolve4(hostname)
    .catch((error: unknown) => (codeOf(error) === 'ENODATA' ? [] : Promise.reject(error)));
  if (four.length > 0) return four.map((address) => ({ address, family: 4 }));
  return (await resolver.resolve6(hostname)).map((address) => ({ address, family: 6 }));
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
