/** A journey's request, taken apart into what its parts want to know. */
import type { Failure, ProbeContext } from '../../prober.ts';
import type { JourneyRequest } from '../journey.ts';
import type { BodyTerms } from './body.ts';
import type { Wardrobe } from './dress.ts';
import type { LineTerms } from './line.ts';
import { headersFrom } from './message.ts';
import { basic } from './places.ts';
import { type Tokened, tokenFor } from './tokens.ts';
import type { JourneyWatch } from './watch.ts';

export function bodyTerms(request: JourneyRequest): BodyTerms {
  return {
    compression: request.compression,
    compressionAssumed: request.compressionAssumed === true,
    bodyLimitBytes: request.bodyLimitBytes,
    bodyEnoughBytes: request.bodyEnoughBytes ?? null,
  };
}

export function lineTerms(request: JourneyRequest): LineTerms {
  return {
    family: request.family,
    resolveWith: request.resolveWith,
    tls: request.tls,
    proxy: request.proxy,
    resolveThroughProxy: request.resolveThroughProxy === true,
    sourceAddress: request.sourceAddress,
    httpVersions: request.httpVersions,
  };
}

export async function wardrobeOf(
  request: JourneyRequest,
  line: LineTerms,
  watch: JourneyWatch,
  context: ProbeContext,
): Promise<Wardrobe | { readonly failure: Failure }> {
  const { compression } = request;
  const asks = compression !== null && request.compressionAssumed !== true;
  const defaults = { 'User-Agent': 'blackstart', Accept: '*/*', ...(asks ? { 'Accept-Encoding': compression } : {}) };
  const given = headersFrom(defaults, request.headers);
  if ('mistake' in given) return mistaken(given.mistake);
  const granted = await authorizationOf(request, line, watch, context);
  if (!granted.ok) return { failure: granted.failure };
  const checked = headersFrom(granted.value === undefined ? {} : { Authorization: granted.value });
  if ('mistake' in checked) return mistaken(checked.mistake);
  const { traceparent } = context;
  const host = hostHeaderOf(request);
  if (host !== undefined && !/^[\w.\-:[\]]+$/.test(host)) return mistaken('host: got no host or host:port');
  return { given, host, authorization: checked[0]?.[1], traceparent, tlsServerName: request.tlsServerName };
}

type Granted = { readonly ok: true; readonly value: string | undefined } | Extract<Tokened, { readonly ok: false }>;

async function authorizationOf(
  { authorization, headers }: JourneyRequest,
  line: LineTerms,
  watch: JourneyWatch,
  context: ProbeContext,
): Promise<Granted> {
  // What the check says itself goes before it: no token is asked for in vain.
  const given = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
  if (given) return { ok: true, value: undefined };
  switch (authorization.kind) {
    case 'none':
      return { ok: true, value: undefined };
    case 'basic':
      return { ok: true, value: basic(authorization.username, authorization.password) };
    case 'header':
      return { ok: true, value: `${authorization.type} ${authorization.credentials}` };
    case 'oauth2':
      watch.enter('firstByte');
      return tokenFor(authorization, line, context);
  }
}

/** A `Host` among the headers is one, whatever its case. */
function hostHeaderOf({ host, headers }: JourneyRequest): string | undefined {
  return host ?? Object.entries(headers).find(([name]) => name.toLowerCase() === 'host')?.[1];
}

function mistaken(reason: string): { readonly failure: Failure } {
  return { failure: { failedAt: 'agent', reason } };
}
