/** Instant vector selectors, as Prometheus reads them: `name{label="value", other=~"expression"}`. */
import { linearExpression } from './linear-expression.ts';

export type Matcher = {
  readonly label: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
  matches(value: string): boolean;
};
export type Selector = readonly Matcher[];

/** What is wrong with a selector, in Prometheus's words: `1:1: parse error: …`. */
export class SelectorError extends Error {
  constructor(at: number, message: string) {
    super(`1:${at + 1}: parse error: ${message}`);
    this.name = 'SelectorError';
  }
}

type Cursor = { readonly text: string; at: number };

/** Throws `SelectorError`. */
export function parseSelector(text: string): Selector {
  const cursor: Cursor = { text, at: 0 };
  const matchers: Matcher[] = [];
  skipSpace(cursor);
  const name = take(cursor, /[a-zA-Z_:][a-zA-Z0-9_:]*/y);
  if (name !== undefined) matchers.push(matcher('__name__', '=', name, 0));
  skipSpace(cursor);
  if (take(cursor, /\{/y) !== undefined) readMatchers(cursor, matchers, name !== undefined);
  else if (name === undefined) throw new SelectorError(cursor.at, unexpected(cursor));
  skipSpace(cursor);
  if (cursor.at < text.length) throw new SelectorError(cursor.at, unexpected(cursor));
  return matchers;
}

function readMatchers(cursor: Cursor, matchers: Matcher[], named: boolean): void {
  for (;;) {
    skipSpace(cursor);
    if (take(cursor, /\}/y) !== undefined) return;
    const from = cursor.at;
    const label = take(cursor, /[a-zA-Z_][a-zA-Z0-9_]*/y) ?? takeText(cursor);
    if (label === undefined)
      throw new SelectorError(cursor.at, `${unexpected(cursor)} in label matching, expected identifier or "}"`);
    skipSpace(cursor);
    const operator = take(cursor, /=~|!~|!=|=/y) as Matcher['operator'] | undefined;
    if (operator === undefined) {
      // A quoted text alone is the name of the metric.
      if (!/["'`]/.test(cursor.text[from] ?? '')) {
        throw new SelectorError(cursor.at, `${unexpected(cursor)} in label matching, expected label matching operator`);
      }
      if (named) throw new SelectorError(from, 'metric name must not be set twice');
      matchers.push(matcher('__name__', '=', label, from));
    } else {
      skipSpace(cursor);
      const valueAt = cursor.at;
      const value = takeText(cursor);
      if (value === undefined)
        throw new SelectorError(valueAt, `${unexpected(cursor)} in label matching, expected string`);
      if (named && label === '__name__') throw new SelectorError(from, 'metric name must not be set twice');
      matchers.push(matcher(label, operator, value, valueAt));
    }
    skipSpace(cursor);
    if (take(cursor, /,/y) !== undefined) continue;
    skipSpace(cursor);
    if (take(cursor, /\}/y) !== undefined) return;
    throw new SelectorError(cursor.at, `${unexpected(cursor)} in label matching, expected "," or "}"`);
  }
}

function matcher(label: string, operator: Matcher['operator'], value: string, at: number): Matcher {
  if (operator === '=') return { label, operator, value, matches: (other) => other === value };
  if (operator === '!=') return { label, operator, value, matches: (other) => other !== value };
  const expression = linearExpression(value);
  if (typeof expression === 'string') throw new SelectorError(at, expression);
  const wanted = operator === '=~';
  const known = new Map<string, boolean>();
  return {
    label,
    operator,
    value,
    matches(other) {
      let holds = known.get(other);
      if (holds === undefined) {
        holds = expression.test(other) === wanted;
        known.set(other, holds);
      }
      return holds;
    },
  };
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };

/** A quoted text: with escapes in single or double quotes, as it is in back ticks. */
function takeText(cursor: Cursor): string | undefined {
  const raw = take(cursor, /`[^`]*`/y);
  if (raw !== undefined) return raw.slice(1, -1);
  const quoted = take(cursor, /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y);
  return quoted?.slice(1, -1).replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)/g, (_all, code: string) => {
    if (/^[xu]./.test(code)) return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
    return escapes[code] ?? code;
  });
}

function take(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  if (found !== undefined) cursor.at += found.length;
  return found;
}

function skipSpace(cursor: Cursor): void {
  take(cursor, /\s*/y);
}

/** What stands there, in the words of Prometheus's lexer. */
function unexpected(cursor: Cursor): string {
  const rest = cursor.text.slice(cursor.at);
  if (rest === '') return 'unexpected end of input';
  const operator = /^(?:=~|!~|!=|==|[-+*/%^=<>])/.exec(rest)?.[0];
  if (operator !== undefined) return `unexpected <op:${operator}>`;
  const character = rest[0] ?? '';
  if (/[{}()[\],]/.test(character)) return `unexpected ${JSON.stringify(character)}`;
  const word = /^[\w.:]+/.exec(rest)?.[0];
  if (word !== undefined) return `unexpected ${/^\d/.test(word) ? 'number' : 'identifier'} ${JSON.stringify(word)}`;
  return `unexpected character: ${JSON.stringify(character)}`;
}
