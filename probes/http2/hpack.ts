/** HPACK (RFC 7541): headers as HTTP/2 packs them. We read all of it, and write without tables and Huffman codes. */
import { codeLengths, staticTable } from './hpack-tables.ts';

export type Header = readonly [name: string, value: string];

/** Of one block, unpacked. */
export type HeaderBounds = {
  /** Of names and values, and `entryBytes` for each header, as RFC 9113 counts them. */
  readonly maxListBytes: number;
  readonly maxHeaders: number;
};

const tableBytes = 4_096;
/** RFC 7541 §4.1. */
export const entryBytes = 32;

/** Literals that are never indexed: a token among them stays out of tables on the way. */
export function packHeaders(headers: readonly Header[]): Buffer {
  return Buffer.concat(headers.flatMap((header) => [Buffer.from([0x10]), ...header.map(packText)]));
}

function packText(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}

export type Unpacker = {
  /** The blocks of a connection, in their order. `undefined`: it is no such block, or says too much. */
  unpack(block: Buffer): readonly Header[] | undefined;
};

export function unpacker({ maxListBytes, maxHeaders }: HeaderBounds): Unpacker {
  /** The newest first. */
  const table: Header[] = [];
  let held = 0;
  let limit = tableBytes;

  function shrink(): void {
    while (held > limit) {
      const [name, value] = table.pop() ?? ['', ''];
      held -= name.length + value.length + entryBytes;
    }
  }
  function entry(index: number): Header | undefined {
    return index <= staticTable.length ? staticTable[index - 1] : table[index - staticTable.length - 1];
  }
  function literal(block: Cursor, index: number | undefined): Header | undefined {
    const name = index === 0 ? block.text() : entry(index ?? -1)?.[0];
    const value = block.text();
    return name === undefined || value === undefined ? undefined : [name, value];
  }
  function next(block: Cursor): Header | 'resized' | undefined {
    const first = block.peek();
    if (first >= 0x80) return entry(block.integer(7) ?? -1);
    if (first >= 0x40) {
      const header = literal(block, block.integer(6));
      if (header === undefined) return undefined;
      table.unshift(header);
      held += header[0].length + header[1].length + entryBytes;
      shrink();
      return header;
    }
    if (first < 0x20) return literal(block, block.integer(4));
    limit = block.integer(5) ?? tableBytes + 1;
    if (limit > tableBytes) return undefined;
    shrink();
    return 'resized';
  }

  return {
    unpack(bytes) {
      const block = cursor(bytes);
      const headers: Header[] = [];
      let length = 0;
      while (!block.isAtEnd()) {
        const header = next(block);
        if (header === undefined) return undefined;
        if (header === 'resized') continue;
        headers.push(header);
        length += header[0].length + header[1].length + entryBytes;
        if (length > maxListBytes || headers.length > maxHeaders) return undefined;
      }
      return headers;
    },
  };
}

type Cursor = ReturnType<typeof cursor>;

function cursor(bytes: Buffer) {
  let at = 0;
  /** RFC 7541 §5.1, of at most four bytes behind the first. */
  function integer(prefixBits: number): number | undefined {
    const most = 2 ** prefixBits - 1;
    let value = (bytes[at] ?? 0) & most;
    at += 1;
    if (value < most) return value;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = bytes[at];
      if (byte === undefined) return undefined;
      at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return undefined;
  }
  return {
    integer,
    isAtEnd: (): boolean => at >= bytes.length,
    peek: (): number => bytes[at] ?? 0,
    text(): string | undefined {
      const isPacked = (bytes[at] ?? 0) >= 0x80;
      const length = at < bytes.length ? integer(7) : undefined;
      if (length === undefined || at + length > bytes.length) return undefined;
      const text = bytes.subarray(at, at + length);
      at += length;
      return isPacked ? unpackHuffman(text) : text.toString('latin1');
    },
  };
}

const endOfText = 256;

/** Length and code to byte. */
const bytesByCode: ReadonlyMap<number, number> = (() => {
  const symbols = codeLengths.map((bits, byte) => ({ bits, byte }));
  symbols.sort((a, b) => a.bits - b.bits || a.byte - b.byte);
  const found = new Map<number, number>();
  let code = 0;
  let before = 0;
  for (const { bits, byte } of symbols) {
    code *= 2 ** (bits - before);
    found.set(keyOf(bits, code), byte);
    code += 1;
    before = bits;
  }
  return found;
})();

function keyOf(bits: number, code: number): number {
  return bits * 2 ** 30 + code;
}

function unpackHuffman(packed: Buffer): string | undefined {
  const bytes: number[] = [];
  let code = 0;
  let bits = 0;
  for (const byte of packed) {
    for (let bit = 7; bit >= 0; bit -= 1) {
      code = code * 2 + ((byte >> bit) & 1);
      bits += 1;
      const symbol = bytesByCode.get(keyOf(bits, code));
      if (symbol === endOfText || bits > 30) return undefined;
      if (symbol === undefined) continue;
      bytes.push(symbol);
      code = 0;
      bits = 0;
    }
  }
  // What is left fills the last byte, with ones.
  return bits < 8 && code === 2 ** bits - 1 ? Buffer.from(bytes).toString('latin1') : undefined;
}
