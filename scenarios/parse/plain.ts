/** A document of YAML as plain values, and where each was written. */
import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar } from 'yaml';
import { isObject } from '../../contract/json.ts';
import { cutTo, pathTo } from './reader.ts';
import { type At, mostLevels, type Position } from './yaml.ts';

export type Plain = {
  readonly value: unknown;
  /** Key path to where its value is written; of a mapping's entry, where its key is. */
  readonly places: ReadonlyMap<string, Position>;
  readonly mistakes: readonly { readonly at: Position; readonly got: string; readonly want: string }[];
};

/** So many values may aliases stand for: each can double those before it. */
const mostValues = 100_000;

/** What a node stands for, in how many values and levels. */
type Meant = { readonly value: unknown; readonly size: number; readonly levels: number };
const nothing: Meant = { value: null, size: 1, levels: 0 };
/** `null` while it is being read: an alias there would be a part of itself. */
type Anchors = Map<string, Meant | null>;

type Desk = {
  readonly places: Map<string, Position>;
  readonly anchors: Anchors;
  /** Values that aliases have stood for so far. */
  repeated: number;
  note(node: unknown, got: string, want: string): void;
  at(node: unknown): Position;
};

export function plainOf(document: Document, at: At): Plain {
  const mistakes: Plain['mistakes'][number][] = [];
  const whereOf = (node: unknown): Position => at((node as Node | null)?.range?.[0] ?? 0);
  const desk: Desk = {
    places: new Map(),
    anchors: new Map(),
    repeated: 0,
    note: (node, got, want) => void mistakes.push({ at: whereOf(node), got, want }),
    at: whereOf,
  };
  const { value } = meant(document.contents, '', desk);
  return { value, places: desk.places, mistakes };
}

/** `key`: of a mapping's entry, whose place is that of its key. */
function meant(node: unknown, path: string, desk: Desk, key: unknown = node): Meant {
  desk.places.set(path, desk.at(key));
  if (isAlias(node)) return aliased(node, desk);
  const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
  if (anchor !== undefined) desk.anchors.set(anchor, null);
  const found = contentOf(node, path, desk);
  // One of the same name that stands within it is newer: YAML 1.2, 3.2.2.2.
  if (anchor !== undefined && desk.anchors.get(anchor) === null) desk.anchors.set(anchor, found);
  if (found.levels <= mostLevels) return found;
  desk.note(key, `aliases that make it over ${mostLevels} deep`, 'no more than that');
  return nothing;
}

function aliased(alias: { readonly source: string }, desk: Desk): Meant {
  const name = cutTo(60, alias.source);
  const found = desk.anchors.get(alias.source);
  if (!found) {
    const isWithin = found === null;
    const before = `an anchor &${name} that stands before it, or quotes around a text that begins with *`;
    desk.note(alias, `the alias *${name}`, isWithin ? 'an alias of something that it is no part of' : before);
    return nothing;
  }
  const before = desk.repeated;
  desk.repeated += found.size;
  if (desk.repeated <= mostValues) return found;
  const much = `${mostValues.toLocaleString('en-US')} values`;
  // Once is enough: what follows is too many as well.
  if (before <= mostValues) desk.note(alias, `aliases that stand for over ${much}, with *${name}`, 'no more than that');
  return nothing;
}

function contentOf(node: unknown, path: string, desk: Desk): Meant {
  if (isMap(node)) return mapping(node.items as readonly Pair[], path, desk);
  if (isScalar(node)) return { ...nothing, value: node.value };
  if (!isSeq(node)) return nothing;
  const items = node.items.map((item, index) => meant(item, pathTo(path, index), desk));
  return { ...sum(items), value: items.map(({ value }) => value) };
}

/** What a mapping says itself goes before what is merged into it with `<<`, and earlier merges before later ones. */
function mapping(items: readonly Pair[], path: string, desk: Desk): Meant {
  const entries = new Map<string, unknown>();
  const own = new Set<string>();
  const parts: Meant[] = [];
  for (const { key, value } of items) {
    if (isScalar(key) && typeof key.value === 'symbol') {
      const found = meant(value, pathTo(path, '<<'), desk, key);
      parts.push(found);
      for (const [name, inner] of merged(found, key, desk)) if (!entries.has(name)) entries.set(name, inner);
      continue;
    }
    const name = keyOf(key, desk);
    if (name === undefined) continue;
    if (own.has(name)) desk.note(key, JSON.stringify(cutTo(60, name)), 'each key once');
    own.add(name);
    const found = meant(value, pathTo(path, name), desk, key ?? value);
    parts.push(found);
    entries.set(name, found.value);
  }
  return { ...sum(parts), value: Object.fromEntries(entries) };
}

function keyOf(key: unknown, desk: Desk): string | undefined {
  const found = isScalar(key) || isAlias(key) ? meantAsKey(key, desk) : undefined;
  if (found === null) return '';
  if (typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean') return String(found);
  desk.note(key, 'a key that is no text', 'a text');
  return undefined;
}

function meantAsKey(key: Scalar | Alias, desk: Desk): unknown {
  if (isAlias(key)) return aliased(key, desk).value;
  if (key.anchor !== undefined) desk.anchors.set(key.anchor, { ...nothing, value: key.value });
  return key.value;
}

/** The entries of a mapping, or of several, the earlier ones first. */
function merged(found: Meant, key: unknown, desk: Desk): readonly (readonly [string, unknown])[] {
  const all: readonly unknown[] = Array.isArray(found.value) ? found.value : [found.value];
  if (all.every(isObject)) return all.flatMap((one) => Object.entries(one));
  // An alias of nothing has been noted.
  if (found !== nothing)
    desk.note(key, '<< with something else than a mapping', 'a mapping, an alias of one, or a list of them');
  return [];
}

function sum(parts: readonly Meant[]): Pick<Meant, 'size' | 'levels'> {
  return {
    size: parts.reduce((total, { size }) => total + size, 1),
    levels: parts.reduce((most, { levels }) => Math.max(most, levels + 1), 0),
  };
}
