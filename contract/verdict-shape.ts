/**
 * Whether what came over the network is a verdict. Pipelines act on one, so nothing is taken for granted: what does not have
 * the shape that INTERFACES gives it is none, whatever its status says. More than that may be in it.
 */
import { isObject } from './json.ts';

type Test = { readonly want: string; readonly holds: (value: unknown) => boolean };
type Shape = { readonly [key: string]: Test };

/** The longest time from the epoch that a `Date` can hold, milliseconds. */
const mostMs = 8.64e15;

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const orNull = ({ want, holds }: Test): Test => ({
  want: `${want}, or null`,
  holds: (value) => value === null || holds(value),
});

const number: Test = { want: 'a number', holds: isNumber };
const count: Test = { want: 'a number from 0', holds: (value) => isNumber(value) && value >= 0 };
const text: Test = { want: 'text', holds: isText };
const moment: Test = { want: 'epoch milliseconds', holds: (value) => isNumber(value) && Math.abs(value) <= mostMs };
const status: Test = {
  want: 'pass, fail or inconclusive',
  holds: (value) => value === 'pass' || value === 'fail' || value === 'inconclusive',
};
/** Beyond every bucket there is no upper bound, and JSON has no infinity. */
const interval: Test = {
  want: 'two bounds',
  holds: (value) =>
    Array.isArray(value) && value.length === 2 && value.every((bound) => bound === null || isNumber(bound)),
};
const yesOrNo: Test = { want: 'true or false', holds: (value) => typeof value === 'boolean' };

const verdict: Shape = {
  id: text,
  status,
  because: text,
  measured: orNull(number),
  target: number,
  n: count,
  interval: orNull(interval),
  needed: orNull(count),
  missing: count,
  at: moment,
  final: yesOrNo,
};

const slice: Shape = { atMs: moment, widthMs: count, good: count, bad: count, missing: count };

const explained: Shape = {
  ...verdict,
  indicator: text,
  newestMs: orNull(moment),
  everyMs: orNull(count),
  doubt: orNull(text),
};

const spending: Shape = { allowedMs: count, spent: number, spentByDrills: number, left: number };

const burn: Shape = { severity: text, longMs: count, shortMs: count, factor: number, state: text };

/** What keeps an answer from being a verdict, in words; `null`: it is one. */
export function verdictTrouble(value: unknown): string | null {
  return troubleIn(value, verdict) ?? emptyPass(value);
}

/** The same of an answer that explains the verdict on that objective. */
export function explainedTrouble(value: unknown, id: string): string | null {
  const trouble = troubleIn(value, explained) ?? emptyPass(value);
  if (trouble !== null || !isObject(value)) return trouble;
  if (value['id'] !== id) return wrong('id', value['id'], id);
  const { window, slices } = value;
  if (!Array.isArray(slices)) return wrong('slices', slices, 'a list');
  return (
    within('window', troubleIn(window, { fromMs: moment, toMs: moment })) ??
    firstOf(slices.map((one, index) => within(`slices[${index}]`, troubleIn(one, slice)))) ??
    within('budget', budgetTrouble(value['budget']))
  );
}

/** `null`, or left out: the objective has none. */
function budgetTrouble(budget: unknown): string | null {
  if (budget === undefined || budget === null) return null;
  const trouble = troubleIn(budget, spending);
  if (trouble !== null || !isObject(budget)) return trouble;
  const { exhaustedIn, burns } = budget;
  if (!Array.isArray(burns)) return wrong('burns', burns, 'a list');
  return (
    within('exhaustedIn', troubleIn(exhaustedIn, { atThisRateMs: orNull(number) })) ??
    firstOf(burns.map((one, index) => within(`burns[${index}]`, troubleIn(one, burn))))
  );
}

/** The same of an answer that lists verdicts: each of another objective. */
export function verdictsTrouble(value: unknown): string | null {
  const all = isObject(value) ? value['verdicts'] : undefined;
  if (!Array.isArray(all)) return wrong('verdicts', all, 'a list');
  const trouble = firstOf(all.map((one, index) => within(`verdicts[${index}]`, verdictTrouble(one))));
  if (trouble !== null) return trouble;
  const ids = all.map((one: { readonly id: string }) => one.id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  return twice === undefined ? null : wrong('verdicts', twice, 'each objective once');
}

function troubleIn(value: unknown, shape: Shape): string | null {
  if (!isObject(value)) return wrong('', value, 'an object');
  return firstOf(
    Object.entries(shape).map(([key, { want, holds }]) => (holds(value[key]) ? null : wrong(key, value[key], want))),
  );
}

/** Where nothing was measured nothing passes. */
function emptyPass(value: unknown): string | null {
  if (!isObject(value) || value['status'] !== 'pass') return null;
  if (value['n'] === 0) return wrong('n', 0, 'samples of a pass');
  if (value['measured'] === null) return wrong('measured', null, 'what was measured of a pass');
  const bounds = value['interval'];
  return Array.isArray(bounds) && bounds.every(isNumber) ? null : wrong('interval', bounds, 'both bounds of a pass');
}

function firstOf(troubles: readonly (string | null)[]): string | null {
  return troubles.find((trouble) => trouble !== null) ?? null;
}

function within(place: string, trouble: string | null): string | null {
  if (trouble === null) return null;
  return trouble.startsWith('got ') ? `${place}: ${trouble}` : `${place}.${trouble}`;
}

function wrong(place: string, got: unknown, want: string): string {
  const told = `got ${(JSON.stringify(got) ?? 'nothing').slice(0, 60)}, want ${want}`;
  return place === '' ? told : `${place}: ${told}`;
}
