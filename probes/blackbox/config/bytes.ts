/**
 * Texts that may hold bytes that are no UTF-8, as Go's may: such a byte is the lone surrogate U+DC00 + byte. They come
 * from `!!binary` alone, and `bytesOf` is how any text of a module becomes what is sent.
 */

export function bytesOf(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  // A pair of surrogates is one character; only one that stands alone is a byte.
  return Buffer.concat(
    [...text].map((character) => {
      const code = character.codePointAt(0) ?? 0;
      return code >= 0xdc80 && code <= 0xdcff ? Buffer.from([code - 0xdc00]) : Buffer.from(character);
    }),
  );
}

export function textOfBytes(bytes: Buffer): string {
  const text = bytes.toString();
  if (Buffer.from(text).equals(bytes)) return text;
  let found = '';
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 2, 3, 4].find((count) => isCharacter(bytes.subarray(at, at + count)));
    found +=
      length === undefined ? String.fromCharCode(0xdc00 + (bytes[at] ?? 0)) : bytes.toString('utf8', at, at + length);
    at += length ?? 1;
  }
  return found;
}

function isCharacter(bytes: Buffer): boolean {
  const text = bytes.toString();
  return [...text].length === 1 && Buffer.from(text).equals(bytes);
}
