/** Escapes and classes of characters, as RE2 reads them. */
import { ExpressionError, type Holds } from './node.ts';

/** Of a text and a place in it: what was read there, and where it ends. */
export type Read<T> = { readonly value: T; readonly end: number };

const isDigit: Holds = (code) => code >= 48 && code <= 57;
const isWord: Holds = (code) => isDigit(code) || isAlpha(code) || code === 95;
const isAlpha: Holds = (code) => isUpper(code) || isLower(code);
const isUpper: Holds = (code) => code >= 65 && code <= 90;
const isLower: Holds = (code) => code >= 97 && code <= 122;
const isGraph: Holds = (code) => code >= 33 && code <= 126;
const of =
  (characters: string): Holds =>
  (code) =>
    characters.includes(String.fromCodePoint(code));

export { isWord };

const perl: Readonly<Record<string, Holds>> = { d: isDigit, s: of('\t\n\f\r '), w: isWord };
const posix: Readonly<Record<string, Holds>> = {
  alnum: (code) => isDigit(code) || isAlpha(code),
  alpha: isAlpha,
  ascii: (code) => code <= 127,
  blank: of('\t '),
  cntrl: (code) => code <= 31 || code === 127,
  digit: isDigit,
  graph: isGraph,
  lower: isLower,
  print: (code) => code === 32 || isGraph(code),
  punct: (code) => isGraph(code) && !isDigit(code) && !isAlpha(code),
  space: of('\t\n\v\f\r '),
  upper: isUpper,
  word: isWord,
  xdigit: (code) => isDigit(code) || of('abcdefABCDEF')(code),
};

export function not(holds: Holds): Holds {
  return (code) => !holds(code);
}

/** `\d`, `\D`, `\pL`, `\p{Greek}`, `[:alpha:]` and their like at this place; `undefined`: something else is there. */
export function readGroup(text: string, at: number): Read<Holds> | undefined {
  const sign = text[at + 1] ?? '';
  if (text[at] === '[') return readPosix(text, at);
  if (text[at] !== '\\') return undefined;
  const known = perl[sign.toLowerCase()];
  if (known !== undefined) return { value: sign === sign.toLowerCase() ? known : not(known), end: at + 2 };
  return sign === 'p' || sign === 'P' ? readUnicode(text, at, sign === 'P') : undefined;
}

function readPosix(text: string, at: number): Read<Holds> | undefined {
  const close = text[at + 1] === ':' ? text.indexOf(':]', at + 2) : -1;
  if (close < 0) return undefined;
  const name = text.slice(at + 2, close).replace(/^\^/, '');
  const holds = Object.hasOwn(posix, name) ? posix[name] : undefined;
  if (holds === undefined) throw new ExpressionError('invalid character class range', text.slice(at, close + 2));
  return { value: text[at + 2] === '^' ? not(holds) : holds, end: close + 2 };
}

function readUnicode(text: string, at: number, negated: boolean): Read<Holds> {
  const braced = text[at + 2] === '{';
  const close = text.indexOf('}', at + 3);
  if (text.length <= at + 2 || (braced && close < 0)) {
    throw new ExpressionError('invalid character class range', text.slice(at));
  }
  const end = braced ? close + 1 : at + 2 + String.fromCodePoint(text.codePointAt(at + 2) ?? 0).length;
  const written = braced ? text.slice(at + 3, close) : text.slice(at + 2, end);
  const name = written.replace(/^\^/, '');
  const holds = unicodeHolds(name);
  if (holds === undefined) throw new ExpressionError('invalid character class range', text.slice(at, end));
  return { value: negated !== written.startsWith('^') ? not(holds) : holds, end };
}

function unicodeHolds(name: string): Holds | undefined {
  if (name === 'Any') return () => true;
  if (!/^[A-Z][A-Za-z_]*$/.test(name)) return undefined;
  const property = /^[A-Z][a-z]?$/.test(name) ? name : `Script=${name}`;
  try {
    const expression = new RegExp(`^\\p{${property}}$`, 'u');
    return (code) => expression.test(String.fromCodePoint(code));
  } catch {
    return undefined;
  }
}

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };
const maxCode = 0x10ffff;

/** The one character that an escape at this place means. */
export function readEscape(text: string, at: number): Read<number> {
  const written = text.codePointAt(at + 1);
  if (written === undefined) throw new ExpressionError('trailing backslash at end of expression', '');
  const letter = String.fromCodePoint(written);
  const end = at + 1 + letter.length;
  const control = Object.hasOwn(controls, letter) ? controls[letter] : undefined;
  if (control !== undefined) return { value: control, end };
  if (letter === 'x') return readHex(text, at);
  const octal = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(text.slice(at + 1, at + 4))?.[0];
  if (octal !== undefined) return { value: Number.parseInt(octal, 8), end: at + 1 + octal.length };
  if (written < 128 && !/[A-Za-z0-9]/.test(letter)) return { value: written, end };
  throw new ExpressionError('invalid escape sequence', text.slice(at, end));
}

function readHex(text: string, at: number): Read<number> {
  const rest = text.slice(at + 2);
  const match = /^(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]+)\})/.exec(rest);
  const code = Number.parseInt(match?.[1] ?? match?.[2] ?? '', 16);
  if (match !== null && code <= maxCode) return { value: code, end: at + 2 + match[0].length };
  throw new ExpressionError('invalid escape sequence', `\\x${wrongHex(rest)}`);
}

/** As far as Go reads until it is wrong. */
function wrongHex(rest: string): string {
  if (!rest.startsWith('{')) return [...rest].slice(0, 2).join('');
  const digits = /^\{[0-9a-fA-F]*/.exec(rest)?.[0] ?? '';
  const tooLarge = [...digits].findIndex((_, index) => Number.parseInt(digits.slice(1, index + 1), 16) > maxCode);
  return tooLarge < 0
    ? [...rest.slice(0, digits.length + 2)].slice(0, digits.length + 1).join('')
    : digits.slice(0, tooLarge + 1);
}

/** `[…]`, from its bracket. */
export function readClass(text: string, from: number): Read<Holds> {
  const negated = text[from + 1] === '^';
  const start = from + (negated ? 2 : 1);
  const members: Holds[] = [];
  let at = start;
  while (at === start || text[at] !== ']') {
    const group = readGroup(text, at);
    if (group !== undefined) {
      members.push(group.value);
      at = group.end;
      continue;
    }
    const first = readMember(text, at, from);
    const isRange = text[first.end] === '-' && first.end + 1 < text.length && text[first.end + 1] !== ']';
    const last = isRange ? readMember(text, first.end + 1, from) : first;
    if (last.value < first.value) throw new ExpressionError('invalid character class range', text.slice(at, last.end));
    members.push((code) => code >= first.value && code <= last.value);
    at = last.end;
  }
  const holds: Holds = (code) => members.some((member) => member(code));
  return { value: negated ? not(holds) : holds, end: at + 1 };
}

function readMember(text: string, at: number, from: number): Read<number> {
  const code = text.codePointAt(at);
  if (code === undefined) throw new ExpressionError('missing closing ]', text.slice(from));
  return text[at] === '\\' ? readEscape(text, at) : { value: code, end: at + String.fromCodePoint(code).length };
}
