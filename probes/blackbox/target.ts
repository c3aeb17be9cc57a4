/** What stands in `target=`: URLs, and hosts with ports, read as blackbox_exporter reads them. */

export type UrlTarget = {
  readonly scheme: 'http' | 'https';
  readonly user: { readonly name: string; readonly password: string } | null;
  /** Name or literal, without brackets; '' where the URL has none. */
  readonly hostname: string;
  /** As it stands there; '' for none. */
  readonly port: string;
  /** Host and port as they stand there, which is what the Host header says. */
  readonly host: string;
  /** Path and question; '' for none. */
  readonly path: string;
};

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly mistake: string };

const inHost = /^[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"%\u0080-\u{10ffff}]*$/u;
const controls = /\p{Cc}/u;
const badEscape = /%(?![0-9A-Fa-f]{2})/;

/** Without a scheme it is http. A fragment is left out. */
export function parseUrlTarget(target: string): Parsed<UrlTarget> {
  const text = /^https?:\/\//.test(target) ? target : `http://${target}`;
  const mistake = (why: string): Parsed<UrlTarget> => ({ ok: false, mistake: `parse ${JSON.stringify(text)}: ${why}` });
  if (controls.test(text)) return mistake('net/url: invalid control character in URL');
  const match = /^(https?):\/\/([^/?#]*)([^#]*)/s.exec(text);
  const [, scheme, authority = '', path = ''] = match ?? [];
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  const user = at < 0 ? null : userOf(authority.slice(0, at));
  if (user === undefined) return mistake('net/url: invalid userinfo');
  if (!inHost.test(host)) return mistake('invalid character in host name');
  const split = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d*))?$/.exec(host);
  if (split === null) return mistake(whyNotHost(host));
  if (badEscape.test(path.split('?')[0] ?? '')) return mistake('invalid URL escape');
  const [, name = '', port = ''] = split;
  const hostname = name.replace(/^\[(.*)\]$/, '$1');
  return { ok: true, value: { scheme: scheme === 'https' ? 'https' : 'http', user, hostname, port, host, path } };
}

function whyNotHost(host: string): string {
  if (host.startsWith('[') && !host.includes(']')) return "missing ']' in host";
  return `invalid port ${JSON.stringify(host.slice(host.lastIndexOf(':')))} after host`;
}

function userOf(text: string): UrlTarget['user'] | undefined {
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(text) || badEscape.test(text)) return undefined;
  const colon = text.indexOf(':');
  const [name, password] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
  return { name: unescaped(name), password: unescaped(password) };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `host:port`, `[::1]:port`: both have to be there, and may be empty. */
export function splitHostPort(text: string): Parsed<{ readonly host: string; readonly port: string }> {
  const mistake = (why: string): Parsed<never> => ({ ok: false, mistake: `address ${text}: ${why}` });
  const colon = text.lastIndexOf(':');
  if (colon < 0) return mistake('missing port in address');
  const bracketed = text.startsWith('[');
  const end = bracketed ? text.indexOf(']') : colon;
  if (end < 0) return mistake("missing ']' in address");
  if (bracketed && end + 1 === text.length) return mistake('missing port in address');
  if (bracketed && end + 1 !== colon) {
    return mistake(text[end + 1] === ':' ? 'too many colons in address' : 'missing port in address');
  }
  const host = bracketed ? text.slice(1, end) : text.slice(0, colon);
  if (!bracketed && host.includes(':')) return mistake('too many colons in address');
  if (text.slice(bracketed ? 1 : 0).includes('[')) return mistake("unexpected '[' in address");
  if (text.slice(bracketed ? end + 1 : 0).includes(']')) return mistake("unexpected ']' in address");
  return { ok: true, value: { host, port: text.slice(colon + 1) } };
}

/** `undefined` for what is no port: names of services are not looked up. An empty one is 0. */
export function portNumber(text: string): number | undefined {
  const port = text === '' ? 0 : Number(text);
  return /^\d*$/.test(text) && port <= 65_535 ? port : undefined;
}

export function joinHostPort(host: string, port: string): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The pairs of a query: broken pairs, and those with a semicolon, are as if they were not there. */
export function parseQuery(query: string): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    const [key, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    try {
      const name = decodeURIComponent(key.replaceAll('+', ' '));
      // The first of several counts.
      if (!pairs.has(name)) pairs.set(name, decodeURIComponent(value.replaceAll('+', ' ')));
    } catch {
      // Not to be read: left out.
    }
  }
  return pairs;
}
