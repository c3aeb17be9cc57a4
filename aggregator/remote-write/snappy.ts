/** Snappy's block format: what remote write is compressed with. Node has no snappy of its own. */

/** Matches reach back within a block only, so that their offsets fit into two bytes. */
const blockBytes = 65_536;
/** A block shorter than this is not worth looking for matches in. */
const leastBytes = 17;
/** The search stops so far before the end that four bytes can always be read. */
const margin = 15;
const tableBits = 14;

export function compressSnappy(source: Uint8Array): Uint8Array {
  // At worst nothing matches: the bytes, the length before them, and a tag of three bytes for every block.
  const out = new Uint8Array(
    8 + source.length + Math.ceil(source.length / blockBytes) * 8 + Math.ceil(source.length / 6),
  );
  let at = writeLength(out, source.length);
  const table = new Uint16Array(2 ** tableBits);
  for (let from = 0; from < source.length; from += blockBytes) {
    const block = source.subarray(from, from + blockBytes);
    at = block.length < leastBytes ? emitLiteral(out, at, block) : compressBlock(out, at, block, table.fill(0));
  }
  return out.slice(0, at);
}

function writeLength(out: Uint8Array, length: number): number {
  let at = 0;
  let rest = length;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
    out[at] = (rest % 0x80) | 0x80;
    at += 1;
  }
  out[at] = rest;
  return at + 1;
}

/** Four bytes seen before are given as a copy; the table holds where those with the same hash were last. */
function compressBlock(out: Uint8Array, start: number, block: Uint8Array, table: Uint16Array): number {
  const limit = block.length - margin;
  let at = start;
  let emitted = 0;
  let position = 1;
  while (position < limit) {
    const match = findMatch(block, position, limit, table);
    if (match === undefined) break;
    at = emitLiteral(out, at, block.subarray(emitted, match.at));
    const end = endOfMatch(block, match.candidate + 4, match.at + 4);
    at = emitCopy(out, at, match.at - match.candidate, end - match.at);
    emitted = end;
    position = end;
    if (end < limit) table[hash(word(block, end - 1))] = end - 1;
  }
  return emitted < block.length ? emitLiteral(out, at, block.subarray(emitted)) : at;
}

/** The longer nothing matches, the larger the strides: bytes that cannot be compressed cost little. */
function findMatch(
  block: Uint8Array,
  from: number,
  limit: number,
  table: Uint16Array,
): { readonly at: number; readonly candidate: number } | undefined {
  let strides = 32;
  for (let at = from; at < limit; at += strides >> 5, strides += strides >> 5) {
    const bytes = word(block, at);
    const slot = hash(bytes);
    const candidate = table[slot] as number;
    table[slot] = at;
    if (candidate < at && word(block, candidate) === bytes) return { at, candidate };
  }
  return undefined;
}

function endOfMatch(block: Uint8Array, candidate: number, at: number): number {
  let end = at;
  while (end < block.length && block[end] === block[candidate + end - at]) end += 1;
  return end;
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

function hash(bytes: number): number {
  return Math.imul(bytes, 0x1e_35_a7_bd) >>> (32 - tableBits);
}

function emitLiteral(out: Uint8Array, start: number, literal: Uint8Array): number {
  if (literal.length === 0) return start;
  const length = literal.length - 1;
  let at = start;
  if (length < 60) out[at++] = length << 2;
  else if (length < 256) {
    out[at++] = 60 << 2;
    out[at++] = length;
  } else {
    out[at++] = 61 << 2;
    out[at++] = length & 0xff;
    out[at++] = length >> 8;
  }
  out.set(literal, at);
  return at + literal.length;
}

/** A copy is at most 64 bytes long, and one of two bytes is from 4 to 11 long. */
function emitCopy(out: Uint8Array, start: number, offset: number, matched: number): number {
  let at = start;
  let length = matched;
  while (length > 0) {
    // What is left over must not be shorter than the shortest copy.
    const part = length >= 68 ? 64 : length > 64 ? 60 : length;
    if (part < 12 && offset < 2_048) {
      out[at++] = ((offset >> 8) << 5) | ((part - 4) << 2) | 1;
      out[at++] = offset & 0xff;
    } else {
      out[at++] = ((part - 1) << 2) | 2;
      out[at++] = offset & 0xff;
      out[at++] = offset >> 8;
    }
    length -= part;
  }
  return at;
}
