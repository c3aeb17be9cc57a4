/** Records as lines: `name.\tTTL\tIN\tA\t192.0.2.1`, as miekg/dns prints them. */

import { classText, type TypeName, typeNumber, typeText } from '../../contract/dns.ts';
import {
  bare,
  base32,
  base64,
  bitmap,
  type Field,
  groups,
  hex,
  ip4,
  ip6,
  locator,
  longHex,
  name,
  octets,
  quoted,
  salt,
  texts,
  time,
  type,
  u8,
  u16,
  u32,
  upperHex,
} from './fields.ts';
import { readName } from './names.ts';
import { optLine } from './options.ts';
import { parameters } from './service-binding.ts';
import { Garbled, type Span, spanOf } from './span.ts';

export type DnsRecord = {
  readonly type: number;
  /** Of OPT: flags and the upper bits of the code. */
  readonly ttlSeconds: number;
  readonly line: string;
  /** What is behind the header. */
  readonly data: Buffer;
  /** Of an SOA. */
  readonly serial?: number;
};

const signature = [type, u8, u8, u32, time, time, u16, name, base64];
const key = [u16, u8, u8, base64];
const digest = [u16, u8, u8, upperHex];
const preferred = [u16, name];

/** Types that are not here, such as LOC, CERT and HIP, have the form of unknown ones. */
const layouts: { readonly [N in TypeName]?: readonly Field[] } = {
  A: [ip4],
  AAAA: [ip6],
  ...{ CNAME: [name], DNAME: [name], NS: [name], PTR: [name], 'NSAP-PTR': [name] },
  ...{ MB: [name], MD: [name], MF: [name], MG: [name], MR: [name] },
  ...{ MX: preferred, AFSDB: preferred, KX: preferred, LP: preferred, RT: preferred },
  ...{ MINFO: [name, name], RP: [name, name], TALINK: [name, name], PX: [u16, name, name] },
  ...{ ANY: [], NXNAME: [] },
  SOA: [name, name, u32, u32, u32, u32, u32],
  SRV: [u16, u16, u16, name],
  NAPTR: [u16, u16, quoted, quoted, quoted, name],
  ...{ TXT: [texts], SPF: [texts], AVC: [texts], NINFO: [texts], RESINFO: [texts] },
  ...{ HINFO: [quoted, quoted], ISDN: [quoted, quoted], UINFO: [quoted], X25: [bare], GPOS: [bare, bare, bare] },
  CAA: [u8, bare, octets],
  URI: [u16, u16, octets],
  ...{ RRSIG: signature, SIG: signature },
  ...{ DNSKEY: key, KEY: key, CDNSKEY: key, RKEY: key },
  ...{ DS: digest, CDS: digest, DLV: digest, TA: digest },
  ...{ NSEC: [name, bitmap], NXT: [name, bitmap], CSYNC: [u32, u16, bitmap] },
  NSEC3: [u8, u8, u16, salt, base32, bitmap],
  NSEC3PARAM: [u8, u8, u16, salt],
  SSHFP: [u8, u8, upperHex],
  ...{ TLSA: [u8, u8, u8, hex], SMIMEA: [u8, u8, u8, longHex], ZONEMD: [u32, u8, u8, hex] },
  ...{ DHCID: [base64], OPENPGPKEY: [base64], EID: [upperHex], NIMLOC: [upperHex] },
  ...{ SVCB: [u16, name, parameters], HTTPS: [u16, name, parameters] },
  ...{ EUI48: [groups('-', 6, 2)], EUI64: [groups('-', 8, 2)], UID: [u32], GID: [u32] },
  ...{ NID: [u16, groups(':', 8, 4)], L64: [u16, groups(':', 8, 4, 'upper')], L32: [u16, locator] },
};
const byNumber = new Map(
  Object.entries(layouts).map(([text, fields]) => [typeNumber(text) as number, fields as readonly Field[]]),
);

const optType = 41;
const soaType = 6;

/** Moves the span behind the record. */
export function readRecord(message: Buffer, span: Span): DnsRecord {
  const owner = readName(span);
  const number = span.u16();
  const inClass = span.u16();
  const ttlSeconds = span.u32();
  const data = span.take(span.u16());
  // Names in the record may point back to what is before it, not behind.
  const inner = spanOf(message, span.at - data.length, span.at);
  const whole = { type: number, ttlSeconds, data };
  if (number === optType) return { ...whole, line: optLine({ payloadBytes: inClass, bits: ttlSeconds, data }) };
  const fields = byNumber.get(number);
  if (fields === undefined) {
    // RFC 3597 §5.
    const shown = `\\# ${data.length} ${data.toString('hex')}`;
    return { ...whole, line: `${owner}\t${ttlSeconds}\tCLASS${inClass}\tTYPE${number}\t${shown}` };
  }
  const values = fields.map((field) => (inner.at === inner.end ? field.absent : field.read(inner)));
  if (inner.at !== inner.end) throw new Garbled(`a record of type ${typeText(number)} that is too long`);
  const line = `${owner}\t${ttlSeconds}\t${classText(inClass)}\t${typeText(number)}\t${values.flat().join(' ')}`;
  return number === soaType ? { ...whole, line, serial: Number(values[2]) } : { ...whole, line };
}
