/** What a dns check may ask and expect beside addresses over UDP: each key is absent unless it is written. */
import { isIP } from 'node:net';
import { parseHostPort } from '../../contract/address.ts';
import { type DnsOptions, type RecordExpectation, recordSections } from '../../contract/check.ts';
import { knownRcodes, knownTypes, typeNumber } from '../../contract/dns.ts';
import { pattern } from './http-check.ts';
import { type At, object, oneOrMore, optional, type Read, shown } from './reader.ts';
import { family, present, tlsTerms } from './tls.ts';
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
const expectationAlone = object(patterns);
const recordExpectation: Read<RecordExpectation> = (value, at) => {
  const found = expectationAlone(value, at);
  if (found === undefined) return undefined;
  const written = present(found);
  return Object.keys(written).length > 0
    ? written
    : at.note(shown(value), `one of ${Object.keys(patterns).join(', ')}`);
};

const sections = object({
  answer: optional(recordExpectation, undefined),
  authority: optional(recordExpectation, undefined),
  additional: optional(recordExpectation, undefined),
});
const validation: Read<NonNullable<DnsOptions['validate']>> = (value, at) => {
  const found = sections(value, at);
  if (found === undefined) return undefined;
  const written = present(found);
  return Object.keys(written).length > 0 ? written : at.note(shown(value), `one of ${recordSections.join(', ')}`);
};

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
  const wrong = [
    isSecure &&
      host === undefined &&
      at.in('server').note(asked.server, `an address and a port, to ask over ${transport}`),
    tls !== undefined && !isSecure && at.in('tls').note('it', 'transport tls or https, to go with it'),
    at443 !== undefined && transport !== 'https' && at.in('path').note('it', 'transport https, to go with it'),
    of !== undefined &&
      (host === undefined || isIP(host) !== 0) &&
      at.in('family').note('it', 'a server that has a name, to go with it'),
    !['A', 'AAAA'].includes(asked.recordType) &&
      Object.keys(asked.expectRegion).length > 0 &&
      at.in('expect').note(`it with type ${asked.recordType}`, 'type A or AAAA, of which the regions are known'),
  ];
  if (wrong.includes(undefined)) return undefined;
  return present({ transport, tls, family: of, path: at443, class: inClass, recursion, nsid, rcodes, validate });
}
