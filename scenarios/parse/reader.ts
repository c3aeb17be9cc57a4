/** Reads an unknown value into a typed one, and notes every mistake with its place instead of stopping at the first. */
import { isObject } from '../../contract/json.ts';
import type { Mistake } from '../../contract/mistake.ts';

/** Where a value is, and how to say that it is wrong. */
export type At = {
  readonly path: string;
  /** Notes a mistake here; returns `undefined`, what a reader gives when it cannot read. */
  note(got: string, want: string): undefined;
  /** The place of a key or an item of the value here. */
  in(key: string | number): At;
};

/** `undefined` means that a mistake was noted. */
export type Read<T> = (value: unknown, at: At) => T | undefined;

type Field<T> = { readonly read: Read<T>; readonly absent: { readonly value: T } | null };
type Fields = { readonly [key: string]: Field<unknown> };
type ValueOf<F> = F extends Field<infer T> ? T : never;
type Shape<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

export function required<T>(read: Read<T>): Field<T> {
  return { read, absent: null };
}

/** `value` where the key is not there. */
export function optional<T, U = T>(read: Read<T>, value: U): Field<T | U> {
  return { read, absent: { value } };
}

/** A place in a document: `mistakes` collects what is noted at it and below it. */
export function placeIn(mistakes: Mistake[], placeOf: (path: string) => string, path = ''): At {
  return {
    path,
    note(got, want) {
      mistakes.push({ place: placeOf(path), got, want });
      return undefined;
    },
    in: (key) => placeIn(mistakes, placeOf, pathTo(path, key)),
  };
}

/** `drills[0].fault`, `overrides["guard.headroom"]`. */
export function pathTo(parent: string, key: string | number): string {
  if (typeof key === 'number') return `${parent}[${key}]`;
  if (!/^[A-Za-z0-9_][\w-]*$/.test(key)) return `${parent}[${JSON.stringify(key)}]`;
  return parent === '' ? key : `${parent}.${key}`;
}

/** A mapping with exactly these keys. Unknown keys are mistakes, and the nearest known one is named. */
export function object<F extends Fields>(fields: F): Read<Shape<F>> {
  return (value, at) => {
    if (!isObject(value)) return at.note(shown(value), `a mapping with ${Object.keys(fields).join(', ')}`);
    noteUnknownKeys(value, Object.keys(fields), at);
    const entries: [string, unknown][] = [];
    let whole = true;
    for (const [key, field] of Object.entries(fields)) {
      const inner = value[key];
      if ((inner === undefined || inner === null) && field.absent !== null) {
        entries.push([key, field.absent.value]);
        continue;
      }
      const read = field.read(inner ?? undefined, at.in(key));
      if (read === undefined) whole = false;
      entries.push([key, read]);
    }
    return whole ? (Object.fromEntries(entries) as Shape<F>) : undefined;
  };
}

function noteUnknownKeys(value: { readonly [key: string]: unknown }, known: readonly string[], at: At): void {
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) at.in(key).note(`the unknown key ${shown(key)}`, choice(known, key));
  }
}

/** A mapping with keys of the user's own. */
export function dictionary<T>(read: Read<T>, readKey?: Read<string>): Read<Readonly<Record<string, T>>> {
  return (value, at) => {
    if (!isObject(value)) return at.note(shown(value), 'a mapping');
    const entries: [string, T][] = [];
    let whole = true;
    for (const [key, inner] of Object.entries(value)) {
      const name = readKey === undefined ? key : readKey(key, at.in(key));
      const found = read(inner, at.in(key));
      if (name === undefined || found === undefined) whole = false;
      else entries.push([name, found]);
    }
    return whole ? Object.fromEntries(entries) : undefined;
  };
}

export function list<T>(read: Read<T>, leastCount = 0): Read<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) return at.note(shown(value), 'a list');
    if (value.length < leastCount) return at.note('an empty list', `a list of at least ${leastCount}`);
    const items = value.map((item, index) => read(item, at.in(index)));
    return items.includes(undefined) ? undefined : (items as T[]);
  };
}

/** One value, or a list of them. */
export function oneOrMore<T>(read: Read<T>): Read<readonly T[]> {
  return (value, at) => {
    if (Array.isArray(value)) return list(read, 1)(value, at);
    const one = read(value, at);
    return one === undefined ? undefined : [one];
  };
}

/** As JSON, cut to what fits a line. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value); // JSON has no word for infinity
  return cutTo(80, jsonOf(value) ?? String(value));
}

export function cutTo(length: number, text: string): string {
  return text.length > length ? `${text.slice(0, length - 3)}...` : text;
}

/** `undefined` for what JSON cannot say, such as an object of a TypeScript scenario that contains itself. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** `one of a, b, c (nearest: b)`. */
export function choice(allowed: readonly string[], got?: unknown): string {
  const nearest = typeof got === 'string' ? nearestOf(got, allowed) : undefined;
  const told = allowed.slice(0, mostTold).map((one) => (one === '' ? '""' : cutTo(longestWord, one)));
  const more = allowed.length > mostTold ? ` and ${allowed.length - mostTold} more` : '';
  const all = allowed.length === 1 ? `${told[0]}` : `one of ${told.join(', ')}${more}`;
  return nearest === undefined || allowed.length === 1 ? all : `${all} (nearest: ${nearest})`;
}

const longestWord = 100;
const mostTold = 100;

/** The allowed text that takes the fewest edits, if those are at most a third of the longer one, or one. */
function nearestOf(text: string, allowed: readonly string[]): string | undefined {
  if (text.length > longestWord) return undefined; // no slip, and edits take the product of both lengths
  const ranked = allowed
    .map((candidate) => ({ candidate, edits: editsBetween(text.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  if (best === undefined) return undefined;
  const longer = Math.max(text.length, best.candidate.length);
  return best.edits <= Math.max(1, Math.floor(longer / 3)) ? best.candidate : undefined;
}

/** Levenshtein's distance. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swapped = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
