/** Texts in quotes, with the escapes of Go; as they are in back ticks. */
import { SelectorError } from './selector-error.ts';

const escapes: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92 };
/** How many digits follow, and of which base. Two of them name a byte, longer ones a character. */
const numeric: Readonly<Record<string, readonly [digits: number, base: number]>> = {
  x: [2, 16],
  u: [4, 16],
  U: [8, 16],
};

/** The text that begins with the quote at this place. */
export function readQuoted(text: string, from: number): { readonly value: string; readonly length: number } {
  const quote = text[from] ?? '';
  if (quote === '`') {
    const end = text.indexOf('`', from + 1);
    if (end < 0) throw new SelectorError(text, from, 'unterminated raw string');
    return { value: text.slice(from + 1, end), length: end + 1 - from };
  }
  const pieces: Buffer[] = [];
  let at = from + 1;
  while (text[at] !== quote) {
    const code = text.codePointAt(at);
    if (code === undefined || code === 10) throw new SelectorError(text, from, 'unterminated quoted string');
    if (text[at] === '\\') {
      const { bytes, end } = readEscape(text, from, at);
      pieces.push(bytes);
      at = end;
    } else {
      const character = String.fromCodePoint(code);
      pieces.push(Buffer.from(character));
      at += character.length;
    }
  }
  return { value: Buffer.concat(pieces).toString(), length: at + 1 - from };
}

function readEscape(text: string, from: number, at: number): { readonly bytes: Buffer; readonly end: number } {
  const written = text.codePointAt(at + 1);
  if (written === undefined) throw new SelectorError(text, from, 'escape sequence not terminated');
  const letter = String.fromCodePoint(written);
  if (letter === text[from]) return { bytes: Buffer.from(letter), end: at + 2 };
  const known = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined;
  if (known !== undefined) return { bytes: Buffer.of(known), end: at + 2 };
  const isOctal = /[0-7]/.test(letter);
  const [digits, base] = isOctal ? [3, 8] : ((Object.hasOwn(numeric, letter) ? numeric[letter] : undefined) ?? [0, 0]);
  if (digits === 0) throw new SelectorError(text, from, `unknown escape sequence ${named(letter)}`);
  const start = at + (isOctal ? 1 : 2);
  let value = 0;
  for (let digit = start; digit < start + digits; digit += 1) {
    const code = text.codePointAt(digit);
    if (code === undefined) throw new SelectorError(text, from, 'escape sequence not terminated');
    const character = String.fromCodePoint(code);
    const number = Number.parseInt(character, base);
    if (Number.isNaN(number)) {
      throw new SelectorError(text, from, `illegal character ${named(character)} in escape sequence`);
    }
    value = value * base + number;
  }
  const most = isOctal || letter === 'x' ? 255 : 0x10ffff;
  if (value > most || (value >= 0xd800 && value < 0xe000)) {
    throw new SelectorError(text, from, 'escape sequence is an invalid Unicode code point');
  }
  const bytes = most === 255 ? Buffer.of(value) : Buffer.from(String.fromCodePoint(value));
  return { bytes, end: start + digits };
}

/** `U+007A 'z'`. */
function named(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `U+${code} '${character}'`;
}
