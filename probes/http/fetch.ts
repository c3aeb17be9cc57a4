/** One HTTP attempt from the name to the last byte, over a connection of its own or over a kept one. */
import type { Socket } from 'node:net';
import { formatHostPort } from '../../contract/address.ts';
import type { Phases } from '../../contract/result.ts';
import { addressOf } from '../addresses.ts';
import type { Failure, ProbeContext } from '../prober.ts';
import { type PhaseWatch, phaseWatch } from '../watch.ts';
import { type Exchanged, exchange } from './exchange.ts';
import type { Line } from './kept.ts';
import { type HttpRequest, writeRequest } from './request.ts';
import type { HttpResponse } from './response.ts';

export type FetchRequest = Omit<HttpRequest, 'url'> & {
  readonly url: string;
  /** `system`: getaddrinfo. */
  readonly resolveWith: 'resolver' | 'system';
};

export type Fetched = {
  readonly outcome:
    | { readonly ok: true; readonly response: HttpResponse }
    | { readonly ok: false; readonly failure: Failure };
  readonly phases: Phases;
  readonly durationMs: number;
  /** The address asked, where it came so far; with its port for people. */
  readonly ip: string | null;
  readonly address: string | null;
  /** Of a pooled attempt. */
  readonly line: Pick<Line, 'number' | 'openedAtMs'> | null;
};

type Opened = { readonly ok: true; readonly socket: Socket } | { readonly ok: false; readonly failure: Failure };

export async function fetchOnce(request: FetchRequest, context: ProbeContext): Promise<Fetched> {
  const watch = phaseWatch(context.clock);
  const url = httpUrl(request.url);
  if ('mistake' in url) return unasked(watch, url.mistake);
  const { traceparent } = context;
  const bytes = writeRequest({ ...request, url, traceparent }, context.kept !== undefined);
  if ('mistake' in bytes) return unasked(watch, bytes.mistake);

  let ip: string | null = context.kept?.line?.address ?? null;
  let line = context.kept?.line ?? null;
  async function open(): Promise<Opened> {
    if (line !== null) return { ok: true, socket: line.socket };
    const resolved = await addressOf(bare((url as URL).hostname), request, watch, context);
    if (!resolved.ok) return resolved;
    ip = resolved.address;
    const dialed = await context.dialer.dial(targetOf(url as URL, ip), watch, context.ending ?? context.signal);
    if (dialed.ok && context.kept !== undefined) line = context.kept.hold(dialed.socket, ip, context.clock.nowMs());
    return dialed;
  }

  context.kept?.busy(true);
  const opened = await open();
  const outcome: Exchanged = opened.ok
    ? await exchange(opened.socket, { method: request.method, bytes }, watch, context.ending ?? context.signal)
    : opened;
  if (opened.ok) letGo(opened.socket, outcome, context);
  context.kept?.busy(false);
  return {
    outcome,
    ...watch.finish(),
    ip,
    address: ip === null ? null : formatHostPort({ host: ip, port: portOf(url) }),
    line,
  };
}

/** A fresh connection is closed; a kept one stays unless its stream of answers can no longer be told apart. */
function letGo(socket: Socket, outcome: Exchanged, context: ProbeContext): void {
  if (context.kept === undefined) socket.destroy();
  else if (!outcome.ok || !outcome.response.reusable || socket.destroyed) context.kept.drop();
}

function targetOf(url: URL, address: string): { address: string; port: number; tlsName: string | null } {
  return { address, port: portOf(url), tlsName: url.protocol === 'https:' ? bare(url.hostname) : null };
}

function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}

/** Without the brackets of an IPv6 literal and the final dot of a full name: certificates have neither. */
function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

function httpUrl(text: string): URL | { readonly mistake: string } {
  const url = URL.parse(text);
  return url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')
    ? { mistake: `url: got ${text.slice(0, 100)}, want http:// or https://` }
    : url;
}

/** What was asked for cannot be asked: nobody's outage. */
function unasked(watch: PhaseWatch, reason: string): Fetched {
  const outcome = { ok: false, failure: { failedAt: 'agent', reason } } as const;
  return { outcome, ...watch.finish(), ip: null, address: null, line: null };
}
