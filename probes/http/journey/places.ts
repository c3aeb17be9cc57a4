/** What a URL says of where to go. */

/** An http or https URL, or what is wrong with it. The text may hold a password and is not repeated. */
export function httpUrl(text: string, base?: URL): URL | { readonly mistake: string } {
  const url = URL.parse(text, base?.href);
  if (url === null) return { mistake: 'got no URL' };
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  return { mistake: `got ${url.protocol.slice(0, 40)}, want http:// or https://` };
}

/** As `httpUrl`, of those who pass on. */
export function proxyUrl(text: string): URL | { readonly mistake: string } {
  const url = URL.parse(text);
  return url !== null && isSocks(url) && url.hostname !== '' ? url : httpUrl(text);
}

export function isSocks({ protocol }: URL): boolean {
  return protocol === 'socks5:' || protocol === 'socks5h:';
}

export function portOf(url: URL): number {
  return url.port === '' ? (isSocks(url) ? 1_080 : url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}

/** Without the brackets of an IPv6 literal and the final dot of a full name: certificates have neither. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

/** A host with its brackets where it is an IPv6 literal, as in a URL and a Host header. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** `host` or `host:port` of a Host header, without its port. */
export function nameOfHost(host: string): string {
  return host
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

/** For people: without user, password and query. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname.slice(0, 100)}`;
}

/** The user and password of a URL as Basic credentials; `undefined` where it has none. */
export function basicOf(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const { name, password } = userOf(url);
  return basic(name, password);
}

export function userOf(url: URL): { readonly name: string; readonly password: string } {
  return { name: decoded(url.username), password: decoded(url.password) };
}

export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}

/** As it stands where the percent signs in it are no encoding. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
