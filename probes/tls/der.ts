/** As much of DER (X.690) as a certificate's names need. OpenSSL has parsed it before us; what cannot be read is left out. */

export type Element = {
  readonly tag: number;
  readonly content: Buffer;
  /** With its tag and length. */
  readonly whole: Buffer;
};

export const tags = {
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  printableString: 0x13,
  t61String: 0x14,
  bmpString: 0x1e,
} as const;

/** The elements that lie side by side in `bytes`, up to the first that is cut off. */
export function elements(bytes: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const tag = bytes.readUInt8(at);
    const first = bytes.readUInt8(at + 1);
    const more = first < 0x80 ? 0 : first & 0x7f;
    const from = at + 2 + more;
    if (more > 4 || from > bytes.length) break;
    const length = more === 0 ? first : bytes.readUIntBE(at + 2, more);
    if (from + length > bytes.length) break;
    found.push({ tag, content: bytes.subarray(from, from + length), whole: bytes.subarray(at, from + length) });
    at = from + length;
  }
  return found;
}

/** `2.5.4.3`. */
export function objectIdentifier(content: Buffer): string {
  const arcs: bigint[] = [];
  let value = 0n;
  for (const byte of content) {
    value = (value << 7n) | BigInt(byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    if (arcs.length > 0) arcs.push(value);
    else if (value < 80n) arcs.push(value / 40n, value % 40n);
    else arcs.push(2n, value - 80n);
    value = 0n;
  }
  return arcs.join('.');
}

/** A string of the kinds that names are made of, by its tag. */
export function text({ tag, content }: Element): string {
  if (tag === tags.bmpString) {
    const even = Buffer.from(content.subarray(0, content.length & ~1));
    return even.swap16().toString('utf16le').replace(/\0$/, '');
  }
  return content.toString(tag === tags.t61String ? 'latin1' : 'utf8');
}

export function encoded(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
