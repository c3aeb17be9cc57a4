/** The shapes of single values, each taking and refusing what Go's decoder does. */
import { durationText, parseDuration } from './durations.ts';
import type { Shown } from './emit.ts';
import { isNull, type YamlNode } from './node.ts';
import { describe, describeKind, type Reading, type Shape } from './reading.ts';
import type { Resolved } from './scalars.ts';

type Scalar = Extract<YamlNode, { kind: 'scalar' }>;
type Leaf<T> = {
  readonly zero: T;
  readonly want: string;
  readonly secret?: boolean;
  /** Undefined: it is no such value, which is noted. */
  take(resolved: Resolved, node: Scalar, reading: Reading): T | undefined;
  show(value: T): Shown;
  isEmpty?(value: T): boolean;
};

function leaf<T>({ zero, want, secret = false, take, show, isEmpty }: Leaf<T>): Shape<T> {
  return {
    zero,
    read: (node, reading) =>
      reading.follow(node, (found) => {
        const resolved = found.kind === 'scalar' ? reading.resolved(found) : null;
        if (resolved?.value === null) return undefined;
        const value = found.kind === 'scalar' && resolved !== null ? take(resolved, found, reading) : undefined;
        if (value === undefined) reading.mistake(node.line, secret ? describeKind(found) : describe(found), want);
        return value;
      }),
    isEmpty: isEmpty ?? ((value) => value === zero),
    show,
  };
}

export function shownText(text: string): Shown {
  return { kind: 'text', text };
}

export function shownPlain(value: unknown): Shown {
  return { kind: 'plain', text: String(value) };
}

function textOf({ tag, value }: Resolved, node: Scalar): string {
  return tag === '!!binary' && typeof value === 'string' ? value : node.text;
}

/** Any single value is a text, written as it is. */
export const text: Shape<string> = leaf({ zero: '', want: 'a text', take: textOf, show: shownText });

/** Shown as that it is there, never as what it is. */
export const secret: Shape<string> = leaf({
  zero: '',
  want: 'a text',
  secret: true,
  take: textOf,
  show: (value) => (value === '' ? shownPlain('null') : shownText('<secret>')),
});

const yes = /^(?:[yY]|yes|Yes|YES|on|On|ON)$/;
const no = /^(?:[nN]|no|No|NO|off|Off|OFF)$/;
export const truth: Shape<boolean> = leaf<boolean>({
  zero: false,
  want: 'true or false',
  take: ({ tag, value }) => {
    if (typeof value === 'boolean') return value;
    if (tag === '!!timestamp' || typeof value !== 'string') return undefined;
    return yes.test(value) ? true : no.test(value) ? false : undefined;
  },
  show: shownPlain,
});

/** A fraction is cut off, as there. Beyond 2^53 the nearest number that there is. */
export const whole: Shape<number> = leaf({
  zero: 0,
  want: 'a whole number',
  take: ({ value }) => {
    if (typeof value === 'bigint') return value < 2n ** 63n ? Number(value) : undefined;
    if (typeof value !== 'number' || !(value <= 2 ** 63)) return undefined;
    return value >= 2 ** 63 || value < -(2 ** 63) ? -(2 ** 63) : Math.trunc(value) + 0;
  },
  show: (value) => shownPlain(BigInt(value)),
});

/** In ms. Only with a unit; a bare number is none, not even 0. */
export const duration: Shape<number> = leaf({
  zero: 0,
  want: 'a duration with a unit up to hours, such as 5s or 1m30s',
  take: ({ tag, value }) => {
    if (tag === '!!timestamp' || typeof value !== 'string') return undefined;
    const ns = parseDuration(value);
    return ns === null ? undefined : Number(ns) / 1e6;
  },
  show: (ms) => shownText(durationText(BigInt(Math.round(ms * 1e6)))),
});

/** A text that has to be of some form: `fault` says what it wants instead. */
export function checked(fault: (text: string) => string | undefined): Shape<string> {
  return {
    ...text,
    read: (node, reading) => {
      const found = text.read(node, reading);
      const want = found === undefined ? undefined : fault(found);
      if (want !== undefined) reading.mistake(node.line, describe(node), want);
      return found;
    },
  };
}

/** The key is shown even when it says what is taken anyway. */
export function always<T>(shape: Shape<T>): Shape<T> {
  return { ...shape, isEmpty: () => false };
}

/** Null where the key is absent, or null itself. */
export function optional<T>(shape: Shape<T>): Shape<T | null> {
  return {
    zero: null,
    read: (node, reading) =>
      isNull(node) && isNothing(node, reading) ? null : (shape.read(node, reading) ?? shape.zero),
    isEmpty: (value) => value === null,
    show: (value) => (value === null ? shownPlain('null') : shape.show(value)),
  };
}

function isNothing(node: YamlNode, reading: Reading): boolean {
  return reading.follow(node, (found) => found.kind === 'scalar' && reading.resolved(found).value === null);
}
