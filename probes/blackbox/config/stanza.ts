/** The shape of a mapping whose keys the language knows: a stanza. */
import { eachEntry } from './collections.ts';
import type { Shown } from './emit.ts';
import { shownText } from './leaves.ts';
import { describeKind, keyOf, type Reading, type Shape, type ValueOf } from './reading.ts';

// biome-ignore lint/suspicious/noExplicitAny: a table of shapes of any kinds; what comes out is typed by each
export type Fields = Readonly<Record<string, Shape<any>>>;

type Camel<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S;
export type Stanza<F extends Fields> = { readonly [K in keyof F & string as Camel<K>]: ValueOf<F[K]> };

/** Notes what is wrong between the keys of a stanza, on the line of the key named (or the stanza's own). */
export type Fault = (want: string, key?: string, got?: string) => void;

type Rules<T> = {
  /** What a stanza has that is there and says nothing; left out, the zero of each kind. */
  readonly defaults?: Partial<T>;
  /** Also what one key does to another. */
  readonly check?: (value: T, fault: Fault) => T | undefined;
};

/** `start`: what a stanza is that says nothing, which differs from one that is not there. */
type StanzaShape<F extends Fields> = Shape<Stanza<F>> & { readonly start: Stanza<F> };

/** Null instead of the stanza leaves what was there before it. */
export function stanza<F extends Fields>(fields: F, rules: Rules<Stanza<F>> = {}): StanzaShape<F> {
  const known = new Map(Object.entries(fields).map(([key, shape]) => [key, { name: camel(key), shape }]));
  const zero = assembled<F>([...known.values()].map(({ name, shape }) => [name, shape.zero]));
  const start = { ...zero, ...rules.defaults };
  return {
    zero,
    start,
    read: (node, reading) =>
      reading.follow(node, (found) => {
        if (found.kind === 'scalar' && reading.resolved(found).value === null) return undefined;
        if (found.kind !== 'mapping') {
          reading.mistake(node.line, describeKind(found), `a mapping of ${someOf([...known.keys()])}`);
          return undefined;
        }
        const before = reading.mistakes.length;
        const values = new Map<string, unknown>(Object.entries(start));
        const lines = new Map<string, number>();
        eachEntry(found, reading, ({ key, value }) => {
          const name = keyOf(key, reading);
          if (name === undefined) return;
          const field = known.get(name);
          if (field === undefined) {
            reading.mistake(
              key.line,
              'a key that there is not',
              `one of ${someOf(near(name, [...known.keys()]))}`,
              name,
            );
            return;
          }
          if (lines.has(name)) {
            reading.mistake(key.line, `the key again that is on line ${lines.get(name)}`, 'each key once', name);
            return;
          }
          lines.set(name, key.line);
          const read = reading.within(name, () => field.shape.read(value, reading));
          if (read !== undefined) values.set(field.name, read);
        });
        const value = assembled<F>([...values]);
        if (reading.mistakes.length > before) return value;
        return rules.check?.(value, faultAt(reading, found.line, lines)) ?? value;
      }),
    isEmpty: (value) => entriesOf(known, value).every(({ shape, held }) => isZero(shape, held)),
    show: (value) => shown(entriesOf(known, value)),
  };
}

function faultAt(reading: Reading, line: number, lines: ReadonlyMap<string, number>): Fault {
  return (want, key, got = 'this') =>
    reading.mistake((key && lines.get(key)) || line, got, want, ...(key === undefined ? [] : [key]));
}

/** The one place where the values of a table become the type that the table says. */
function assembled<F extends Fields>(values: readonly (readonly [string, unknown])[]): Stanza<F> {
  return Object.fromEntries(values) as Stanza<F>;
}

type Held = { readonly key: string; readonly shape: Shape<unknown>; readonly held: unknown };

function entriesOf(
  known: ReadonlyMap<string, { name: string; shape: Shape<unknown> }>,
  value: object,
): readonly Held[] {
  const all = new Map<string, unknown>(Object.entries(value));
  return [...known].map(([key, { name, shape }]) => ({ key, shape, held: all.get(name) }));
}

function shown(entries: readonly Held[]): Shown {
  const written = entries.filter(({ shape, held }) => !shape.isEmpty(held));
  return {
    kind: 'mapping',
    entries: written.map(({ key, shape, held }) => [shownText(key), shape.show(held)] as const),
  };
}

/** A key that is always shown does not keep an empty stanza from being left out. */
function isZero(shape: Shape<unknown>, held: unknown): boolean {
  return shape.isEmpty(held) || held === shape.zero;
}

function camel(key: string): string {
  return key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function someOf(keys: readonly string[]): string {
  return keys.length <= 8 ? keys.join(', ') : `${keys.slice(0, 8).join(', ')}, …`;
}

/** The keys that a slip of the pen could have meant first. */
function near(name: string, keys: readonly string[]): readonly string[] {
  const asked = name.toLowerCase().slice(0, 60);
  const way = new Map(keys.map((key) => [key, key.startsWith(asked) ? 0 : steps(asked, key)]));
  return keys.toSorted((a, b) => (way.get(a) ?? 0) - (way.get(b) ?? 0));
}

/** How many letters have to be changed, added or left out to come from one to the other. */
function steps(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (let at = 0; at < to.length; at += 1) {
      const changed = (row[at] ?? 0) + (to.charAt(at) === letter ? 0 : 1);
      next.push(Math.min(changed, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
