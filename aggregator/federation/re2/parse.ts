/** Reads a regular expression as RE2 does: no look-around, no backreference, no more than a thousand repetitions. */
import { readClass, readEscape, readGroup } from './characters.ts';
import { type Assertion, charNode, ExpressionError, type Flags, literal, type Node } from './node.ts';

type Group = { readonly outer: Flags; readonly branches: Node[]; parts: Node[] };
type Parser = { readonly text: string; at: number; flags: Flags; readonly groups: Group[] };

/** The dot is a line feed too, as in Prometheus since 3. */
const initialFlags: Flags = { fold: false, lines: false, dotAll: true };
const maxDepth = 1_000;
const maxRepeat = 1_000;

/** Throws `ExpressionError`. */
export function parseExpression(text: string): Node {
  const parser: Parser = { text, at: 0, flags: initialFlags, groups: [] };
  open(parser, initialFlags);
  let lastRepeat: number | null = null;
  while (parser.at < text.length) {
    const from = parser.at;
    const isRepeat = readRepeat(parser, lastRepeat);
    lastRepeat = isRepeat ? from : null;
    if (!isRepeat) readItem(parser);
  }
  const [whole, ...unclosed] = parser.groups;
  if (whole === undefined || unclosed.length > 0) throw new ExpressionError('missing closing )', text);
  return closed(whole);
}

function open(parser: Parser, outer: Flags): void {
  if (parser.groups.length >= maxDepth) throw new ExpressionError('expression nests too deeply', parser.text);
  parser.groups.push({ outer, branches: [], parts: [] });
}

function closed({ branches, parts }: Group): Node {
  const last: Node = parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'all', parts };
  return branches.length === 0 ? last : { kind: 'any', parts: [...branches, last] };
}

function current(parser: Parser): Group {
  const group = parser.groups.at(-1);
  if (group === undefined) throw new ExpressionError('unexpected )', parser.text);
  return group;
}

/** `*`, `+`, `?` and `{2,3}`, with what makes them lazy: that matters to nobody who asks for the whole text. */
function readRepeat(parser: Parser, lastRepeat: number | null): boolean {
  const { text, at } = parser;
  const match = /^(?:\*|\+|\?|\{(\d+)(?:(,)(\d*))?\})\??/.exec(text.slice(at, at + 32));
  if (match === null) return false;
  const [written, least, comma, most] = match;
  const { min, max } = countsOf(written, least, comma, most);
  parser.at += written.length;
  if (min > maxRepeat || (max ?? 0) > maxRepeat || (max !== null && min > max)) {
    throw new ExpressionError('invalid repeat count', written.replace(/\?$/, ''));
  }
  if (lastRepeat !== null) {
    throw new ExpressionError('invalid nested repetition operator', text.slice(lastRepeat, parser.at));
  }
  const { parts } = current(parser);
  const of = parts.pop();
  if (of === undefined) throw new ExpressionError('missing argument to repetition operator', written);
  const node: Node = { kind: 'repeat', of, min, max };
  if (!isAffordable(node, maxRepeat)) throw new ExpressionError('invalid repeat count', written);
  parts.push(node);
  return true;
}

function countsOf(
  written: string,
  least: string | undefined,
  comma: string | undefined,
  most: string | undefined,
): { readonly min: number; readonly max: number | null } {
  if (least !== undefined) {
    const min = Number(least);
    if (comma === undefined) return { min, max: min };
    return { min, max: most === undefined || most === '' ? null : Number(most) };
  }
  return { min: written.startsWith('+') ? 1 : 0, max: written.startsWith('?') ? 1 : null };
}

/** Repetitions within repetitions count as their product. */
function isAffordable(node: Node, budget: number): boolean {
  if (node.kind === 'all' || node.kind === 'any') return node.parts.every((part) => isAffordable(part, budget));
  if (node.kind !== 'repeat') return true;
  const isCounted = node.min > 1 || (node.max ?? 0) > 1;
  const times = isCounted ? (node.max ?? node.min) : 1;
  return times === 0 || (times <= budget && isAffordable(node.of, Math.floor(budget / times)));
}

const items: Readonly<Record<string, (parser: Parser) => void>> = {
  '(': (parser) => (parser.text[parser.at + 1] === '?' ? readFlags(parser) : openAt(parser, parser.at + 1)),
  ')': close,
  '|': nextBranch,
  '^': (parser) => assertion(parser, parser.flags.lines ? 'line-begin' : 'begin', 1),
  $: (parser) => assertion(parser, parser.flags.lines ? 'line-end' : 'end', 1),
  '\\': readBackslash,
  '[': addClass,
  '.': addDot,
};

function readItem(parser: Parser): void {
  const code = parser.text.codePointAt(parser.at) ?? 0;
  const read = items[String.fromCodePoint(code)];
  if (read === undefined) addLiteral(parser, code);
  else read(parser);
}

function nextBranch(parser: Parser): void {
  const group = current(parser);
  group.branches.push(closed({ ...group, branches: [] }));
  group.parts = [];
  parser.at += 1;
}

function addClass(parser: Parser): void {
  const { value, end } = readClass(parser.text, parser.at);
  current(parser).parts.push(charNode(value, parser.flags));
  parser.at = end;
}

function addDot(parser: Parser): void {
  const { dotAll } = parser.flags;
  current(parser).parts.push({ kind: 'char', holds: (code) => dotAll || code !== 10 });
  parser.at += 1;
}

function addLiteral(parser: Parser, code: number): void {
  current(parser).parts.push(literal(code, parser.flags));
  parser.at += String.fromCodePoint(code).length;
}

function assertion(parser: Parser, what: Assertion, length: number): void {
  current(parser).parts.push({ kind: 'assert', what });
  parser.at += length;
}

function openAt(parser: Parser, at: number, inside: Flags = parser.flags): void {
  open(parser, parser.flags);
  parser.flags = inside;
  parser.at = at;
}

function close(parser: Parser): void {
  const group = current(parser);
  if (parser.groups.length === 1) throw new ExpressionError('unexpected )', parser.text);
  parser.groups.pop();
  current(parser).parts.push(closed(group));
  parser.flags = group.outer;
  parser.at += 1;
}

const asserting: Readonly<Record<string, Assertion>> = { A: 'begin', z: 'end', b: 'word', B: 'not-word' };

function readBackslash(parser: Parser): void {
  const { text, at } = parser;
  const letter = text[at + 1] ?? '';
  const what = Object.hasOwn(asserting, letter) ? asserting[letter] : undefined;
  if (what !== undefined) assertion(parser, what, 2);
  else if (letter === 'Q') addQuoted(parser);
  else {
    const { value, end } = readGroup(text, at) ?? readEscape(text, at);
    const node = typeof value === 'number' ? literal(value, parser.flags) : charNode(value, parser.flags);
    current(parser).parts.push(node);
    parser.at = end;
  }
}

/** `\Q…\E`: as it stands. */
function addQuoted(parser: Parser): void {
  const { text, at } = parser;
  const end = text.indexOf('\\E', at + 2);
  for (const one of text.slice(at + 2, end < 0 ? undefined : end)) addLiteral(parser, one.codePointAt(0) ?? 0);
  parser.at = end < 0 ? text.length : end + 2;
}

/** `(?i)`, `(?i:…)`, `(?P<name>…)`: whatever else follows `(?` is of Perl, and not here. */
function readFlags(parser: Parser): void {
  const rest = parser.text.slice(parser.at);
  const named = /^\(\?P?</.exec(rest)?.[0];
  if (named !== undefined && rest.length > named.length) {
    readNamed(parser, rest, named.length);
    return;
  }
  const written = /^\(\?([imsU]*)(?:-([imsU]+))?[:)]/.exec(rest);
  if (written === null) throw new ExpressionError('invalid or unsupported Perl syntax', wrongFlags(rest));
  const [whole, on = '', off = ''] = written;
  const flag = (letter: string, before: boolean): boolean => (on.includes(letter) || before) && !off.includes(letter);
  const { fold, lines, dotAll } = parser.flags;
  const flags = { fold: flag('i', fold), lines: flag('m', lines), dotAll: flag('s', dotAll) };
  if (whole.endsWith(':')) openAt(parser, parser.at + whole.length, flags);
  else {
    parser.flags = flags;
    parser.at += whole.length;
  }
}

/** As far as Go reads until it is wrong. */
function wrongFlags(rest: string): string {
  return /^\(\?[imsU]*(?:-[imsU]*)?.?/su.exec(rest)?.[0] ?? rest;
}

function readNamed(parser: Parser, rest: string, start: number): void {
  const end = rest.indexOf('>');
  if (end < 0) throw new ExpressionError('invalid named capture', rest);
  const name = rest.slice(start, end);
  if (!/^\w+$/.test(name)) throw new ExpressionError('invalid named capture', rest.slice(0, end + 1));
  openAt(parser, parser.at + end + 1);
}
