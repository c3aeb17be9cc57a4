import { isObject } from '../../contract/json.ts';
import { badRequest } from './problem.ts';

export type Fields = { readonly [key: string]: unknown };

export function objectOf(body: unknown, what: string): Fields {
  if (isObject(body)) return body;
  throw badRequest(`got ${shown(body)}, want ${what} as a JSON object`, 'send Content-Type: application/json');
}
export function at(fields: Fields, place: string): unknown {
  return place.split('.').reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), fields);
}
export function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 80);
}
export function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 256;
}
export function isBetween(value: unknown, from: number, to: number): boolean {
  return typeof value === 'number' && value >= from && value <= to;
}

/** Whatever is asked or posted is of this time: what is far from it is no moment of anybody's, and no `Date` may hold it. */
const years = { fromMs: 0, toMs: 4_102_444_800_000 } as const;
export const yearsWanted = 'from 1970 to 2100';

/** Epoch milliseconds. */
export function isTime(value: unknown): value is number {
  return isBetween(value, years.fromMs, years.toMs);
}
