/** The first document of a YAML text as nodes, which say of themselves what Go's decoder asks of its own. */
import {
  Composer,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  Parser,
  type Scalar,
} from 'yaml';
import { resolve, shortTag } from './scalars.ts';
import { oddity, withIndents } from './syntax.ts';

type Place = { readonly line: number; readonly column: number };

export type YamlNode = Place &
  (
    | { readonly kind: 'scalar'; readonly tag: string; readonly text: string; readonly quoted: boolean }
    | { readonly kind: 'list'; readonly tag: string; readonly items: readonly YamlNode[] }
    | { readonly kind: 'mapping'; readonly tag: string; readonly entries: readonly Entry[] }
    | { readonly kind: 'alias'; readonly anchor: string; readonly target: YamlNode }
  );
export type Entry = { readonly key: YamlNode; readonly value: YamlNode };
export type Mapping = Extract<YamlNode, { kind: 'mapping' }>;

/** Why a text cannot be read at all; `line` counts from 1. */
export class Unreadable extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** As texts, every one: what a plain scalar means is for `resolve` to say. */
const language = {
  version: '1.1',
  schema: 'failsafe',
  merge: false,
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'silent',
} as const;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unreadable = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F-\x84\x86-\x9F\uFFFE\uFFFF]/;

const strayDirective = /^Plain value cannot start with directive/;

/** Null: there is no document. Throws `Unreadable`. */
export function firstDocument(text: string): YamlNode | null {
  const source = withIndents(text.replace(/^\uFEFF/, '').replace(/\r\n?|\x85/g, '\n'));
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(source)];
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const odd = unreadable.exec(source);
  if (odd !== null) throw new Unreadable(at(odd.index).line, 'a control character');
  const [document] = new Composer(language).compose(tokens);
  if (document === undefined) return null;
  // A directive ends the document before it, whatever was open.
  const directive = document.errors.find(({ message, pos }) => strayDirective.test(message) && at(pos[0]).column === 1);
  if (directive !== undefined) return firstDocument(source.slice(0, directive.pos[0]));
  const end = endOf(document, at);
  const error = document.errors.find(({ pos }) => pos[0] < end);
  if (error !== undefined) throw new Unreadable(at(error.pos[0]).line, problemOf(error.message));
  const strange = oddity(tokens);
  if (strange !== null) throw new Unreadable(at(strange.offset).line, strange.problem);
  return new Reader(at, source).node(document.contents, at(0));
}

/** Without what the file says there, which may be a secret. */
function problemOf(message: string): string {
  return message.replace(/: .*$/s, '').replace(/\s+/g, ' ').trim();
}

/**
 * Where the document ends for Go's reader, which looks no further: before what stands further left than it began, and
 * after the bracket that closes it.
 */
function endOf({ contents, errors }: Document.Parsed, at: (offset: number) => Place): number {
  const [from, to] = contents?.range ?? [0, 0];
  const isClosed = isCollection(contents) && contents.flow === true;
  const beyond = errors.find(({ message, pos: [offset] }) => {
    if (!/^Unexpected .* at node end$/.test(message)) return false;
    return at(offset).column < at(from).column || (isClosed && offset >= to);
  });
  return beyond?.pos[0] ?? Number.POSITIVE_INFINITY;
}

/** An alias means the last anchor of its name before it, so the order of reading is the order of the text. */
class Reader {
  readonly #at: (offset: number) => Place;
  readonly #source: string;
  readonly #anchors = new Map<string, YamlNode>();

  constructor(at: (offset: number) => Place, source: string) {
    this.#at = at;
    this.#source = source;
  }

  /** A block of text ends with a line end only when the file has one there. */
  #textOf({ value, type, range }: Scalar): string {
    const text = String(value ?? '');
    const isBlock = type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED';
    const isLast = (range?.[1] ?? 0) >= this.#source.length && !this.#source.endsWith('\n');
    return isBlock && isLast ? text.replace(/\n$/, '') : text;
  }

  node(node: Node | null, otherwise: Place): YamlNode {
    if (node === null)
      return { kind: 'scalar', tag: '', text: '', quoted: false, line: otherwise.line, column: otherwise.column };
    const place = node.range ? this.#at(node.range[0]) : { line: otherwise.line, column: otherwise.column };
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target === undefined) throw new Unreadable(place.line, 'an alias (*) of an anchor that there is not');
      return { kind: 'alias', anchor: node.source, target, ...place };
    }
    const tag = node.tag === undefined || node.tag === '!' ? '' : shortTag(node.tag);
    const anchor = (made: YamlNode): void => {
      if ('anchor' in node && node.anchor !== undefined) this.#anchors.set(node.anchor, made);
    };
    if (isScalar(node)) {
      const quoted = node.type !== undefined && node.type !== 'PLAIN';
      const made = { kind: 'scalar', tag, text: this.#textOf(node), quoted, ...place } as const;
      anchor(made);
      return made;
    }
    if (isSeq<Node>(node)) {
      const items: YamlNode[] = [];
      const made = { kind: 'list', tag, items, ...place } as const;
      anchor(made);
      for (const item of node.items) items.push(this.node(item, place));
      return made;
    }
    if (!isMap<Node, Node | null>(node))
      throw new Unreadable(place.line, 'something that is neither text, list nor mapping');
    const entries: Entry[] = [];
    const made = { kind: 'mapping', tag, entries, ...place } as const;
    anchor(made);
    for (const { key, value } of node.items) {
      const first = this.node(key, place);
      entries.push({ key: first, value: this.node(value, first) });
    }
    return made;
  }
}

/** The short tag of a node: what it says itself, or what its text looks like. */
export function tagOf(node: YamlNode): string {
  switch (node.kind) {
    case 'alias':
      return tagOf(node.target);
    case 'list':
      return node.tag || '!!seq';
    case 'mapping':
      return node.tag || '!!map';
    case 'scalar':
      if (node.tag !== '') return node.tag;
      return node.quoted ? '!!str' : resolve('', node.text).tag;
  }
}

export function isNull(node: YamlNode): boolean {
  return tagOf(node) === '!!null';
}

export function isMerge(node: YamlNode): boolean {
  if (node.kind !== 'scalar' || node.text !== '<<') return false;
  return node.tag === '!!merge' || (node.tag === '' && !node.quoted);
}
