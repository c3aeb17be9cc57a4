/** The shapes of lists and of mappings with keys of the user's. */

import { keyOrder } from './key-order.ts';
import { shownText } from './leaves.ts';
import { type Entry, isMerge, isNull, type Mapping, Unreadable, type YamlNode } from './node.ts';
import { describeKind, keyOf, type Reading, type Shape } from './reading.ts';
import { resolve } from './scalars.ts';

/** Null among the elements is passed over; null instead of the list is an empty one. */
export function listOf<T>(shape: Shape<T>): Shape<readonly T[]> {
  return {
    zero: [],
    read: (node, reading) =>
      reading.follow(node, (found) => {
        if (found.kind === 'scalar' && reading.resolved(found).value === null) return [];
        if (found.kind !== 'list') {
          reading.mistake(node.line, describeKind(found), 'a list');
          return undefined;
        }
        return found.items.flatMap((item, index) => {
          const value = reading.within(`[${index}]`, () => shape.read(item, reading));
          return value === undefined ? [] : [value];
        });
      }),
    isEmpty: (values) => values.length === 0,
    show: (values) => ({ kind: 'list', items: values.map((value) => shape.show(value)) }),
  };
}

/** Null instead of the mapping is an empty one; a key with null has the zero of its kind. */
export function dictionaryOf<T>(shape: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return {
    zero: {},
    read: (node, reading) =>
      reading.follow(node, (found) => {
        if (found.kind === 'scalar' && reading.resolved(found).value === null) return {};
        if (found.kind !== 'mapping') {
          reading.mistake(node.line, describeKind(found), 'a mapping');
          return undefined;
        }
        const values = new Map<string, T>();
        eachEntry(found, reading, ({ key, value }) => {
          const name = keyOf(key, reading);
          if (name === undefined) return;
          const read = reading.within(name, () => shape.read(value, reading));
          if (read !== undefined) values.set(name, read);
          else if (isNull(value) && !values.has(name)) values.set(name, shape.zero);
        });
        return Object.fromEntries(values);
      }),
    isEmpty: (values) => Object.keys(values).length === 0,
    show: (values) => ({
      kind: 'mapping',
      entries: Object.entries(values)
        .toSorted(([a], [b]) => keyOrder(a, b))
        .map(([key, value]) => [shownText(key), shape.show(value)] as const),
    }),
  };
}

/**
 * The entries of a mapping, then those of what it merges, each key once: its own before merged ones, earlier merged
 * ones before later. Two equal keys are a mistake, and nothing of the mapping is read then.
 */
export function eachEntry(mapping: Mapping, reading: Reading, visit: (entry: Entry) => void): void {
  merged(mapping, reading, visit, null);
}

function merged(mapping: Mapping, reading: Reading, visit: (entry: Entry) => void, seen: Set<string> | null): void {
  if (hasTwice(mapping, reading)) return;
  let source: YamlNode | undefined;
  for (const entry of mapping.entries) {
    if (isMerge(entry.key)) {
      source = entry.value;
      continue;
    }
    const identity = identityOf(entry.key);
    if (seen !== null && identity !== null) {
      if (seen.has(identity)) continue;
      seen.add(identity);
    }
    visit(entry);
  }
  if (source === undefined) return;
  const known = seen ?? new Set(mapping.entries.flatMap(({ key }) => identityOf(key) ?? []));
  const sources = source.kind === 'list' ? source.items : [source];
  for (const from of sources) {
    const target = from.kind === 'alias' ? from.target : from;
    if (target.kind !== 'mapping')
      throw new Unreadable(from.line, `<< merges mappings, and this is ${describeKind(target)}`);
    reading.follow(from, () => merged(target, reading, visit, known));
  }
}

/** Of one line each, however many: a file that says a thing three times has two mistakes. */
function hasTwice({ entries }: Mapping, reading: Reading): boolean {
  const lines = new Map<string, number>();
  let twice = false;
  for (const { key } of entries) {
    const identity = `${key.kind} ${key.kind === 'scalar' ? key.text : key.kind === 'alias' ? key.anchor : ''}`;
    const first = lines.get(identity);
    if (first === undefined) {
      lines.set(identity, key.line);
      continue;
    }
    twice = true;
    const name = key.kind === 'scalar' ? [key.text] : [];
    reading.mistake(key.line, `the key again that is on line ${first}`, 'each key once', ...name);
  }
  return twice;
}

/** What a key that was said counts as when another mapping is merged; a number is not the text of its digits. */
function identityOf(key: YamlNode): string | null {
  if (key.kind === 'alias') return identityOf(key.target);
  if (key.kind !== 'scalar') return null;
  return key.tag === '' && !key.quoted ? `${resolve('', key.text).tag} ${key.text}` : `!!str ${key.text}`;
}
