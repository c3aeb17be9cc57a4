/** Cookies of one journey: RFC 6265 §5, without a list of public suffixes. It lives as long as its redirects. */
import { isIP } from 'node:net';
import { hostOf } from './places.ts';

export type CookieJar = {
  /** Takes what an answer from `url` sets. */
  take(url: URL, setCookies: readonly string[], wallMs: number): void;
  /** The `Cookie` header for a request to `url`; `undefined` without any. */
  header(url: URL, wallMs: number): string | undefined;
};

type Cookie = {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
  readonly expiresMs: number;
};

/** A server that sets more than this is not remembered further. */
const maxCookies = 100;
const maxCookieBytes = 4_096;

export function cookieJar(): CookieJar {
  // A map keeps the order in which keys were first set, which is the order of creation.
  const cookies = new Map<string, Cookie>();
  return {
    take(url, setCookies, wallMs) {
      for (const text of setCookies) {
        const cookie = parse(text, url, wallMs);
        if (cookie === undefined) continue;
        const id = JSON.stringify([cookie.domain, cookie.path, cookie.name]);
        if (cookie.expiresMs <= wallMs) cookies.delete(id);
        else if (cookies.has(id) || cookies.size < maxCookies) cookies.set(id, cookie);
      }
    },
    header(url, wallMs) {
      const fitting = [...cookies.values()]
        .filter((cookie) => cookie.expiresMs > wallMs && isFor(cookie, url))
        .toSorted((a, b) => b.path.length - a.path.length);
      return fitting.length === 0 ? undefined : fitting.map(({ name, value }) => `${name}=${value}`).join('; ');
    },
  };
}

function parse(text: string, url: URL, wallMs: number): Cookie | undefined {
  const [pair = '', ...attributes] = text.slice(0, maxCookieBytes).split(';');
  const equals = pair.indexOf('=');
  const name = pair.slice(0, Math.max(0, equals)).trim();
  // No blanks, commas or quotes in names and no line ends anywhere: it goes into a header of ours.
  if (text.length > maxCookieBytes || !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) return undefined;
  const said = new Map<string, string>();
  for (const attribute of attributes) {
    const [key = '', ...rest] = attribute.split('=');
    said.set(key.trim().toLowerCase(), rest.join('=').trim());
  }
  const host = hostOf(url).toLowerCase();
  const scope = scopeOf(said.get('domain'), host);
  if (scope === undefined) return undefined;
  const path = said.get('path') ?? '';
  return {
    name,
    value: pair.slice(equals + 1).trim(),
    ...scope,
    path: path.startsWith('/') ? path : directoryOf(url.pathname),
    secure: said.has('secure'),
    expiresMs: expiryOf(said, wallMs),
  };
}

/** Whom it goes to: `undefined` where the server may not say so. */
function scopeOf(domain: string | undefined, host: string): Pick<Cookie, 'domain' | 'hostOnly'> | undefined {
  if (domain === undefined || domain === '') return { domain: host, hostOnly: true };
  const wanted = domain.replace(/^\./, '').replace(/\.$/, '').toLowerCase();
  if (isIP(host) !== 0) return wanted === host ? { domain: host, hostOnly: true } : undefined;
  // A whole top-level domain is nobody's; beyond that nothing is known of who owns what.
  if (!wanted.includes('.') || isIP(wanted) !== 0)
    return wanted === host ? { domain: host, hostOnly: true } : undefined;
  return host === wanted || host.endsWith(`.${wanted}`) ? { domain: wanted, hostOnly: false } : undefined;
}

/** `Max-Age` goes before `Expires`; neither means until the journey's end. */
function expiryOf(said: ReadonlyMap<string, string>, wallMs: number): number {
  const maxAge = said.get('max-age');
  if (maxAge !== undefined && /^-?\d{1,12}$/.test(maxAge)) {
    return Number(maxAge) <= 0 ? Number.NEGATIVE_INFINITY : wallMs + Number(maxAge) * 1_000;
  }
  const expires = Date.parse(said.get('expires') ?? '');
  return Number.isNaN(expires) ? Number.POSITIVE_INFINITY : expires;
}

function directoryOf(pathname: string): string {
  const last = pathname.lastIndexOf('/');
  return last <= 0 ? '/' : pathname.slice(0, last);
}

function isFor(cookie: Cookie, url: URL): boolean {
  const host = hostOf(url).toLowerCase();
  const ofDomain = host === cookie.domain || (!cookie.hostOnly && host.endsWith(`.${cookie.domain}`));
  const path = url.pathname;
  const ofPath =
    path === cookie.path ||
    (path.startsWith(cookie.path) && (cookie.path.endsWith('/') || path[cookie.path.length] === '/'));
  return ofDomain && ofPath && (!cookie.secure || url.protocol === 'https:' || isLoopback(host));
}

/** As browsers have it: what does not leave the machine is secure. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(?:\.\d+){3}$/.test(host);
}
