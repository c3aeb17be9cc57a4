/** YAML, and JSON with it, as documents of nodes: whatever the text, it is composed or refused with its place. */
import { Composer, type CST, type Document, Lexer, LineCounter, Parser } from 'yaml';
import { type Mistake, Mistakes } from '../../contract/mistake.ts';

export type Position = { readonly line: number; readonly column: number };
export type At = (offset: number) => Position;
export type Composed = { readonly documents: readonly Document.Parsed[]; readonly at: At };

/** So deep may brackets and indents be nested: nothing that is read here is a tenth as deep. */
export const mostLevels = 100;

/** One language, whatever a `%YAML` line says: texts, numbers, truths, lists and mappings. */
const language = { schema: 'core', resolveKnownTags: false, merge: true, prettyErrors: false } as const;

/** `atLeastOne`: an empty text is an empty document. Throws `Mistakes` for what no reader can compose. */
export function composed(text: string, file: string, atLeastOne: boolean): Composed {
  const source = text.replace(/^\uFEFF/, '');
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(source)];
  const at: At = (offset) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const refuse = (offset: number, got: string, want: string): never => {
    const { line, column } = at(offset);
    throw new Mistakes([{ place: `${file}:${line}:${column}`, got, want }]);
  };
  const odd = oddCharacter.exec(source);
  if (odd !== null) {
    const code = odd[0].charCodeAt(0).toString(16).padStart(4, '0').toUpperCase();
    refuse(odd.index, `the character U+${code}`, 'text: in quotes it is written as an escape');
  }
  const deep = deepest(tokens);
  if (deep !== null) refuse(deep, `something nested over ${mostLevels} deep`, 'no more than that');
  const documents = [...new Composer(language).compose(tokens, atLeastOne, source.length)];
  return { documents, at };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const oddCharacter = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F]/;

/** What a text says that is no YAML; of each document the first, as what follows is mostly its echo. */
export function syntaxMistakes({ documents, at }: Composed, text: string, file: string): readonly Mistake[] {
  return documents.flatMap(({ errors: [error], warnings }) => {
    const found = error === undefined ? warnings : [error];
    return found.map(({ pos, message, code }) => {
      const { line, column } = at(pos[0]);
      const got = text.split('\n')[line - 1]?.trim().slice(0, 80) ?? '';
      const problem = message.replace(/\s+/g, ' ').trim().slice(0, 160);
      return {
        place: `${file}:${line}:${column}`,
        got: got === '' ? 'the end of the file' : JSON.stringify(got),
        want: code === 'DUPLICATE_KEY' ? 'each key once' : `valid YAML (${problem})`,
      };
    });
  });
}

/** Where something lies deeper than is read; a composer that calls itself for each level would not come back. */
function deepest(tokens: readonly CST.Token[]): number | null {
  const open = tokens.map((token) => ({ token, levels: 0 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, levels } = next;
    if (levels > mostLevels) return token.offset;
    if (token.type === 'document' && token.value !== undefined) open.push({ token: token.value, levels });
    if (!('items' in token)) continue;
    for (const { key, value } of token.items) {
      for (const inner of [key, value]) if (inner) open.push({ token: inner, levels: levels + 1 });
    }
  }
  return null;
}

/**
 * Where unquoted texts within brackets and braces begin, in order. The lexer alone says so of text that no parser
 * understands. `text`: without a mark of byte order.
 */
export function plainInFlow(text: string): readonly number[] {
  const found: number[] = [];
  let offset = 0;
  let levels = 0;
  let isScalar = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (isScalar && levels > 0) found.push(offset);
    if (!isScalar && (lexeme === '[' || lexeme === '{')) levels += 1;
    if (!isScalar && (lexeme === ']' || lexeme === '}')) levels -= 1;
    isScalar = lexeme === scalarMark;
    if (!marks.includes(lexeme)) offset += lexeme.length;
  }
  return found;
}

/** What the lexer puts in beside the text: before an unquoted one, before a document, and where brackets end badly. */
const scalarMark = '\u001F';
const marks = [scalarMark, '\u0002', '\u0018'];
