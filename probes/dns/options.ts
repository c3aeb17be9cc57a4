/** EDNS (RFC 6891): the options of a question and of an answer. */
import { ip6Text } from './fields.ts';
import { Garbled, spanOf } from './span.ts';

export type Option = { readonly code: number; readonly data: Buffer };
export const optionCodes = { nsid: 3, subnet: 8, cookie: 10, extendedError: 15 } as const;

/** Fits every path without fragments (DNS flag day 2020). */
export const udpPayloadBytes = 1_232;

/** An OPT record with these options. */
export function writeOpt(options: readonly Option[]): Buffer {
  const data = Buffer.concat(
    options.map(({ code, data: bytes }) => Buffer.concat([u16Of(code), u16Of(bytes.length), bytes])),
  );
  return Buffer.concat([Buffer.from([0, 0, 41]), u16Of(udpPayloadBytes), Buffer.alloc(4), u16Of(data.length), data]);
}

/** RFC 7871 §6: no byte and no bit of the address behind its prefix. */
export function subnetOption(address: string, family: 4 | 6, prefixLength: number): Option {
  const bytes = addressBytes(address, family).subarray(0, Math.ceil(prefixLength / 8));
  const kept = prefixLength % 8;
  const last = bytes.length - 1;
  if (kept !== 0) bytes[last] = (bytes[last] as number) & (0xff << (8 - kept)) & 0xff;
  return {
    code: optionCodes.subnet,
    data: Buffer.concat([u16Of(family === 4 ? 1 : 2), Buffer.from([prefixLength, 0]), bytes]),
  };
}

/** Of a literal. */
function addressBytes(address: string, family: 4 | 6): Buffer {
  if (family === 4) return Buffer.from(address.split('.').map(Number));
  // The URL's form of an address has neither an IPv4 tail nor letters in capitals.
  const plain = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = '', tail] = plain.split('::');
  const groups = (text: string): number[] =>
    text
      .split(':')
      .filter(Boolean)
      .map((group) => Number.parseInt(group, 16));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const whole = [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
  return Buffer.concat(whole.map(u16Of));
}

function u16Of(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

/** The options in an OPT's data. */
export function readOptions(data: Buffer): readonly Option[] {
  const span = spanOf(data, 0, data.length);
  const found: Option[] = [];
  while (span.at < span.end) {
    const code = span.u16();
    found.push({ code, data: span.take(span.u16()) });
  }
  return found;
}

type Opt = {
  readonly payloadBytes: number;
  /** What is the TTL of other records: the code's upper bits, the version, and flags. */
  readonly bits: number;
  readonly data: Buffer;
};

/** Several lines, of which the first is empty: the only record that is printed so. */
export function optLine({ payloadBytes, bits, data }: Opt): string {
  const version = (bits >>> 16) & 0xff;
  const flags = (bits & 0x8000) === 0 ? ':' : (bits & 0x4000) === 0 ? ': do' : ': do, co';
  const zeros = bits & 0x7fff;
  const unknown = zeros === 0 ? '' : `MBZ: 0x${zeros.toString(16).padStart(4, '0')}, `;
  const head = `\n;; OPT PSEUDOSECTION:\n; EDNS: version ${version}; flags${flags}; ${unknown}udp: ${payloadBytes}`;
  return (
    head +
    readOptions(data)
      .map((option) => `\n; ${optionText(option)}`)
      .join('')
  );
}

export function isOptLine(line: string): boolean {
  return line.startsWith('\n');
}

function optionText({ code, data }: Option): string {
  switch (code) {
    case optionCodes.nsid:
      return `NSID: ${data.toString('hex')}  ${[...data].map((byte) => `(${String.fromCharCode(byte)})`).join('')}`;
    case optionCodes.subnet:
      return `SUBNET: ${subnetText(data)}`;
    case optionCodes.cookie:
      return `COOKIE: ${data.toString('hex')}`;
    case optionCodes.extendedError:
      return `EDE: ${errorText(data)}`;
    default:
      return `LOCAL OPT: ${code}:0x${data.toString('hex')}`;
  }
}

function subnetText(data: Buffer): string {
  const span = spanOf(data, 0, data.length);
  const family = span.u16();
  const [prefixLength, scopeLength] = [span.u8(), span.u8()];
  const [bytes, most] = [span.rest(), family === 2 ? 16 : 4];
  if (bytes.length > most || prefixLength > most * 8 || scopeLength > most * 8)
    throw new Garbled('a client subnet that is none');
  const address = Buffer.concat([bytes, Buffer.alloc(most - bytes.length)]);
  if (family > 2) throw new Garbled('a client subnet of no family');
  const text = family === 2 ? `[${ip6Text(address)}]` : address.join('.');
  return `${text}/${prefixLength}/${scopeLength}`;
}

function errorText(data: Buffer): string {
  const span = spanOf(data, 0, data.length);
  const code = span.u16();
  const words = extendedErrors[code];
  return `${code}${words === undefined ? '' : ` (${words})`}: (${span.rest().toString('utf8')})`;
}

/** IANA, "Extended DNS Error Codes", by their number. */
const extendedErrors: readonly string[] = [
  ...['Other', 'Unsupported DNSKEY Algorithm', 'Unsupported DS Digest Type', 'Stale Answer', 'Forged Answer'],
  ...['DNSSEC Indeterminate', 'DNSSEC Bogus', 'Signature Expired', 'Signature Not Yet Valid', 'DNSKEY Missing'],
  ...['RRSIGs Missing', 'No Zone Key Bit Set', 'NSEC Missing', 'Cached Error', 'Not Ready', 'Blocked', 'Censored'],
  ...['Filtered', 'Prohibited', 'Stale NXDOMAIN Answer', 'Not Authoritative', 'Not Supported'],
  ...['No Reachable Authority', 'Network Error', 'Invalid Data', 'Signature Expired Before Valid', 'Too Early'],
  ...['Unsupported NSEC3 Iterations Value', 'Unable To Conform To Policy', 'Synthesized'],
];

/** RFC 5001: opaque bytes; most servers have a host's name there. Otherwise in hexadecimal, as `0x…`. */
export function nsidText(data: Buffer): string {
  const text = data.toString('latin1');
  return /^[\x20-\x7e]+$/.test(text) ? text : `0x${data.toString('hex')}`;
}
