/** The fields that records are made of: off the wire into presentation form, letter for letter as miekg/dns prints them. */

import { typeText } from '../../contract/dns.ts';
import { printed, readName } from './names.ts';
import { Garbled, type Span } from './span.ts';

/** `absent`: what stands there when the record ends before it, which miekg/dns lets pass. */
export type Field = {
  readonly read: (span: Span) => string | readonly string[];
  readonly absent: string | readonly string[];
};

function field(read: Field['read'], absent: Field['absent'] = ''): Field {
  return { read, absent };
}

export const u8 = field((span) => String(span.u8()), '0');
export const u16 = field((span) => String(span.u16()), '0');
export const u32 = field((span) => String(span.u32()), '0');
export const name = field(readName);
export const type = field((span) => typeText(span.u16()), 'None');
export const hex = field((span) => span.rest().toString('hex'));
export const upperHex = field((span) => span.rest().toString('hex').toUpperCase());
/** In pieces of 1,024 letters, so that a line can be read back. */
export const longHex = field((span) =>
  span
    .rest()
    .toString('hex')
    .replaceAll(/(.{1024})(?=.)/g, '$1 '),
);
export const base64 = field((span) => span.rest().toString('base64'));
export const ip4 = field((span) => span.take(4).join('.'));
/** An address that leaves nothing behind where it is missing. */
export const locator = field((span) => span.take(4).join('.'), []);
export const ip6 = field((span) => ip6Text(span.take(16)));
/** One text as it is, without quotes. */
export const bare = field((span) => textOf(span));
/** One text, in quotes. */
export const quoted = field((span) => `"${textOf(span)}"`, '""');
/** As many texts as there are, each in quotes. */
export const texts = field((span) => {
  const found: string[] = [];
  while (span.at < span.end) found.push(`"${textOf(span)}"`);
  return found.join(' ');
});
/** All that is left as one text, in quotes. */
export const octets = field((span) => `"${octetText(span.rest())}"`, '""');
/** Seconds since 1970 as a time of day: RRSIG's. */
export const time = field((span) => timeText(span.u32()), timeText(0));
export const salt = field((span) => sized(span).toString('hex').toUpperCase() || '-', '-');
export const base32 = field((span) => base32Text(sized(span)));
/** The types that there are at a name: RFC 4034 §4.1.2. */
export const bitmap = field((span) => {
  const found: string[] = [];
  let last = -1;
  while (span.at < span.end) {
    const window = span.u8();
    const bits = sized(span);
    if (window <= last || bits.length === 0 || bits.length > 32) throw new Garbled('a bitmap of types out of order');
    last = window;
    for (let bit = 0; bit < bits.length * 8; bit += 1) {
      if (((bits[bit >> 3] as number) & (0x80 >> (bit & 7))) !== 0) found.push(typeText(window * 256 + bit));
    }
  }
  return found;
}, []);
export function groups(separator: string, bytes: number, each: number, letters: 'upper' | 'lower' = 'lower'): Field {
  const shown = (data: Buffer): string => {
    const text = data.toString('hex').replaceAll(new RegExp(`(.{${each}})(?=.)`, 'g'), `$1${separator}`);
    return letters === 'upper' ? text.toUpperCase() : text;
  };
  return field((span) => shown(span.take(bytes)), shown(Buffer.alloc(bytes)));
}

/** A length in one byte, and so many bytes; none where the record ends between the two. */
function sized(span: Span): Buffer {
  const length = span.u8();
  return span.at === span.end ? Buffer.alloc(0) : span.take(length);
}

function textOf(span: Span): string {
  const length = span.u8();
  return escaped(span.take(length));
}

function escaped(bytes: Buffer): string {
  let text = '';
  for (const byte of bytes) text += byte === 0x22 || byte === 0x5c ? `\\${String.fromCharCode(byte)}` : printed(byte);
  return text;
}

/** Backslashes in such a text are taken for escapes that the sender wrote: miekg/dns reads them before it prints. */
function octetText(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] !== 0x5c) {
      text += escaped(bytes.subarray(at, at + 1));
    } else if (bytes[at + 1] === 0x2e) {
      text += '\\.';
      at += 1;
    } else if (at + 1 < bytes.length) {
      const digits = /^\d{3}$/.exec(bytes.toString('latin1', at + 1, at + 4))?.[0];
      const byte = digits === undefined ? (bytes[at + 1] as number) : Number(digits) & 0xff;
      text += escaped(Buffer.from([byte]));
      at += digits === undefined ? 1 : 3;
    }
  }
  return text;
}

function timeText(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replaceAll(/[-:T]|\.000Z/g, '');
}

const digits32 = '0123456789ABCDEFGHIJKLMNOPQRSTUV';
function base32Text(bytes: Buffer): string {
  let text = '';
  for (let bit = 0; bit < bytes.length * 8; bit += 5) {
    const at = bit >> 3;
    const pair = ((bytes[at] as number) << 8) | (bytes[at + 1] ?? 0);
    text += digits32[(pair >> (11 - (bit & 7))) & 0x1f];
  }
  return text;
}

/** RFC 5952; an address that holds one of IPv4 keeps its form. */
export function ip6Text(bytes: Buffer): string {
  if (bytes.readUIntBE(0, 6) === 0 && bytes.readUIntBE(6, 4) === 0 && bytes.readUInt16BE(10) === 0xffff) {
    return `::ffff:${bytes.subarray(12).join('.')}`;
  }
  const groupsOf16 = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16));
  const zeros = groupsOf16.join(':').match(/\b0(?::0)+\b/g) ?? [];
  const longest = zeros.toSorted((a, b) => b.length - a.length)[0];
  const text = groupsOf16.join(':');
  if (longest === undefined) return text;
  const from = text.search(new RegExp(`(?<![0-9a-f])${longest}(?![0-9a-f])`));
  return `${text.slice(0, Math.max(0, from - 1))}::${text.slice(from + longest.length + 1)}`;
}
