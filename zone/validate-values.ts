/** What Route 53 lets a name and the value of a record be: its developer guide's formats, its messages' codes. */
import { isIPv4, isIPv6 } from 'node:net';
import type { RecordType } from './records.ts';

const longestNameBytes = 255;
const longestLabelBytes = 63;
const longestTextBytes = 255;
const longestTxtBytes = 4_000;

/** `null` where the value may be. */
type Rule = (value: string) => string | null;

const rules: { readonly [T in RecordType]: Rule } = {
  A: (value) => (isIPv4(value) ? null : 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)'),
  AAAA: (value) => (isIPv6(value) ? null : 'AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)'),
  CNAME: nameProblem,
  NS: nameProblem,
  PTR: nameProblem,
  TXT: textsProblem,
  SPF: textsProblem,
  MX: fields('MXRRDATAIllegal (Value should be: priority host)', [upTo(65_535), isName]),
  SRV: fields('SRVRRDATAIllegal (Value should be: priority weight port host)', [
    upTo(65_535),
    upTo(65_535),
    upTo(65_535),
    isName,
  ]),
  CAA: (value) =>
    /^(\d{1,3}) [a-zA-Z0-9]+ "(?:[^"\\]|\\.)*"$/.test(value) && Number.parseInt(value, 10) <= 255
      ? null
      : 'CAARRDATAIllegal (Value should be: flags tag "text")',
  SOA: fields('SOARRDATAIllegal (Value should be: server mailbox serial refresh retry expire minimum)', [
    isName,
    isName,
    ...Array.from({ length: 5 }, () => upTo(4_294_967_295)),
  ]),
  DS: fields('DSRRDATAIllegal (Value should be: key-tag algorithm digest-type digest)', [
    upTo(65_535),
    upTo(255),
    upTo(255),
    isHex,
  ]),
  SSHFP: fields('SSHFPRRDATAIllegal (Value should be: algorithm type fingerprint)', [upTo(255), upTo(255), isHex]),
  TLSA: fields('TLSARRDATAIllegal (Value should be: usage selector matching-type data)', [
    upTo(255),
    upTo(255),
    upTo(255),
    isHex,
  ]),
  NAPTR: (value) =>
    /^\d{1,5} \d{1,5} "[^"]*" "[^"]*" "[^"]*" \S+$/.test(value)
      ? null
      : 'NAPTRRRDATAIllegal (Value should be: order preference "flags" "service" "regexp" replacement)',
  HTTPS: serviceProblem,
  SVCB: serviceProblem,
};

/** Why a value is refused, as Route 53 says it; `null` where it is not. */
export function valueProblem(type: RecordType, value: string): string | null {
  return rules[type](value);
}

/** Why a name is refused, as Route 53 says it; `null` where it is not. A final dot is not needed. */
export function nameProblem(name: string): string | null {
  const labels = name.replace(/\.$/, '').split('.');
  if (labels.length === 1 && labels[0] === '') return 'DomainNameEmpty (Domain name is empty)';
  if (labels.includes('')) return 'DomainLabelEmpty (Domain label is empty)';
  // Everything that can be printed may be in a name; the rest is written as octal.
  if (!/^[\x21-\x7e]+$/.test(name)) return 'UnsupportedCharacter (Value contains unsupported characters)';
  const plain = labels.map((label) => label.replaceAll(/\\\d{3}/g, '?'));
  if (plain.some((label) => label.length > longestLabelBytes)) return 'DomainLabelTooLong (Domain label is too long)';
  return plain.join('.').length > longestNameBytes ? 'DomainNameTooLong (Domain name is too long)' : null;
}

/** `"one" "two"`: each of at most 255 characters, the escapes `\"` and `\052` counting as one. */
function textsProblem(value: string): string | null {
  if (!/^"(?:[^"\\]|\\.)*"(?:[ \t]+"(?:[^"\\]|\\.)*")*$/.test(value)) {
    return 'InvalidCharacterString (Value should be enclosed in quotation marks)';
  }
  const texts = [...value.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) =>
    (match[1] ?? '').replaceAll(/\\(\d{3}|.)/g, '?'),
  );
  const tooLong = value.length > longestTxtBytes || texts.some((text) => text.length > longestTextBytes);
  return tooLong ? 'CharacterStringTooLong (Value is too long)' : null;
}

function serviceProblem(value: string): string | null {
  const [priority = '', target = ''] = value.split(' ');
  return upTo(65_535)(priority) && (target === '.' || isName(target))
    ? null
    : 'SVCBRRDATAIllegal (Value should be: priority target parameters)';
}

function fields(problem: string, tests: readonly ((field: string) => boolean)[]): Rule {
  return (value) => {
    const given = value.split(/[ \t]+/);
    return given.length === tests.length && tests.every((test, index) => test(given[index] ?? '')) ? null : problem;
  };
}

function upTo(most: number): (field: string) => boolean {
  return (field) => /^\d{1,10}$/.test(field) && Number(field) <= most;
}

function isName(field: string): boolean {
  return field === '.' || nameProblem(field) === null;
}

function isHex(field: string): boolean {
  return /^(?:[0-9a-fA-F]{2})+$/.test(field);
}
