/**
 * What a scalar means to go.yaml.in/yaml: YAML 1.2's core with the octals, binaries, underscores and dates of 1.1, and
 * without its many words for true and false, which only a key that wants a truth understands.
 */

export type Resolved =
  | { readonly tag: '!!null'; readonly value: null }
  | { readonly tag: '!!bool'; readonly value: boolean }
  | { readonly tag: '!!int'; readonly value: bigint }
  | { readonly tag: '!!float'; readonly value: number }
  | { readonly tag: '!!timestamp'; readonly value: string }
  /** Text: `!!str`, `!!merge`, `!!binary` and every tag that it does not know. */
  | { readonly tag: string; readonly value: string };

const prefix = 'tag:yaml.org,2002:';
export function shortTag(tag: string): string {
  return tag.startsWith(prefix) ? `!!${tag.slice(prefix.length)}` : tag;
}

const known = new Map<string, Resolved>([
  ...['true', 'True', 'TRUE'].map((word) => [word, { tag: '!!bool', value: true }] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, { tag: '!!bool', value: false }] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, { tag: '!!null', value: null }] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, { tag: '!!float', value: Number.NaN }] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, infinite(1)] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, infinite(-1)] as const),
]);

function infinite(sign: 1 | -1): Resolved {
  return { tag: '!!float', value: sign * Number.POSITIVE_INFINITY };
}

const resolvable = ['', '!!str', '!!bool', '!!int', '!!float', '!!null', '!!timestamp'];

/** A tag that a text cannot have: nothing after it is read. */
export class Unfit extends Error {}

/** `tag`: the short one that the node carries, or ''. Throws `Unfit` when the text is no such thing. */
export function resolve(tag: string, text: string): Resolved {
  if (!resolvable.includes(tag)) return { tag, value: text };
  if (tag === '!!str') return { tag, value: text };
  const found = meaning(text, tag === '' || tag === '!!timestamp');
  if (tag === '' || found.tag === tag) return found;
  if (tag === '!!float' && found.tag === '!!int' && typeof found.value === 'bigint' && found.value < 2n ** 63n) {
    return { tag, value: Number(found.value) };
  }
  throw new Unfit(`a text tagged ${tag} that is none`);
}

function meaning(text: string, datesToo: boolean): Resolved {
  const word = known.get(text);
  if (word !== undefined) return word;
  if (/^\./.test(text)) return floating(/^\.[0-9]+(?:[eE][-+]?[0-9]+)?$/, text) ?? { tag: '!!str', value: text };
  if (/^[-+0-9]/.test(text)) {
    if (datesToo && isTimestamp(text)) return { tag: '!!timestamp', value: text };
    const plain = text.replaceAll('_', '');
    const whole = integer(plain);
    if (whole !== null) return { tag: '!!int', value: whole };
    const float = floating(/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/, plain);
    if (float !== null) return float;
    const odd = oddlySigned(plain);
    if (odd !== null) return { tag: '!!int', value: odd };
  }
  return { tag: '!!str', value: text };
}

/** One beyond the range of a float64 is text. */
function floating(pattern: RegExp, text: string): Resolved | null {
  if (!pattern.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) ? { tag: '!!float', value } : null;
}

/** From -2^63 to 2^64-1; a leading 0 alone makes it octal. */
function integer(text: string): bigint | null {
  const [, sign = '', digits = ''] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  const value = magnitude(digits);
  if (value === null) return null;
  if (sign === '') return value < 2n ** 64n ? value : null;
  const signed = sign === '-' ? -value : value;
  return signed >= -(2n ** 63n) && signed < 2n ** 63n ? signed : null;
}

function magnitude(digits: string): bigint | null {
  if (/^0[xX][0-9a-fA-F]+$/.test(digits)) return BigInt(digits);
  if (/^0[bB][01]+$/.test(digits)) return BigInt(digits);
  if (/^0[oO]?[0-7]+$/.test(digits)) return BigInt(`0o${digits.replace(/^0[oO]?/, '')}`);
  return /^(?:0|[1-9][0-9]*)$/.test(digits) ? BigInt(digits) : null;
}

/** `0b-101` and `0o-17`: a sign after the base is taken too. */
function oddlySigned(text: string): bigint | null {
  const [, base = '', sign, digits] = /^0([bo])([-+])([0-9]+)$/.exec(text) ?? [];
  if (digits === undefined || !(base === 'b' ? /^[01]+$/ : /^[0-7]+$/).test(digits)) return null;
  const value = BigInt(`0${base}${digits}`);
  const signed = sign === '-' ? -value : value;
  return signed >= -(2n ** 63n) && signed < 2n ** 63n ? signed : null;
}

const dateOnly = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;
const withZone =
  /^(\d{4})-(\d{1,2})-(\d{1,2})[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?(?:Z|([-+])(\d\d):(\d\d))$/;
const withoutZone = /^(\d{4})-(\d{1,2})-(\d{1,2}) +(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?$/;

function isTimestamp(text: string): boolean {
  return timestamp(text) !== null;
}

/** A date as it is written out again, RFC 3339; null when it is none. */
export function timestamp(text: string): string | null {
  const [found, year = '', month = '', day = '', hour = '0', minute = '0', second = '0', fraction = '', ...zone] =
    dateOnly.exec(text) ?? withZone.exec(text) ?? withoutZone.exec(text) ?? [];
  if (found === undefined) return null;
  const [sign, zoneHours = '00', zoneMinutes = '00'] = zone;
  const inRange = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
  const days = daysOf(Number(year), Number(month));
  if (!inRange || Number(day) < 1 || Number(day) > days || Number(zoneHours) > 24 || Number(zoneMinutes) >= 60) {
    return null;
  }
  const two = (digits: string): string => digits.padStart(2, '0');
  const rest = fraction.slice(0, 9).replace(/0+$/, '');
  const time = `${two(hour)}:${two(minute)}:${two(second)}${rest === '' ? '' : `.${rest}`}`;
  const isUtc = sign === undefined || Number(zoneHours) + Number(zoneMinutes) === 0;
  return `${year}-${two(month)}-${two(day)}T${time}${isUtc ? 'Z' : `${sign}${zoneHours}:${zoneMinutes}`}`;
}

function daysOf(year: number, month: number): number {
  if (month < 1 || month > 12) return 0;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : ([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0);
}
