/** What a dns check may ask and expect beside addresses over UDP: each key is absent unless it is written. */
import { isIP } from 'node:net';
import { parseHostPort } from '../../contract/address.ts';
import { type DnsOptions, type RecordExpectation, recordSections } from '../../contract/check.ts';
import { knownRcodes, knownTypes, typeNumber } from '../../contract/dns.ts';
import { isObject } from '../../contract/json.ts';
import { pattern } from './http-check.ts';
import { type At, object, oneOrMore, optional, type Read, shown } from './reader.ts';
import { family, type Present, present, tlsTerms } from './tls.ts';
import { oneOf, path } from './values.ts';

/** These stand for no records, or for many messages. */
const notToBeAsked: ReadonlySet<string> = new Set(['None', 'Reserved', 'OPT', 'TSIG', 'TKEY', 'AXFR', 'IXFR']);

export const recordType: Read<string> = (value, at) =>
  typeof value === 'string' && typeNumber(value) !== undefined && !notToBeAsked.has(value)
    ? value
    : at.note(shown(value), nearest(value));

function nearest(value: unknown): string {
  const upper = typeof value === 'string' ? value.toUpperCase() : '';
  const hint = knownTypes.has(upper) && !notToBeAsked.has(upper) ? ` (nearest: ${upper})` : '';
  return `a type of records, such as A, MX, SOA or TYPE65280${hint}`;
}

const yes: Read<true> = (value, at) => (value === true ? true : at.note(shown(value), 'true, or no such key'));
const no: Read<false> = (value, at) => (value === false ? false : at.note(shown(value), 'false, or no such key'));

const patterns = {
  matchAll: optional(oneOrMore(pattern), undefined),
  matchAny: optional(oneOrMore(pattern), undefined),
  matchNone: optional(oneOrMore(pattern), undefined),
  matchAllOrEmpty: optional(oneOrMore(pattern), undefined),
};
/** Without the keys that are not there, of which there has to be one. */
function some<T extends object>(read: Read<T>, keys: readonly string[]): Read<Present<T>> {
  return (value, at) => {
    const found = read(value, at);
    if (found === undefined) return undefined;
    const isEmpty = isObject(value) && Object.keys(value).length === 0;
    return isEmpty ? at.note('nothing in it', `one of ${keys.join(', ')}`) : present(found);
  };
}

const recordExpectation: Read<RecordExpectation> = some(object(patterns), Object.keys(patterns));
const validation: Read<NonNullable<DnsOptions['validate']>> = some(
  object({
    answer: optional(recordExpectation, undefined),
    authority: optional(recordExpectation, undefined),
    additional: optional(recordExpectation, undefined),
  }),
  recordSections,
);

/** Fields for `object` beside those of every dns check. */
export const dnsFields = {
  transport: optional(oneOf(['udp', 'tcp', 'tls', 'https']), undefined),
  tls: optional(tlsTerms, undefined),
  family: optional(family, undefined),
  path: optional(path, undefined),
  class: optional(oneOf(['IN', 'CH', 'HS', 'ANY']), undefined),
  recursion: optional(no, undefined),
  nsid: optional(yes, undefined),
  rcodes: optional(oneOrMore(oneOf([...knownRcodes])), undefined),
  validate: optional(validation, undefined),
} as const;

type Found = { readonly [K in keyof DnsOptions]-?: DnsOptions[K] | undefined };
type Asked = { readonly recordType: string; readonly server: string; readonly expectRegion: object };

/** Of what was read, the keys above; `undefined` where they do not go together. */
export function dnsOptions(found: Found, asked: Asked, at: At): DnsOptions | undefined {
  const { transport, tls, family: of, path: at443, class: inClass, recursion, nsid, rcodes, validate } = found;
  const isSecure = transport === 'tls' || transport === 'https';
  const host = parseHostPort(asked.server)?.host;
  const over = `a check over ${transport ?? 'udp'}`;
  const wrong = [
    isSecure &&
      host === undefined &&
      at.in('server').note(asked.server, `an address and a port, to ask over ${transport}`),
    tls !== undefined && !isSecure && at.in('tls').note(over, 'transport tls or https beside it'),
    at443 !== undefined && transport !== 'https' && at.in('path').note(over, 'transport https beside it'),
    of !== undefined &&
      (host === undefined || isIP(host) !== 0) &&
      at.in('family').note(`server ${asked.server}`, 'a server that has a name'),
    !['A', 'AAAA'].includes(asked.recordType) &&
      Object.keys(asked.expectRegion).length > 0 &&
      at.in('expect').note(`a check of type ${asked.recordType}`, 'type A or AAAA, of which the regions are known'),
  ];
  if (wrong.includes(undefined)) return undefined;
  return present({ transport, tls, family: of, path: at443, class: inClass, recursion, nsid, rcodes, validate });
}
