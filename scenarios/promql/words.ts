/** The words of a PromQL expression. */

export type Word = {
  readonly kind: 'name' | 'number' | 'text' | 'range' | 'sign' | 'end';
  /** A text without its quotes, a range without its brackets. */
  readonly value: string;
  /** Where it begins, counted from 0. */
  readonly at: number;
};

/** Why an expression is not understood. */
export class NotUnderstood extends Error {}

const patterns: readonly (readonly [Word['kind'], RegExp])[] = [
  ['number', /\d+(?:ms|[smhdwy])(?![\w.])/y], // a length of time: no count, and said to be none
  ['number', /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])/y],
  ['name', /[a-zA-Z_:][\w:]*/y],
  ['text', /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/y],
  ['range', /\[[^\]]*\]/y],
  ['sign', /=~|!~|!=|==|>=|<=|[-+*/%^(){},=<>@]/y],
];

/** All words of a text, the last one `end`. Throws `NotUnderstood` at what is none. */
export function wordsOf(text: string): readonly Word[] {
  const words: Word[] = [];
  let at = 0;
  for (;;) {
    at += matched(/(?:\s|#[^\n]*)*/y, text, at).length;
    if (at >= text.length) return [...words, { kind: 'end', value: 'its end', at }];
    const word = wordAt(text, at);
    words.push({ kind: word.kind, value: bare(word), at });
    at += word.length;
  }
}

function wordAt(
  text: string,
  at: number,
): { readonly kind: Word['kind']; readonly written: string; readonly length: number } {
  for (const [kind, pattern] of patterns) {
    const written = matched(pattern, text, at);
    if (written !== '') return { kind, written, length: written.length };
  }
  throw new NotUnderstood(`${JSON.stringify(text.slice(at, at + 20))} is no PromQL`);
}

function matched(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

function bare({ kind, written }: { readonly kind: Word['kind']; readonly written: string }): string {
  if (kind === 'range') return written.slice(1, -1).trim();
  if (kind !== 'text') return written;
  const inner = written.slice(1, -1);
  return written.startsWith('`') ? inner : inner.replaceAll(/\\(.)/g, (_, escaped: string) => meant(escaped));
}

const escapes = new Map(Object.entries({ n: '\n', t: '\t', r: '\r', '\\': '\\', '"': '"', "'": "'" }));

/** Of those that PromQL has, the ones that a label may need. Others would be other characters than they look. */
function meant(escaped: string): string {
  const found = escapes.get(escaped);
  if (found === undefined) throw new NotUnderstood(`\\${escaped} is not read in a text`);
  return found;
}
