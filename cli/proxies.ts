/** Which proxy leads to an aggregator: the option's, or the environment's as curl and Go read it. */
import { hostPattern, matchesHost } from '../probes/limits/hosts.ts';
import { isIn, literalOf, rangeOf } from '../probes/limits/literal.ts';
import type { Io } from './io.ts';
import type { Reader } from './options.ts';

type ProxyOptions = {
  /** `none`: no proxy, whatever the environment says. */
  readonly proxy?: string | undefined;
  readonly env: Io['env'];
};

/** Asked for each aggregator; `null` is the straight way. */
export function proxies(reader: Reader, { proxy, env }: ProxyOptions): (aggregator: URL) => URL | null {
  if (proxy === 'none') return () => null;
  if (proxy !== undefined) {
    const url = proxyUrl(reader, '--proxy', proxy);
    return () => url;
  }
  const urlOf = (name: string): URL | null => {
    const [place, text] = [name, name.toLowerCase()].map((one) => [one, env[one]] as const).find(isSet) ?? [name];
    return text === undefined ? null : proxyUrl(reader, place, text);
  };
  const [secure, plain] = [urlOf('HTTPS_PROXY'), urlOf('HTTP_PROXY')];
  const none = env['NO_PROXY'] ?? env['no_proxy'] ?? '';
  return (aggregator) =>
    isLoopback(aggregator.hostname) || isNamed(aggregator, none)
      ? null
      : /^(?:https|wss):$/.test(aggregator.protocol)
        ? secure
        : plain;
}

function isSet([, text]: readonly [string, string | undefined]): boolean {
  return text !== undefined && text !== '';
}

function proxyUrl(reader: Reader, place: string, text: string): URL | null {
  // The environment's may come without a scheme: `proxy.example:3128`.
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.hostname !== '' && isDecodable(url)) return url;
  // What is wrong may hold a password.
  reader.mistake({ place, got: 'something else', want: 'the URL of an HTTP proxy, such as http://proxy.example:3128' });
  return null;
}

function isDecodable({ username, password }: URL): boolean {
  try {
    return typeof decodeURIComponent(username + password) === 'string';
  } catch {
    return false;
  }
}

/** No proxy of an environment knows this machine better than itself. */
function isLoopback(hostname: string): boolean {
  const literal = literalOf(hostname);
  if (literal === undefined) return hostname === 'localhost' || hostname.endsWith('.localhost');
  return ['127.0.0.0/8', '::1'].some((text) => {
    const range = rangeOf(text);
    return range !== undefined && isIn(literal, range);
  });
}

/** `*`, names with all below them, addresses and ranges, each with or without a port, between commas or spaces. */
function isNamed({ hostname, port, protocol }: URL, none: string): boolean {
  const literal = literalOf(hostname);
  const asked = port === '' ? (/^(?:https|wss):$/.test(protocol) ? '443' : '80') : port;
  return none.split(/[\s,]+/).some((text) => {
    if (text === '*') return true;
    const range = rangeOf(text);
    const [, named = text, of] = range === undefined ? (/^(.*?):(\d+)$/.exec(text) ?? []) : [];
    if (of !== undefined && of !== asked) return false;
    if (literal !== undefined) {
      const ranged = range ?? rangeOf(named);
      return ranged !== undefined && isIn(literal, ranged);
    }
    const pattern = hostPattern(named);
    return pattern !== undefined && matchesHost(hostname, pattern);
  });
}
