/** IP addresses as bytes, and the IPv4 addresses that are written inside IPv6 ones. */
import { isIP } from 'node:net';

/** Four bytes or sixteen. */
export type Literal = readonly number[];
export type Range = { readonly base: Literal; readonly bits: number };

/** `undefined` for anything but an address; a zone (`%eth0`) is left out. IPv4-mapped addresses are IPv4's: so is their socket. */
export function literalOf(text: string): Literal | undefined {
  const [address = ''] = text.replace(/^\[(.*)\]$/, '$1').split('%');
  const family = isIP(address);
  if (family === 4) return address.split('.').map(Number);
  if (family !== 6) return undefined;
  const bytes = ofIp6(address);
  return isIn(bytes, mapped) ? bytes.slice(12) : bytes;
}

function ofIp6(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const before = bytesOf(head);
  if (tail === undefined) return before;
  const after = bytesOf(tail);
  return [...before, ...Array.from({ length: 16 - before.length - after.length }, () => 0), ...after];
}

function bytesOf(groups: string): number[] {
  if (groups === '') return [];
  return groups.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
}

/** `10.0.0.0/8`, or one address. `undefined` for anything else. */
export function rangeOf(text: string): Range | undefined {
  const [address = '', length, ...more] = text.split('/');
  const base = literalOf(address);
  if (base === undefined || more.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return undefined;
  const all = base.length * 8;
  // The prefix of an IPv4-mapped range counts from the IPv6 address's first bit.
  const shift = base.length === 4 && address.includes(':') ? 96 : 0;
  const bits = length === undefined ? all : Number(length) - shift;
  return bits < 0 || bits > all ? undefined : { base, bits };
}

/** A range is in another when all its addresses are; an address is a range of its own. */
export function isIn(literal: Literal, range: Range, bits = literal.length * 8): boolean {
  if (literal.length !== range.base.length || bits < range.bits) return false;
  for (let at = 0; at < range.bits; at += 8) {
    const mask = 255 << Math.max(0, 8 - (range.bits - at));
    if ((((literal[at / 8] ?? 0) ^ (range.base[at / 8] ?? 0)) & mask & 255) !== 0) return false;
  }
  return true;
}

const mapped: Range = { base: ofIp6('::ffff:0:0'), bits: 96 };

/** Where gateways and stacks look for the IPv4 address that an IPv6 one stands for. */
const embeddings: readonly { readonly range: Range; readonly at: readonly (readonly number[])[]; invert?: true }[] = [
  { range: { base: ofIp6('::'), bits: 96 }, at: [[12, 13, 14, 15]] }, // IPv4-compatible, RFC 4291 §2.5.5.1
  { range: { base: ofIp6('::ffff:0:0:0'), bits: 96 }, at: [[12, 13, 14, 15]] }, // IPv4-translated, RFC 2765
  { range: { base: ofIp6('64:ff9b::'), bits: 96 }, at: [[12, 13, 14, 15]] }, // NAT64, RFC 6052
  {
    range: { base: ofIp6('64:ff9b:1::'), bits: 48 }, // RFC 8215: with any of the prefix lengths of RFC 6052 §2.2
    at: [
      [6, 7, 9, 10],
      [7, 9, 10, 11],
      [9, 10, 11, 12],
      [12, 13, 14, 15],
    ],
  },
  { range: { base: ofIp6('2002::'), bits: 16 }, at: [[2, 3, 4, 5]] }, // 6to4, RFC 3056
  { range: { base: ofIp6('2001::'), bits: 32 }, at: [[4, 5, 6, 7]] }, // Teredo's server, RFC 4380 §4
  { range: { base: ofIp6('2001::'), bits: 32 }, at: [[12, 13, 14, 15]], invert: true }, // and its client
];

/** An address and all IPv4 addresses that it may lead to, by whatever way of writing one inside the other. */
export function readingsOf(literal: Literal): readonly Literal[] {
  if (literal.length === 4) return [literal];
  const found = embeddings
    .filter(({ range }) => isIn(literal, range))
    .flatMap(({ at, invert }) =>
      at.map((places) => places.map((place) => (literal[place] ?? 0) ^ (invert === true ? 255 : 0))),
    );
  // ISATAP, RFC 5214 §6.1: in the lower half, behind any prefix.
  const isIsatap = ((literal[8] ?? 0) & 0xfd) === 0 && literal[9] === 0 && literal[10] === 0x5e && literal[11] === 0xfe;
  return [literal, ...found, ...(isIsatap ? [literal.slice(12)] : [])];
}
