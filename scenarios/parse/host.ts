/** Where a check goes that is no request over HTTP: the host of a region or an entry name, or one of its own. */
import { isIP } from 'node:net';
import type { Endpoint, HostEndpoint } from '../scenario.ts';
import { type At, optional, type Read, shown } from './reader.ts';
import { family } from './tls.ts';
import { hostname, oneOf } from './values.ts';

const literal: Read<string> = (value, at) =>
  typeof value === 'string' && isIP(value) !== 0 ? value : hostname(value, at);

/** Fields for `object`: one of the first two has to be there. */
export function placeFields(endpoint: Read<Endpoint>) {
  return {
    to: optional(endpoint, undefined),
    host: optional(literal, undefined),
    family: optional(family, 'ip4' as const),
    resolveWith: optional(oneOf(['resolver', 'system']), 'resolver' as const),
  } as const;
}

type Written = { readonly to: Endpoint | undefined; readonly host: string | undefined };

export function placeOf({ to, host }: Written, at: At): HostEndpoint | undefined {
  if (to !== undefined && host !== undefined) {
    return at.in('host').note(shown(host), 'to or host, not both');
  }
  if (to !== undefined) return to;
  return host === undefined ? at.note('neither to nor host', 'to, or a host') : { to: 'host', host };
}
