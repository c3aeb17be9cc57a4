/** What is posted: refused with all its mistakes at once. */
import type { Annotation, BurstRequest } from '../../contract/api.ts';
import type { Check } from '../../contract/check.ts';
import { isObject } from '../../contract/json.ts';
import { describeMistake, type Mistake } from '../../contract/mistake.ts';
import { at, type Fields, isBetween, isName, isTime, objectOf, shown, yearsWanted } from './fields.ts';
import { badRequest } from './problem.ts';

const maxBurstMs = 3_600_000;
const maxBurstChecks = 500;
const kinds: ReadonlySet<unknown> = new Set(['http', 'dns', 'residency', 'grpc', 'icmp', 'tcp', 'tls']);

export function readBurst(body: unknown, nowMs: number): BurstRequest {
  const burst = objectOf(body, 'a burst');
  const mistakes: Mistake[] = [];
  const want = (place: string, holds: boolean, wanted: string): void => {
    if (!holds) mistakes.push({ place, got: shown(at(burst, place)), want: wanted });
  };
  want('id', isName(burst['id']), 'a text of 1 to 256 characters');
  want('everyMs', isBetween(burst['everyMs'], 100, 500), 'a number from 100 to 500');
  want(
    'untilMs',
    isBetween(burst['untilMs'], 0, nowMs + maxBurstMs),
    "epoch milliseconds on the aggregator's clock, at most an hour ahead",
  );
  want('pooled', burst['pooled'] === undefined || typeof burst['pooled'] === 'boolean', 'true or false');
  const checks = burst['checks'];
  want(
    'checks',
    Array.isArray(checks) && checks.length <= maxBurstChecks,
    `an array of at most ${maxBurstChecks} checks`,
  );
  if (Array.isArray(checks))
    for (const [index, check] of checks.entries()) mistakes.push(...mistakesIn(check, `checks[${index}]`));
  if (mistakes.length > 0)
    throw badRequest(mistakes.map(describeMistake).join('; '), 'see BurstRequest in the API reference');
  return {
    id: burst['id'] as string,
    checks: (checks as readonly Fields[]).map(completed),
    everyMs: burst['everyMs'] as number,
    untilMs: burst['untilMs'] as number,
    pooled: burst['pooled'] === true,
  };
}

function mistakesIn(check: unknown, place: string): readonly Mistake[] {
  if (!isObject(check)) return [{ place, got: shown(check), want: 'a check' }];
  const rules: readonly [string, boolean, string][] = [
    ['id', isName(check['id']), 'a text of 1 to 256 characters'],
    ['name', isName(check['name']), 'a text of 1 to 256 characters'],
    ['kind', kinds.has(check['kind']), `one of ${[...kinds].join(', ')}`],
    ['everyMs', isBetween(check['everyMs'], 1, 86_400_000), 'milliseconds, more than 0'],
    ['timeoutMs', isBetween(check['timeoutMs'], 1, 86_400_000), 'milliseconds, more than 0'],
    ['vantages', check['vantages'] === undefined || isNamesOrNull(check['vantages']), 'an array of names, or null'],
  ];
  const wrong = rules.filter(([, holds]) => !holds);
  return wrong.map(([key, , want]) => ({ place: `${place}.${key}`, got: shown(check[key]), want }));
}

function completed(check: Fields): Check {
  return { target: '', region: null, entry: null, vantages: null, ...check } as unknown as Check;
}

export function readAnnotation(body: unknown, nowMs: number): Annotation {
  const annotation = objectOf(body, 'an annotation');
  const { text, drill = null, atMs = nowMs } = annotation as { text?: unknown; drill?: unknown; atMs?: unknown };
  if (typeof text !== 'string' || text === '' || text.length > 4_096) {
    throw badRequest(`text: got ${shown(text)}, want 1 to 4,096 characters`, 'say what happened');
  }
  if (drill !== null && !isName(drill))
    throw badRequest(`drill: got ${shown(drill)}, want the id of a drill, or null`, 'leave it out');
  if (!isTime(atMs))
    throw badRequest(
      `atMs: got ${shown(atMs)}, want epoch milliseconds, ${yearsWanted}`,
      'without it the present is meant',
    );
  return { atMs, text, drill };
}

function isNamesOrNull(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.every(isName));
}
