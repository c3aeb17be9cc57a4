/** Values whose kind nobody has said: the claims of a token. */

import { eachEntry } from './collections.ts';
import type { Shown } from './emit.ts';
import { keyOrder } from './key-order.ts';
import { shownPlain, shownText } from './leaves.ts';
import { Unreadable, type YamlNode } from './node.ts';
import { describeKind, type Reading, type Shape } from './reading.ts';
import { timestamp } from './scalars.ts';

/** A mapping keeps the kinds of its keys, so that it can be shown again. */
type Value = null | boolean | bigint | number | string | Date | readonly Value[] | ReadonlyMap<Value, Value>;

/** Dates are kept as texts marked as such: nothing is computed with them. */
class Moment extends Date {
  readonly text: string;
  constructor(text: string) {
    super(text);
    this.text = text;
  }
}

export const anything: Shape<unknown> = {
  zero: null,
  read: (node, reading) => held(node, reading),
  isEmpty: (value) => value === null,
  show: (value) => shown(value),
};

function held(node: YamlNode, reading: Reading): Value {
  return reading.follow(node, (found): Value => {
    if (found.kind === 'list') return found.items.map((item) => held(item, reading));
    if (found.kind === 'scalar') {
      const { tag, value } = reading.resolved(found);
      return tag === '!!timestamp' && typeof value === 'string' ? new Moment(timestamp(value) ?? value) : value;
    }
    const values = new Map<Value, Value>();
    eachEntry(found, reading, ({ key, value }) => {
      const name = held(key, reading);
      if (Array.isArray(name) || name instanceof Map) {
        throw new Unreadable(key.line, `${describeKind(key)} is no key`);
      }
      values.set(name, held(value, reading));
    });
    return values;
  });
}

function shown(value: unknown): Shown {
  if (typeof value === 'string') return shownText(value);
  if (value instanceof Moment) return shownPlain(value.text);
  if (Array.isArray(value)) return { kind: 'list', items: value.map(shown) };
  if (value instanceof Map) {
    const entries = [...value].toSorted(([a], [b]) => order(a, b));
    return { kind: 'mapping', entries: entries.map(([key, value]) => [shown(key), shown(value)] as const) };
  }
  return shownPlain(typeof value === 'number' ? floatText(value) : value);
}

function order(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return keyOrder(a, b);
  const one = rank(a);
  const other = rank(b);
  if (one.number !== null && other.number !== null && one.number !== other.number) return one.number - other.number;
  return one.kind - other.kind;
}

/** Kinds in the order of Go's: nothing, truths, whole numbers, floats, texts. */
function rank(value: unknown): { kind: number; number: number | null } {
  if (value === null) return { kind: 0, number: null };
  if (typeof value === 'boolean') return { kind: 1, number: Number(value) };
  if (typeof value === 'bigint') return { kind: 2, number: Number(value) };
  if (typeof value === 'number') return { kind: 14, number: value };
  return { kind: typeof value === 'string' ? 24 : 25, number: null };
}

/** Shortest digits; with an exponent of two digits at least from 1e+21 and below 1e-04. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 21) {
    const text = String(value);
    return text.includes('e') ? value.toFixed(20).replace(/0+$/, '') : text;
  }
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
