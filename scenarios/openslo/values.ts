/** The plain values of OpenSLO v1. */
import { dictionary, list, object, optional, type Read, required, shown } from '../parse/reader.ts';
import { text } from '../parse/values.ts';

const mostText = 1_050;
/** How many minutes a unit has; of months and longer, which are not all alike, as OpenSLO's own library takes them. */
const minutes = { m: 1, h: 60, d: 1_440, w: 10_080, M: 43_200, Q: 129_600, Y: 525_600 } as const;
export type Unit = keyof typeof minutes;
export type Shorthand = { readonly count: number; readonly unit: Unit };

const minuteMs = 60_000;

export function shorthandMs({ count, unit }: Shorthand): number {
  return count * minutes[unit] * minuteMs;
}

export const shorthand: Read<Shorthand> = (value, at) => {
  const [, count, unit] = (typeof value === 'string' && /^([1-9]\d{0,7})([mhdwMQY])$/.exec(value)) || [];
  if (count !== undefined) return { count: Number(count), unit: unit as Unit };
  return at.note(
    shown(value),
    'a whole number and a unit of m, h, d, w, M, Q, Y, such as 30m, 4w or 1M (m: minutes, M: months)',
  );
};

/** A number is of minutes. */
export const sliceWindow: Read<Shorthand> = (value, at) => {
  if (typeof value !== 'number') return shorthand(value, at);
  if (Number.isInteger(value) && value > 0) return { count: value, unit: 'm' };
  return at.note(shown(value), 'a whole number of minutes, or a duration such as 5m');
};

/** Names as RFC 1123 has them, and the longer ones that the specification asks programs to take as well. */
export const openName: Read<string> = (value, at) => {
  if (typeof value === 'string' && /^(?=.{1,255}$)[a-z0-9]([a-z0-9.|/\\-]*[a-z0-9])?$/.test(value)) return value;
  const lower =
    typeof value === 'string'
      ? value
          .toLowerCase()
          .replaceAll(/[^a-z0-9]+/g, '-')
          .replaceAll(/^-+|-+$/g, '')
      : '';
  const such = lower === '' || lower.length > 255 ? 'main-page' : lower;
  return at.note(shown(value), `a name of lower-case letters, digits, - and dots, such as ${such}`);
};

export const description: Read<string> = (value, at) =>
  typeof value === 'string' && value.length <= mostText
    ? value
    : at.note(
        typeof value === 'string' ? `${value.length} characters` : shown(value),
        `a text of at most ${mostText} characters`,
      );

/** Any text, an empty one too. */
export const anyText: Read<string> = (value, at) =>
  typeof value === 'string' ? value : at.note(shown(value), 'a text, in quotes where it looks like anything else');

export const flag: Read<boolean> = (value, at) =>
  typeof value === 'boolean' ? value : at.note(shown(value), 'true or false');

export function numberWhere(holds: (value: number) => boolean, want: string): Read<number> {
  return (value, at) =>
    typeof value === 'number' && Number.isFinite(value) && holds(value) ? value : at.note(shown(value), want);
}

/** Whatever is there: other programs read it. */
export const anything: Read<unknown> = (value, at) => value ?? at.note('nothing', 'a value');

const labelKey = text(
  'a label of at most 63 letters, digits, dots, dashes and underscores',
  /^[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$/,
);
const annotationKey = text(
  'a key of at most 63 letters, digits, dots, dashes and underscores, behind a domain and / where it has one',
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$/,
);
const label: Read<unknown> = (value, at) => (Array.isArray(value) ? list(anyText)(value, at) : anyText(value, at));

export const metadata = object({
  name: required(openName),
  displayName: optional(anyText, null),
  labels: optional(dictionary(label, labelKey), {}),
  annotations: optional(dictionary(anyText, annotationKey), {}),
});
