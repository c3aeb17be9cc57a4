/** Checks of connections, of dialogues over them, and of TLS. */
import { type StartTlsProtocol, startTlsProtocols, type TcpStep, type TlsExpectation } from '../../contract/tcp.ts';
import type { TlsTerms } from '../../contract/tls.ts';
import type { HostEndpoint } from '../scenario.ts';
import { secret } from './exchange.ts';
import { port } from './grpc-check.ts';
import { pattern } from './http-check.ts';
import { type At, dictionary, list, object, oneOrMore, optional, type Read, shown } from './reader.ts';
import { present, tlsTerms, tlsVersion } from './tls.ts';
import { hostname, number, oneOf, text } from './values.ts';

const mostSteps = 100;
const longestSend = 4_096;
const hex = text('bytes as pairs of hexadecimal digits, such as 0d0a', /^(?:[0-9A-Fa-f]{2})+$/);
const yes: Read<true> = (value, at) => (value === true ? true : at.note(shown(value), 'true, or no such key'));
const line: Read<string> = (value, at) =>
  typeof value === 'string' && value !== '' && value.length <= longestSend
    ? value
    : at.note(shown(value), `a line of 1 to ${longestSend} characters`);
const labelName = text('a name of letters, digits and underscores', /^[A-Za-z_]\w*$/);
/** `true` is TLS as the agent has it. */
const tls: Read<TlsTerms> = (value, at) => (value === true ? {} : tlsTerms(value, at));

const written = object({
  expect: optional(pattern, undefined),
  refuse: optional(pattern, undefined),
  expectHex: optional(hex, undefined),
  send: optional(line, undefined),
  sendHex: optional(hex, undefined),
  secret: optional(secret, undefined),
  startTls: optional(yes, undefined),
  labels: optional(dictionary(text('what to keep, such as $1'), labelName), undefined),
});

const step: Read<TcpStep> = (value, at) => {
  const found = written(value, at);
  if (found === undefined) return undefined;
  const asked: TcpStep = present(found);
  const { expect, refuse, expectHex, send, sendHex, labels } = asked;
  if ((expect ?? expectHex ?? send ?? sendHex ?? asked.startTls) === undefined) {
    return at.note('a step without anything', 'expect, expectHex, send, sendHex or startTls');
  }
  if (expect !== undefined && expectHex !== undefined) return at.in('expectHex').note('both', 'expect or expectHex');
  if (send !== undefined && sendHex !== undefined) return at.in('sendHex').note('both', 'send or sendHex');
  if (expect === undefined && refuse !== undefined) return at.in('refuse').note('no expect', 'expect beside it');
  if (expect === undefined && labels !== undefined) return at.in('labels').note('no expect', 'expect beside it');
  const placed = send?.includes('{secret}') === true;
  if (placed && asked.secret === undefined)
    return at.in('secret').note('nothing', 'the secret that {secret} stands for');
  if (!placed && asked.secret !== undefined) {
    return at.in('secret').note('a secret that is not sent', '{secret} in what is sent');
  }
  return asked;
};

const lineEnds = { crlf: '\r', lf: '' } as const;

/** Fields for `object` beside those of every check and those of its place. */
export const tcpFields = {
  port: optional(port, undefined),
  tls: optional(tls, undefined),
  startTls: optional(oneOf(startTlsProtocols), undefined),
  lineEnd: optional(oneOf(['crlf', 'lf']), 'crlf' as const),
  dialogue: optional(list(step), []),
} as const;

type TcpWritten = {
  readonly port: number | undefined;
  readonly tls: TlsTerms | undefined;
  readonly startTls: StartTlsProtocol | undefined;
  readonly lineEnd: keyof typeof lineEnds;
  readonly dialogue: readonly TcpStep[];
};

/** `null` is the port of the endpoint's URL. */
export function tcpOf(found: TcpWritten, place: HostEndpoint, at: At) {
  const { dialogue, startTls } = found;
  if (dialogue.length > mostSteps) {
    return at.in('dialogue').note(`${dialogue.length} steps`, `at most ${mostSteps} steps`);
  }
  const handshakes = [...dialogue.keys()].filter((index) => dialogue[index]?.startTls === true);
  const second = startTls === undefined ? handshakes[1] : handshakes[0];
  if (second !== undefined) {
    return at.in('dialogue').in(second).in('startTls').note('a second beginning of TLS', 'only one');
  }
  if (place.to === 'host' && found.port === undefined) return at.in('port').note('nothing', 'the port of the host');
  const terms = found.tls ?? (startTls === undefined && handshakes.length === 0 ? undefined : {});
  const end = lineEnds[found.lineEnd];
  return {
    port: found.port ?? null,
    ...(terms === undefined ? {} : { tls: terms }),
    ...(startTls === undefined ? {} : { startTls }),
    dialogue: dialogue.map((one) => (one.send === undefined ? one : { ...one, send: `${one.send}${end}` })),
  };
}

const expectation = object({
  minDaysLeft: optional(number(0, 3_650, 'a number of days'), undefined),
  fingerprints: optional(
    oneOrMore(text('a SHA-256 of 64 hexadecimal digits, in lower case', /^[0-9a-f]{64}$/)),
    undefined,
  ),
  versions: optional(oneOrMore(tlsVersion), undefined),
  ciphers: optional(
    oneOrMore(text('a cipher suite by its IANA name, such as TLS_AES_128_GCM_SHA256', /^TLS_\w+$/)),
    undefined,
  ),
  names: optional(oneOrMore(hostname), undefined),
  issuer: optional(pattern, undefined),
});
const expected: Read<TlsExpectation> = (value, at) => {
  const found = expectation(value, at);
  return found === undefined ? undefined : present(found);
};

export const tlsFields = {
  port: optional(port, undefined),
  tls: optional(tlsTerms, {}),
  startTls: optional(oneOf(startTlsProtocols), undefined),
  expect: optional(expected, {}),
} as const;

const usualPorts: { readonly [P in StartTlsProtocol]: number } = {
  smtp: 25,
  imap: 143,
  pop3: 110,
  ftp: 21,
  ldap: 389,
  postgres: 5_432,
};

type TlsWritten = Pick<TcpWritten, 'port' | 'startTls'> & { readonly tls: TlsTerms; readonly expect: TlsExpectation };

export function tlsOf({ port: written, tls: terms, startTls, expect }: TlsWritten, place: HostEndpoint) {
  const usual = startTls === undefined ? (place.to === 'host' ? 443 : null) : usualPorts[startTls];
  return { port: written ?? usual, tls: terms, ...(startTls === undefined ? {} : { startTls }), expect };
}
