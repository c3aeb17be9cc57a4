/** What of a request is the same for all its attempts: made once for each check. */
import { isIP } from 'node:net';
import { formatHostPort } from '../../contract/address.ts';
import type { TlsTerms } from '../../contract/tls.ts';
import type { Addressed } from '../addresses.ts';
import type { TlsSettings } from '../tls/settings.ts';
import { hostOf, nameOfHost } from './journey/places.ts';
import { type HttpRequest, writeRequest } from './request.ts';

export type FetchRequest = Omit<HttpRequest, 'url'> & {
  readonly url: string;
  /** `system`: getaddrinfo. */
  readonly resolveWith: 'resolver' | 'system';
  /** Of these, what needs no secret: whoever shows a certificate of its own goes on a journey. */
  readonly tls?: TlsTerms;
};

type Mistaken = { readonly mistake: string };

export type Prepared = Pick<FetchRequest, 'resolveWith'> & {
  /** Without the brackets of an IPv6 literal and the final dot of a full name: certificates have neither. */
  readonly host: string;
  /** The host as the address that it already is; `undefined` for a name. */
  readonly literal: Extract<Addressed, { readonly ok: true }> | undefined;
  readonly port: number;
  readonly tlsName: string | null;
  readonly tls: TlsSettings;
  /** For people. */
  shownAddress(ip: string): string;
  bytesFor(keepOpen: boolean, traceparent: string | undefined): Buffer | Mistaken;
};

const known = new WeakMap<FetchRequest, Prepared | Mistaken>();

export function isMistake(made: object): made is Mistaken {
  return 'mistake' in made;
}

export function prepared(request: FetchRequest): Prepared | Mistaken {
  let found = known.get(request);
  if (found === undefined) {
    found = prepare(request);
    known.set(request, found);
  }
  return found;
}

function prepare(request: FetchRequest): Prepared | Mistaken {
  const url = URL.parse(request.url);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return { mistake: `url: got ${request.url.slice(0, 100)}, want http:// or https://` };
  }
  const host = hostOf(url);
  const { cert: _cert, key: _key, serverName, ...tls } = request.tls ?? {};
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  const write = (keepOpen: boolean, traceparent?: string): Buffer | Mistaken =>
    writeRequest({ ...request, url, traceparent }, keepOpen);
  let fresh: Buffer | Mistaken | undefined;
  let kept: Buffer | Mistaken | undefined;
  let shown: { readonly ip: string; readonly text: string } | undefined;
  return {
    host,
    literal: isIP(host) === 0 ? undefined : { ok: true, address: host },
    port,
    tlsName: url.protocol === 'https:' ? (serverName ?? namedBy(request.headers) ?? host) : null,
    tls,
    resolveWith: request.resolveWith,
    shownAddress(ip) {
      if (shown?.ip !== ip) shown = { ip, text: formatHostPort({ host: ip, port }) };
      return shown.text;
    },
    bytesFor(keepOpen, traceparent) {
      if (traceparent !== undefined) return write(keepOpen, traceparent);
      if (keepOpen) {
        kept ??= write(true);
        return kept;
      }
      fresh ??= write(false);
      return fresh;
    },
  };
}

/** Whoever asks for a host by its header wants the certificate to be for that host. */
function namedBy(headers: FetchRequest['headers']): string | undefined {
  const given = Object.entries(headers).findLast(([name]) => name.toLowerCase() === 'host');
  return given === undefined ? undefined : nameOfHost(given[1]);
}
