/** The words of a selector, and what is said of those that do not belong: as Prometheus's lexer does. */
import { readQuoted } from './quoted.ts';
import { SelectorError } from './selector-error.ts';

export type Token = {
  readonly kind: 'identifier' | 'string' | 'operator' | '{' | '}' | ',' | 'other' | 'end';
  readonly text: string;
  /** Of a string without its quotes; of others their text. */
  readonly value: string;
  readonly at: number;
  /** As an error names it. */
  readonly described: string;
};

/** Each call gives the next word. Throws `SelectorError` at what is none. */
export function lexer(text: string): () => Token {
  let at = 0;
  let inBraces = false;

  function token(kind: Token['kind'], length: number, described: string, value?: string): Token {
    const from = at;
    at += length;
    const written = text.slice(from, at);
    return { kind, text: written, value: value ?? written, at: from, described };
  }

  function found(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  }

  return () => {
    at += found(/(?:[ \t\r\n]|#[^\r\n]*)*/y)?.length ?? 0;
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    if (at >= text.length) {
      if (inBraces) throw new SelectorError(text, at, 'unexpected end of input inside braces');
      return token('end', 0, 'end of input');
    }
    if (/["'`]/.test(character)) {
      const { value, length } = readQuoted(text, at);
      return token('string', length, `string ${quoted(text.slice(at, at + length))}`, value);
    }
    if (character === ',') return token(',', 1, '","');
    if (character === '}' && inBraces) {
      inBraces = false;
      return token('}', 1, '"}"');
    }
    if (inBraces) return inside(character);
    if (character === '{') {
      inBraces = true;
      return token('{', 1, '"{"');
    }
    return outside(character);
  };

  function inside(character: string): Token {
    const operator = found(/=~|=|!=|!~/y);
    if (operator !== undefined) {
      return token('operator', operator.length, operator === '=' ? '"="' : `<op:${operator}>`);
    }
    const word = found(/[a-zA-Z_][a-zA-Z0-9_]*/y);
    if (word !== undefined) return token('identifier', word.length, `identifier "${word}"`);
    if (character === '{') throw new SelectorError(text, at, "unexpected left brace '{'");
    if (character === '!') {
      throw new SelectorError(text, at, `unexpected character after '!' inside braces: ${after()}`);
    }
    throw new SelectorError(text, at, `unexpected character inside braces: '${character}'`);
  }

  function outside(character: string): Token {
    const word = found(/[a-zA-Z_:][a-zA-Z0-9_:]*/y);
    if (word !== undefined) {
      const isNumber = /^(?:inf|nan)$/i.test(word);
      return token(isNumber ? 'other' : 'identifier', word.length, describedWord(word));
    }
    const operator = found(/==|!=|<=|>=|[-+*/%^<>@]/y);
    if (operator !== undefined) return token('other', operator.length, `<op:${operator}>`);
    const length = found(/\d+(?:ms|[smhdwy])(?:\d+(?:ms|[smhdw]))*(?![a-zA-Z0-9_])/y);
    if (length !== undefined) return token('other', length.length, `duration ${quoted(length)}`);
    const number = found(/0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y);
    if (number !== undefined) return token('other', number.length, `number ${quoted(number)}`);
    if (character === '(' || character === '[' || character === '=') {
      if (text[at + 1] === '~') throw new SelectorError(text, at, "unexpected character after '=': '~'");
      return token('other', 1, `"${character}"`);
    }
    if (character === ')') throw new SelectorError(text, at + 1, "unexpected right parenthesis ')'");
    if (character === ']') throw new SelectorError(text, at, "unexpected right bracket ']'");
    if (character === '!') throw new SelectorError(text, at, `unexpected character after '!': ${after()}`);
    throw new SelectorError(text, at, `unexpected character: '${character}'`);
  }

  function after(): string {
    const code = text.codePointAt(at + 1);
    return `'${code === undefined ? '\ufffd' : String.fromCodePoint(code)}'`;
  }
}

const operators = /^(?:and|or|unless|atan2)$/i;
const aggregators =
  /^(?:sum|avg|count|min|max|group|stddev|stdvar|topk|bottomk|count_values|quantile|limitk|limit_ratio)$/i;
const keywords =
  /^(?:offset|smoothed|anchored|by|without|on|ignoring|group_left|group_right|bool|start|end|step|range)$/i;

function describedWord(word: string): string {
  if (operators.test(word)) return `<op:${word}>`;
  if (aggregators.test(word)) return `<aggr:${word}>`;
  if (keywords.test(word)) return `<${word}>`;
  if (/^(?:inf|nan)$/i.test(word)) return `number "${word}"`;
  return `${word.includes(':') ? 'metric identifier' : 'identifier'} "${word}"`;
}

/** As Go quotes it, cut after ten characters. */
function quoted(text: string): string {
  const characters = [...text];
  return characters.length <= 10 ? JSON.stringify(text) : `${JSON.stringify(characters.slice(0, 10).join(''))}...`;
}
