/** Reads snappy's block format by its description, written apart from our writer. */
export function uncompressSnappy(source: Uint8Array): Buffer {
  let at = 0;
  const byte = (): number => {
    const value = source[at];
    if (value === undefined) throw new Error('the block ends within an element');
    at += 1;
    return value;
  };
  const little = (bytes: number): number => {
    let value = 0;
    for (let index = 0; index < bytes; index += 1) value += byte() * 256 ** index;
    return value;
  };
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const part = byte();
    length += (part & 0x7f) * 2 ** shift;
    if (part < 0x80) break;
  }
  const out = Buffer.alloc(length);
  let written = 0;
  while (at < source.length) {
    const tag = byte();
    const kind = tag & 3;
    if (kind === 0) {
      const high = tag >> 2;
      const bytes = (high < 60 ? high : little(high - 59)) + 1;
      if (at + bytes > source.length) throw new Error('a literal is longer than the block');
      out.set(source.subarray(at, at + bytes), written);
      at += bytes;
      written += bytes;
      continue;
    }
    const bytes = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const offset = kind === 1 ? ((tag >> 5) << 8) + byte() : little(kind === 2 ? 2 : 4);
    if (offset === 0 || offset > written) throw new Error(`a copy from ${offset} bytes before ${written}`);
    for (let index = 0; index < bytes; index += 1) out[written + index] = out[written + index - offset] as number;
    written += bytes;
  }
  if (written !== length) throw new Error(`got ${written} bytes, want ${length}`);
  return out;
}
