/** As much of PromQL as ratios of counters are written in: selectors, calls, sums, and arithmetic. */
import { NotUnderstood, type Word, wordsOf } from './words.ts';

export type Matcher = { readonly label: string; readonly op: '=' | '!=' | '=~' | '!~'; readonly value: string };

export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  /** `range`: what is in its brackets; `null` of an instant vector. */
  | {
      readonly kind: 'selector';
      readonly metric: string;
      readonly matchers: readonly Matcher[];
      readonly range: string | null;
    }
  /** A function, or an aggregation with the labels that it keeps or drops. */
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly of: readonly Expression[];
      readonly grouping: string | null;
    }
  | { readonly kind: 'binary'; readonly op: string; readonly left: Expression; readonly right: Expression };

type Cursor = { peek(ahead?: number): Word; next(): Word; wants(value: string): void };

/** Throws `NotUnderstood` with what was met instead of what. */
export function parsePromql(text: string): Expression {
  const words = wordsOf(text);
  noteEndless(words);
  const cursor = cursorOver(words);
  const found = binary(cursor, 0);
  const rest = cursor.peek();
  if (rest.kind !== 'end') throw new NotUnderstood(`${JSON.stringify(rest.value)} is not read here`);
  return found;
}

const mostWords = 4_000;
const mostNested = 50;

/** Each parenthesis and each sign is one more call of the reader's own: a query longer than any is refused before. */
function noteEndless(words: readonly Word[]): void {
  if (words.length > mostWords) throw new NotUnderstood(`it is longer than ${mostWords} words`);
  let open = 0;
  for (const { kind, value } of words) {
    if (kind !== 'sign') continue;
    if (value === '(') open += 1;
    if (value === ')') open -= 1;
    if (open > mostNested) throw new NotUnderstood(`its parentheses are nested over ${mostNested} deep`);
  }
}

function cursorOver(words: readonly Word[]): Cursor {
  let at = 0;
  const peek = (ahead = 0): Word => words[Math.min(at + ahead, words.length - 1)] as Word;
  const next = (): Word => {
    const word = peek();
    at += 1;
    return word;
  };
  return {
    peek,
    next,
    wants(value) {
      const word = next();
      if (word.kind === 'end' || word.value !== value)
        throw new NotUnderstood(`${word.value} stands where ${value} should`);
    },
  };
}

/** From loosest to tightest. */
const levels: readonly (readonly string[])[] = [
  ['or'],
  ['and', 'unless'],
  ['==', '!=', '<=', '<', '>=', '>'],
  ['+', '-'],
  ['*', '/', '%'],
];

function binary(cursor: Cursor, level: number): Expression {
  const ops = levels[level];
  if (ops === undefined) return unary(cursor);
  let left = binary(cursor, level + 1);
  for (;;) {
    const { kind, value } = cursor.peek();
    if ((kind !== 'sign' && kind !== 'name') || !ops.includes(value)) return left;
    cursor.next();
    matching(cursor);
    left = { kind: 'binary', op: value, left, right: binary(cursor, level + 1) };
  }
}

/** `on()`, `ignoring(…)`: which series meet which says nothing where each side is one. */
function matching(cursor: Cursor): void {
  while (/^(?:on|ignoring|group_left|group_right|bool)$/.test(cursor.peek().value) && cursor.peek().kind === 'name') {
    if (cursor.next().value !== 'bool' && cursor.peek().value === '(') labels(cursor);
  }
}

function unary(cursor: Cursor): Expression {
  const word = cursor.next();
  if (word.kind === 'number') return { kind: 'number', value: Number(word.value) };
  if (word.kind === 'sign' && word.value === '(') {
    const inside = binary(cursor, 0);
    cursor.wants(')');
    return inside;
  }
  if (word.kind === 'sign' && word.value === '{') return selector(cursor, '', true);
  if (word.kind !== 'name') throw new NotUnderstood(`${word.value} stands where a metric or a function should`);
  const { kind, value } = cursor.peek();
  if (kind === 'sign' && value === '(') return call(cursor, word.value, null);
  if (kind === 'name' && (value === 'by' || value === 'without')) return call(cursor, word.value, grouping(cursor));
  const opens = kind === 'sign' && value === '{';
  if (opens) cursor.next();
  return selector(cursor, word.value, opens);
}

function call(cursor: Cursor, name: string, before: string | null): Expression {
  cursor.wants('(');
  const of: Expression[] = [];
  while (cursor.peek().value !== ')' || cursor.peek().kind !== 'sign') {
    of.push(binary(cursor, 0));
    if (cursor.peek().value === ',') cursor.next();
    else break;
  }
  cursor.wants(')');
  const { kind, value } = cursor.peek();
  const follows = before === null && kind === 'name' && (value === 'by' || value === 'without');
  return { kind: 'call', name, of, grouping: follows ? grouping(cursor) : before };
}

/** `by ()` is no grouping: it keeps nothing. */
function grouping(cursor: Cursor): string | null {
  const how = cursor.next().value;
  const names = labels(cursor);
  return how === 'by' && names.length === 0 ? null : `${how} (${names.join(', ')})`;
}

function labels(cursor: Cursor): readonly string[] {
  cursor.wants('(');
  const names: string[] = [];
  while (cursor.peek().kind === 'name') {
    names.push(cursor.next().value);
    if (cursor.peek().value === ',') cursor.next();
  }
  cursor.wants(')');
  return names;
}

function selector(cursor: Cursor, metric: string, hasBraces: boolean): Expression {
  const matchers: Matcher[] = [];
  while (hasBraces && (cursor.peek().value !== '}' || cursor.peek().kind !== 'sign')) {
    matchers.push(matcher(cursor));
    if (cursor.peek().value === ',') cursor.next();
    else break;
  }
  if (hasBraces) cursor.wants('}');
  const named = matchers.find(({ label, op }) => label === '__name__' && op === '=')?.value ?? '';
  const range = cursor.peek().kind === 'range' ? cursor.next().value : null;
  if (cursor.peek().kind === 'name' && cursor.peek().value === 'offset')
    throw new NotUnderstood('offset looks at another time');
  return {
    kind: 'selector',
    metric: metric === '' ? named : metric,
    matchers: matchers.filter(({ label }) => label !== '__name__'),
    range,
  };
}

function matcher(cursor: Cursor): Matcher {
  const label = cursor.next();
  const op = cursor.next();
  const value = cursor.next();
  if (label.kind !== 'name' || value.kind !== 'text' || !/^(?:=|!=|=~|!~)$/.test(op.value)) {
    throw new NotUnderstood(`${label.value}${op.value}${value.value} stands where a matcher should`);
  }
  return { label: label.value, op: op.value as Matcher['op'], value: value.value };
}
