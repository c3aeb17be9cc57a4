/** URLs as Go's `net/url` of 1.26 takes, refuses and writes them; of a password only that there is one. */
import { isIPv6 } from 'node:net';

/** `shown` is what is printed of it, with `xxxxx` for a password. */
export type Address = { readonly shown: string } | { readonly fault: string };

/** Besides letters and digits, what each part has unescaped. */
const plain = {
  path: /[\w$&+,\-./:;=@~]/,
  host: /[\w!"$&'()*+,\-.:;<=>[\]~]/,
  user: /[\w$&+,\-.;=~]/,
  fragment: /[\w!$&()*+,\-./:;=?@~]/,
} as const;
type Part = keyof typeof plain;

class Fault extends Error {}

export function parseAddress(text: string): Address {
  try {
    // Bytes, as there: each unit of the string is one.
    const bytes = Buffer.from(text).toString('latin1');
    return { shown: Buffer.from(written(bytes), 'latin1').toString() };
  } catch (error) {
    if (error instanceof Fault) return { fault: error.message };
    throw error;
  }
}

function written(text: string): string {
  const [, base = '', fragment = ''] = /^([^#]*)#?(.*)$/s.exec(text) ?? [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\0-\x1F\x7F]/.test(base)) throw new Fault('a URL without control characters');
  const end = fragment === '' ? '' : `#${reescaped(fragment, 'fragment')}`;
  if (base === '*') return `*${end}`;
  const { scheme, rest } = schemeOf(base);
  const [, hierarchy = '', mark = '', query = ''] = /^([^?]*)(\??)(.*)$/s.exec(rest) ?? [];
  const tail = `${mark}${query}${end}`;
  const start = scheme === '' ? '' : `${scheme}:`;
  if (!hierarchy.startsWith('/')) {
    if (scheme !== '') return `${start}${hierarchy}${tail}`;
    if (/^[^/]*:/.test(hierarchy)) throw new Fault('a URL whose first part has no colon');
  }
  const [, authority, rooted = ''] = /^\/\/([^/]*)(.*)$/s.exec(hierarchy) ?? [];
  if (authority === undefined || (scheme === '' && hierarchy.startsWith('///'))) {
    return `${start}${pathOf(hierarchy, start === '')}${tail}`;
  }
  const { user, host } = authorityOf(scheme, authority);
  const path = pathOf(rooted, false);
  const nothing = user === '' && host === '' && scheme === '' && !authority.includes('@');
  const slashes = nothing || (user === '' && host === '' && path === '' && !authority.includes('@')) ? '' : '//';
  return `${start}${slashes}${user}${host}${path}${tail}`;
}

/** A segment with a colon in front of all would be taken for a scheme. */
function pathOf(text: string, isFirst: boolean): string {
  const path = reescaped(text, 'path');
  return isFirst && /^[^/]*:/.test(path) ? `./${path}` : path;
}

function schemeOf(text: string): { scheme: string; rest: string } {
  if (text.startsWith(':')) throw new Fault('a URL with a scheme before its first colon');
  const [, scheme = '', rest = text] = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/s.exec(text) ?? [];
  return { scheme: scheme.toLowerCase(), rest };
}

function authorityOf(scheme: string, authority: string): { user: string; host: string } {
  const at = authority.lastIndexOf('@');
  const host = hostOf(scheme, authority.slice(at + 1));
  if (at === -1) return { user: '', host };
  const info = authority.slice(0, at);
  if (!/^[\w\-.:~!$&'()*+,;=%@]*$/.test(info)) throw new Fault('a URL with a user of URL characters');
  const [, name = '', colon = '', password = ''] = /^([^:]*)(:?)(.*)$/s.exec(info) ?? [];
  unescaped(password, 'user');
  return { user: `${escaped(unescaped(name, 'user'), 'user')}${colon === '' ? '' : ':xxxxx'}@`, host };
}

function hostOf(scheme: string, host: string): string {
  const open = host.lastIndexOf('[');
  if (open > 0) throw new Fault('a URL with the address of its host in brackets');
  if (open === 0) return literal(host);
  const first = host.indexOf(':');
  const strict = scheme === 'http' || scheme === 'https';
  if (first !== -1) refusePort(host.slice(strict ? first : host.lastIndexOf(':')));
  return escaped(unescaped(host, 'host'), 'host');
}

function literal(host: string): string {
  const close = host.lastIndexOf(']');
  if (close === -1) throw new Fault('a URL whose brackets are closed');
  refusePort(host.slice(close + 1));
  const inside = host.slice(1, close);
  const zone = inside.indexOf('%25');
  const address =
    zone === -1
      ? unescaped(inside, 'host')
      : unescaped(inside.slice(0, zone), 'host') + unescaped(inside.slice(zone), 'zone');
  if (!isIPv6(address.replace(/%.+$/s, ''))) throw new Fault('a URL with an IPv6 address in brackets');
  return escaped(`[${address}]${host.slice(close + 1)}`, 'host');
}

function refusePort(text: string): void {
  if (!/^(?::[0-9]*)?$/.test(text)) throw new Fault('a URL with a port of digits');
}

/** As it was written where that is a right way to write it. */
function reescaped(text: string, part: 'path' | 'fragment'): string {
  const meant = unescaped(text, part);
  const isFine = [...text].every((byte) => /[!$&'()*+,;=:@[\]%]/.test(byte) || plain[part].test(byte));
  return isFine ? text : escaped(meant, part);
}

function escaped(text: string, part: Part): string {
  return [...text]
    .map((byte) =>
      byte < '\x80' && plain[part].test(byte)
        ? byte
        : `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');
}

/** In a host only bytes beyond ASCII may be escaped; in a zone also what may stand in a host anyway. */
function unescaped(text: string, part: Part | 'zone'): string {
  const inHost = part === 'host' || part === 'zone';
  return text.replace(/%([0-9a-fA-F]{2})?|[^%]/gs, (found: string, hex: string | undefined) => {
    if (!found.startsWith('%')) {
      if (inHost && found < '\x80' && !plain.host.test(found)) throw new Fault('a URL with a host of URL characters');
      return found;
    }
    const byte = hex === undefined ? '' : String.fromCharCode(Number.parseInt(hex, 16));
    const mayBe =
      !inHost ||
      found === '%25' ||
      (part === 'host' ? byte >= '\x80' : byte === ' ' || (byte < '\x80' && plain.host.test(byte)));
    if (hex === undefined || !mayBe)
      throw new Fault('a URL with % before two hexadecimal digits, and only where it may be');
    return byte;
  });
}
