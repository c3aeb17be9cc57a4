/**
 * One HTTP attempt that may lead over several hops: redirects, cookies, authorization, proxies, HTTP/2 and compression.
 * Each hop has a connection of its own. What a check needs none of this for goes through `fetch.ts`, which is cheaper.
 */
import type { Phases } from '../../contract/result.ts';
import type { AddressFamily } from '../../contract/tls.ts';
import type { Failure, ProbeContext } from '../prober.ts';
import type { TlsFacts } from '../tls/facts.ts';
import type { TlsSettings } from '../tls/settings.ts';
import type { TokenTerms } from './journey/tokens.ts';
import { travel } from './journey/travel.ts';
import type { HopPhases } from './journey/watch.ts';

export type JourneyRequest = {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | null;
  /** `Host` and the certificate's name instead of the URL's: for its host alone, over relative redirects. */
  readonly host?: string;
  readonly family: AddressFamily;
  readonly resolveWith: 'resolver' | 'system';
  /** 0: redirects are answers. One too many is the answer as well. */
  readonly maxRedirects: number;
  /** Offered. Without TLS it is always 1.1. */
  readonly httpVersions: readonly ('1.1' | '2')[];
  /** Asked for, unless `headers` do, and undone where the answer says so. */
  readonly compression: 'gzip' | 'br' | 'deflate' | 'identity' | null;
  /** Instead: nothing is asked for, and whatever comes is undone, as blackbox_exporter does. */
  readonly compressionAssumed?: boolean;
  /** A body that is larger, unpacked, is a failure, and is not read further. */
  readonly bodyLimitBytes: number | null;
  /** What comes behind this is not read, and that is no failure. */
  readonly bodyEnoughBytes?: number;
  readonly tls: TlsSettings;
  readonly tlsServerName?: string;
  /** `http://`, `https://`, `socks5://` or `socks5h://`, with the user and password in it where it wants any. */
  readonly proxy: { readonly url: string; readonly connectHeaders: Readonly<Record<string, string>> } | null;
  /** The proxy looks names up, not we. */
  readonly resolveThroughProxy?: boolean;
  /** To the host of the URL and below it; nobody else is told. A header or user of the check's own goes before it. */
  readonly authorization: Authorization;
  /** Neither are the hosts below it: of authorization, given cookies and the client's certificate. */
  readonly onlyThisHost?: boolean;
  readonly cookies: boolean;
  readonly sourceAddress?: string;
};

export type Authorization =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'header'; readonly type: string; readonly credentials: string }
  | ({ readonly kind: 'oauth2' } & TokenTerms);

export type Hop = {
  /** Without user, password and query. */
  readonly url: string;
  /** `null` where the proxy looks names up, or it did not come so far. */
  readonly ip: string | null;
  readonly status: number | null;
  readonly phases: HopPhases;
  readonly tls: TlsFacts | null;
};

export type JourneyResponse = {
  readonly status: number;
  readonly version: '1.0' | '1.1' | '2';
  /** Names in lower case; each header's values as they came. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** Unpacked; at most its first 16 MiB. */
  readonly body: Buffer;
  /** As it came, without what frames it. */
  readonly bodyBytes: number;
  /** -1: the answer does not say. */
  readonly contentLength: number;
  /** Also what is not kept. */
  readonly uncompressedBytes: number;
  readonly bodyTooLarge: boolean;
  /** `body` is all of it. */
  readonly whole: boolean;
};

export type Journey = {
  /** An answer came, whole as far as it was asked for. */
  readonly ok: boolean;
  readonly failure: Failure | null;
  readonly durationMs: number;
  /** Over all hops; they add up to the duration. The time in which a token was asked for is in `firstByte`. */
  readonly phases: Phases;
  readonly hops: readonly Hop[];
  /** Redirects met, that which was not followed any more with them. */
  readonly redirects: number;
  /** Of the last hop, as far as it came: also of an answer whose body failed. */
  readonly response: JourneyResponse | null;
  /** What was done, a line each, without secrets. */
  readonly transcript: readonly string[];
};

/** Obeys `context.ending`, and resolves for every failure of the target. `context.kept` is not used. */
export function journey(request: JourneyRequest, context: ProbeContext): Promise<Journey> {
  return travel(request, context);
}
