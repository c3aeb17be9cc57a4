/** What one request of a journey says beside its method and place. */
import type { HopRequest } from './hop.ts';
import type { Headers } from './message.ts';
import { basicOf } from './places.ts';
import type { Leg } from './redirects.ts';

export type Wardrobe = {
  /** For `Host`, instead of the URL's. */
  readonly host: string | undefined;
  /** As the check gave them, canonical. */
  readonly given: Headers;
  readonly authorization: string | undefined;
  readonly traceparent: string | undefined;
  readonly tlsServerName: string | undefined;
};

/** Say who we are: only for those whom the check was addressed to. */
const sensitive: ReadonlySet<string> = new Set([
  'Authorization',
  'Cookie',
  'Cookie2',
  'Proxy-Authenticate',
  'Proxy-Authorization',
  'Www-Authenticate',
]);
const ofBodies: ReadonlySet<string> = new Set([
  'Content-Encoding',
  'Content-Language',
  'Content-Location',
  'Content-Type',
]);

export function dressed(leg: Leg, wardrobe: Wardrobe, cookies: string | undefined): HopRequest {
  const headers = new Map(
    wardrobe.given.filter(([name]) => {
      if (sensitive.has(name)) return leg.trusted;
      return !(leg.bodyDropped && ofBodies.has(name));
    }),
  );
  if (!headers.has('Authorization')) {
    const value = basicOf(leg.url) ?? (leg.trusted ? wardrobe.authorization : undefined);
    if (value !== undefined) headers.set('Authorization', value);
  }
  const cookie = joined(headers.get('Cookie'), cookies);
  if (cookie !== undefined) headers.set('Cookie', cookie);
  if (leg.sameHost && wardrobe.traceparent !== undefined && !headers.has('Traceparent')) {
    headers.set('Traceparent', wardrobe.traceparent);
  }
  const { url, method, body, host } = leg;
  const tlsServerName = leg.sameHost ? wardrobe.tlsServerName : undefined;
  return { url, method, body, host, tlsServerName, headers: [...headers] };
}

/** What the service has set goes before what the check gave under the same name. */
function joined(given: string | undefined, set: string | undefined): string | undefined {
  if (given === undefined || set === undefined) return given ?? set;
  const names = new Set(set.split('; ').map(nameOf));
  const others = given.split(/; */).filter((pair) => !names.has(nameOf(pair)));
  return [...others, set].join('; ');
}

function nameOf(pair: string): string {
  return pair.slice(0, Math.max(0, pair.indexOf('=')));
}
