/** YAML as Go's two generations of its YAML package write it: `/config` by the third, `debug=true` by the second. */
import { bytesOf } from './bytes.ts';
import { isBreak, isPrintable } from './characters.ts';
import { type Generation, quoting } from './quoting.ts';

export type Shown =
  | { readonly kind: 'text'; readonly text: string }
  /** A number, a truth or null: never quoted. */
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Shown[] }
  | { readonly kind: 'mapping'; readonly entries: readonly (readonly [Shown, Shown])[] };

/** The third never folds a line; the second does at the first space past the width. */
const habits = {
  v2: { indent: 2, foldAfter: 80 },
  v3: { indent: 4, foldAfter: Number.POSITIVE_INFINITY },
} as const;

export function emit(shown: Shown, generation: Generation): string {
  const writer = new Writer(generation);
  writer.node(shown, -1, 'root');
  writer.lineUp(-1);
  return writer.text;
}

type Within = 'root' | 'key' | 'value' | 'item';

class Writer {
  readonly #generation: Generation;
  readonly #indent: number;
  readonly #foldAfter: number;
  #parts: string[] = [];
  #column = 0;
  /** Whether the last thing written was white, and whether nothing but indents and `-` is on the line. */
  #white = true;
  #indents = true;

  constructor(generation: Generation) {
    this.#generation = generation;
    this.#indent = habits[generation].indent;
    this.#foldAfter = habits[generation].foldAfter;
  }

  get text(): string {
    return this.#parts.join('');
  }

  node(shown: Shown, indent: number, within: Within): void {
    if (shown.kind === 'mapping') this.#mapping(shown.entries, indent, within);
    else if (shown.kind === 'list') this.#list(shown.items, indent, within);
    else this.#scalar(shown, indent, within);
  }

  /** To the start of a line at this indent. */
  lineUp(indent: number): void {
    const column = Math.max(indent, 0);
    if (!this.#indents || this.#column > column || (this.#column === column && !this.#white)) this.#break();
    this.#put(' '.repeat(Math.max(0, column - this.#column)));
    this.#white = true;
    if (this.#generation === 'v2') this.#indents = true;
  }

  #deeper(indent: number, within: Within, isScalar = false): number {
    if (indent < 0) return isScalar ? this.#indent : 0;
    if (this.#generation === 'v2') return indent + this.#indent;
    if (within === 'item') return indent + 2;
    return this.#indent * Math.floor((indent + this.#indent) / this.#indent);
  }

  #mapping(entries: readonly (readonly [Shown, Shown])[], indent: number, within: Within): void {
    if (entries.length === 0) {
      this.#indicator('{}', true, false);
      return;
    }
    const inner = this.#deeper(indent, within);
    for (const [key, value] of entries) {
      this.lineUp(inner);
      if (isSimple(key)) {
        this.node(key, inner, 'key');
        this.#indicator(':', false, false);
      } else {
        this.#indicator('?', true, true);
        this.node(key, inner, 'value');
        this.lineUp(inner);
        this.#indicator(':', true, true);
      }
      this.node(value, inner, 'value');
    }
  }

  #list(items: readonly Shown[], indent: number, within: Within): void {
    if (items.length === 0) {
      this.#indicator('[]', true, false);
      return;
    }
    const beside = this.#generation === 'v2' && within === 'value' && !this.#indents;
    const inner = beside && indent >= 0 ? indent : this.#deeper(indent, within);
    for (const item of items) {
      this.lineUp(inner);
      this.#indicator('-', true, true);
      this.node(item, inner, 'item');
    }
  }

  #scalar(shown: Extract<Shown, { text: string }>, indent: number, within: Within): void {
    const isKey = within === 'key';
    const inner = this.#deeper(indent, within, true);
    const isBinary = !shown.text.isWellFormed();
    const text = isBinary ? packed(shown.text) : shown.text;
    if (isBinary) this.#indicator('!!binary', true, false);
    const style = shown.kind === 'plain' ? 'plain' : isBinary ? packing(text) : quoting(text, this.#generation, isKey);
    if (style === 'literal') {
      this.#literal(text, inner);
      return;
    }
    if (style === 'plain') {
      if (!this.#white) this.#put(' ');
      this.#folded(text, inner, isKey, 'plain');
    } else {
      const mark = style === 'single' ? "'" : '"';
      this.#indicator(mark, true, false);
      this.#folded(text, inner, isKey, style);
      this.#indicator(mark, false, false);
    }
    this.#white = false;
    this.#indents = false;
  }

  #folded(text: string, indent: number, isKey: boolean, style: 'plain' | 'single' | 'double'): void {
    const characters = [...text];
    const allEscaped = style === 'double' && text.startsWith('\uFEFF');
    let spaces = false;
    let breaks = false;
    for (const [index, character] of characters.entries()) {
      const next = characters[index + 1];
      if (style === 'double' && (allEscaped || isEscaped(character))) {
        this.#put(escaped(character));
        spaces = false;
      } else if (character === ' ') {
        const inside = style === 'plain' || (index > 0 && index < characters.length - 1);
        if (!isKey && !spaces && inside && this.#column > this.#foldAfter && (style === 'double' || next !== ' ')) {
          this.lineUp(indent);
          if (style === 'double' && next === ' ') this.#put('\\');
        } else this.#put(' ');
        spaces = true;
      } else if (style !== 'double' && isBreak(character)) {
        if (!breaks && character === '\n') this.#break();
        this.#break(character);
        breaks = true;
      } else {
        if (breaks) this.lineUp(indent);
        this.#put(style === 'single' && character === "'" ? "''" : character);
        this.#indents = false;
        spaces = false;
        breaks = false;
      }
    }
  }

  #literal(text: string, indent: number): void {
    this.#indicator('|', true, false);
    // The digit is the usual indent even where a list makes it another.
    if (/^[ \n\x85\u2028\u2029]/.test(text)) this.#indicator(String(this.#indent), false, false);
    const chomp = isBreak(text.at(-1)) ? (text.length === 1 || isBreak(text.at(-2)) ? '+' : '') : '-';
    if (chomp !== '') this.#indicator(chomp, false, false);
    this.#break();
    if (this.#generation === 'v2') this.#indents = true;
    this.#white = true;
    let breaks = true;
    for (const character of text) {
      if (isBreak(character)) {
        this.#break(character);
        breaks = true;
      } else {
        if (breaks) this.lineUp(indent);
        this.#put(character);
        this.#indents = false;
        breaks = false;
      }
    }
  }

  #indicator(text: string, needsWhite: boolean, keepsIndents: boolean): void {
    if (needsWhite && !this.#white) this.#put(' ');
    this.#put(text);
    this.#white = false;
    this.#indents &&= keepsIndents;
  }

  /** Columns are counted in characters, not in the units of a string. */
  #put(text: string): void {
    this.#parts.push(text);
    this.#column += [...text].length;
  }

  #break(character = '\n'): void {
    this.#parts.push(character);
    this.#column = 0;
    this.#indents = true;
  }
}

/** A key of one line, not over 128 bytes, needs no `?`. */
function isSimple(key: Shown): boolean {
  if (key.kind === 'list') return key.items.length === 0;
  if (key.kind === 'mapping') return key.entries.length === 0;
  return !/[\r\n\x85\u2028\u2029]/.test(key.text) && Buffer.byteLength(key.text) <= 128;
}

function isEscaped(character: string): boolean {
  return !isPrintable(character) || isBreak(character) || character === '"' || character === '\\';
}

const short: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1B': 'e',
  '"': '"',
  '\\': '\\',
  '\x85': 'N',
  '\xA0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
};

function escaped(character: string): string {
  const known = short[character];
  if (known !== undefined) return `\\${known}`;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

function packing(text: string): 'plain' | 'literal' {
  return text.includes('\n') ? 'literal' : 'plain';
}

/** Base64, in lines of 70 where one does not hold it. */
function packed(text: string): string {
  const whole = bytesOf(text).toString('base64');
  return whole.length < 70 ? whole : whole.replace(/.{1,70}/g, '$&\n');
}
