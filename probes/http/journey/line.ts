/** The connection of one hop: to the host itself, or through a proxy. */
import { isIP, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { AddressFamily } from '../../../contract/tls.ts';
import { addressOf } from '../../addresses.ts';
import type { Dialed } from '../../dialer.ts';
import type { Ending } from '../../ending.ts';
import type { Failure, ProbeContext } from '../../prober.ts';
import { type TlsFacts, tlsFacts } from '../../tls/facts.ts';
import type { TlsSettings } from '../../tls/settings.ts';
import type { PhaseWatch } from '../../watch.ts';
import { basicOf, bracketed, hostOf, isSocks, portOf, proxyUrl, userOf } from './places.ts';
import { socksTunnel } from './socks.ts';
import { tunnel } from './tunnel.ts';

export type ProxyTerms = { readonly url: string; readonly connectHeaders: Readonly<Record<string, string>> };

export type LineTerms = {
  readonly family: AddressFamily;
  readonly resolveWith: 'resolver' | 'system';
  readonly tls: TlsSettings;
  readonly proxy: ProxyTerms | null;
  /** The proxy is told the name, and looks it up. */
  readonly resolveThroughProxy: boolean;
  readonly sourceAddress: string | undefined;
  readonly httpVersions: readonly ('1.1' | '2')[];
};

export type Line = {
  readonly socket: Socket;
  readonly tls: TlsFacts | null;
  /** What is at the other end passes requests on: where to, and what it wants to be told of us. */
  readonly forwarding: { readonly host: string; readonly authorization: string | undefined } | null;
};

export type Opened = { readonly ok: true; readonly line: Line } | { readonly ok: false; readonly failure: Failure };

/** One hop's: a redirect may lead to where less is to be told. */
export type Opening = {
  /** Of this journey: a name is looked up once in it. */
  readonly addresses: Map<string, string>;
  readonly terms: LineTerms;
  /** The client's certificate is shown there. */
  readonly trusted: boolean;
  readonly watch: PhaseWatch;
  readonly context: ProbeContext;
  /** Of the attempt. */
  readonly ending: Ending;
  /** Everything opened is put there, for the caller to close. */
  readonly sockets: Socket[];
  found(address: string): void;
};

/** Phases `resolve`, `connect` (with what a proxy takes to connect) and `tls`. `tlsName`: whom the certificate is to name. */
export async function openLine(url: URL, tlsName: string, opening: Opening): Promise<Opened> {
  const { terms, context } = opening;
  const host = hostOf(url);
  let address = host;
  if (terms.proxy === null || !terms.resolveThroughProxy || isIP(host) !== 0) {
    const resolved = await lookUp(host, opening);
    if (!resolved.ok) return resolved;
    address = resolved.address;
    opening.found(address);
  }
  const secure = url.protocol === 'https:';
  const to = { address, port: portOf(url) };
  if (terms.proxy !== null) {
    // The dialer only sees the proxy: what lies behind it is held to the same limits here.
    const refusal = context.limits?.refusal(address, to.port, opening.ending);
    if (refusal !== undefined) return unasked(refusal);
    return throughProxy(terms.proxy, { ...to, tlsName: secure ? tlsName : null }, opening);
  }
  const dialed = await dialing(opening, () =>
    context.dialer.dial({ ...to, ...dialTerms(opening, secure ? tlsName : null) }, opening.watch, opening.ending),
  );
  return dialed.ok ? lineOn(dialed.socket, secure, opening) : dialed;
}

async function throughProxy(
  proxy: ProxyTerms,
  to: { readonly address: string; readonly port: number; readonly tlsName: string | null },
  opening: Opening,
): Promise<Opened> {
  const { context, watch } = opening;
  const url = proxyUrl(proxy.url);
  if ('mistake' in url) return unasked(`proxy: ${url.mistake}`);
  const resolved = await lookUp(hostOf(url), opening);
  if (!resolved.ok) return resolved;
  const { ca, verify } = opening.terms.tls;
  const target = {
    address: resolved.address,
    port: portOf(url),
    tlsName: url.protocol === 'https:' ? hostOf(url) : null,
    // What the target is shown of us is not for the proxy.
    tls: { ...(ca === undefined ? {} : { ca }), ...(verify === undefined ? {} : { verify }) },
    ...sourceOf(opening),
  };
  const dialed = await dialing(opening, () => context.dialer.dial(target, watch, opening.ending));
  if (!dialed.ok) return named(dialed.failure);
  const authorization = basicOf(url);
  const { tlsName } = to;
  if (tlsName === null && !isSocks(url)) {
    const forwarding = { host: bracketed(to.address), authorization };
    return { ok: true, line: { socket: dialed.socket, tls: null, forwarding } };
  }
  watch.enter('connect');
  const { ending } = opening;
  const user = authorization === undefined ? null : userOf(url);
  const refused = isSocks(url)
    ? await socksTunnel(dialed.socket, { ...to, user }, ending)
    : await tunnel(dialed.socket, `${bracketed(to.address)}:${to.port}`, {
        ...{ headers: proxy.connectHeaders, authorization, watch, ending },
      });
  if (refused !== null) return named(refused);
  if (tlsName === null) return lineOn(dialed.socket, false, opening);
  const upgraded = await dialing(opening, () =>
    context.dialer.upgrade(dialed.socket, { tlsName, tls: tlsOf(opening) }, watch, ending),
  );
  return upgraded.ok ? lineOn(upgraded.socket, true, opening) : upgraded;
}

async function lookUp(host: string, { addresses, terms, watch, context }: Opening) {
  const known = addresses.get(host);
  if (known !== undefined) return { ok: true, address: known } as const;
  const resolved = await addressOf(host, terms, watch, context);
  if (resolved.ok) addresses.set(host, resolved.address);
  return resolved;
}

/** Leaves the socket to the opening. */
async function dialing(opening: Opening, dial: () => Promise<Dialed>): Promise<Dialed> {
  const dialed = await dial();
  if (dialed.ok) opening.sockets.push(dialed.socket);
  return dialed;
}

function lineOn(socket: Socket, secure: boolean, { terms }: Opening): Opened {
  const tls = secure ? factsOf(socket as TLSSocket) : null;
  if (tls !== null && 'mistake' in tls) return { ok: false, failure: { failedAt: 'tls', reason: tls.mistake } };
  if (secure && !terms.httpVersions.includes('1.1') && tls?.alpn !== 'h2') {
    const reason = `TLS handshake: got ${tls?.alpn ?? 'no protocol'} agreed, want h2`;
    return { ok: false, failure: { failedAt: 'tls', reason } };
  }
  return { ok: true, line: { socket, tls, forwarding: null } };
}

/** A certificate that OpenSSL took may still be one that nobody else can read. */
function factsOf(socket: TLSSocket): TlsFacts | { readonly mistake: string } {
  try {
    return tlsFacts(socket);
  } catch (error) {
    return { mistake: `certificate: cannot be read (${error instanceof Error ? error.message : String(error)})` };
  }
}

function dialTerms(opening: Opening, tlsName: string | null) {
  return { tlsName, tls: tlsOf(opening), ...sourceOf(opening) };
}

function tlsOf({ terms, trusted }: Opening): TlsSettings {
  const { cert, key, ...others } = terms.tls;
  const own = trusted && cert !== undefined && key !== undefined ? { cert, key } : {};
  if (!terms.httpVersions.includes('2')) return { ...others, ...own };
  return { ...others, ...own, alpn: terms.httpVersions.includes('1.1') ? ['h2', 'http/1.1'] : ['h2'] };
}

function sourceOf({ terms: { sourceAddress } }: Opening): { readonly sourceAddress?: string } {
  return sourceAddress === undefined ? {} : { sourceAddress };
}

function named(failure: Failure): Opened {
  return { ok: false, failure: { ...failure, reason: `proxy: ${failure.reason}` } };
}

function unasked(reason: string): Opened {
  return { ok: false, failure: { failedAt: 'agent', reason } };
}
