/** What metrics read of an announced drill, beyond what its page shows: wrong, it would break every scrape. */
import { isObject } from '../../contract/json.ts';
import { type Fields, isBetween, isName, isTime, yearsWanted } from './fields.ts';

type Rule = [place: string, holds: boolean, want: string];

const maxEntries = 100;
const maxItems = 1_000;
const moment = `{ lowerMs, upperMs }, ${yearsWanted}, or null`;

export function detailRules(drill: Fields): readonly Rule[] {
  return [
    ['t0', isBounds(drill['t0']), moment],
    ['restoreCalled', isBounds(drill['restoreCalled']), moment],
    [
      'entries',
      isListOf(drill['entries'], maxEntries, isEntry),
      `up to ${maxEntries} of { entry, verdict: { status }, failover: { passages } }`,
    ],
    [
      'verified',
      isListOf(drill['verified'], maxItems, isVerified),
      `up to ${maxItems} of { part, name, wanted, found, state }`,
    ],
    ['replicas', isReplicas(drill['replicas']), '{ wanted, ready }, or null'],
    ...['silentFromMs', 'mendedMs'].map(
      (name): Rule => [name, drill[name] === undefined || isTime(drill[name]), `epoch milliseconds, ${yearsWanted}`],
    ),
    [
      'leaseMs',
      drill['leaseMs'] === undefined || isBetween(drill['leaseMs'], 0, 86_400_000),
      'milliseconds, up to a day',
    ],
  ];
}

function isListOf(value: unknown, most: number, isOne: (one: Fields) => boolean): boolean {
  if (value === undefined) return true;
  return Array.isArray(value) && value.length <= most && value.every((one) => isObject(one) && isOne(one));
}

function isEntry({ entry, verdict, failover }: Fields): boolean {
  if (!isName(entry) || !isObject(verdict) || typeof verdict['status'] !== 'string' || !isObject(failover))
    return false;
  const { passages } = failover;
  return passages !== undefined && isListOf(passages, maxItems, isPassage);
}

function isPassage({ vantage, client, main }: Fields): boolean {
  if (typeof vantage !== 'string' || typeof client !== 'string') return false;
  if (main === null) return true;
  if (!isObject(main) || !isObject(main['length'])) return false;
  const { lowerMs, upperMs } = main['length'];
  return typeof lowerMs === 'number' && (upperMs === null || typeof upperMs === 'number');
}

function isVerified({ part, name, state }: Fields): boolean {
  return typeof part === 'string' && typeof name === 'string' && typeof state === 'string';
}

function isReplicas(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return isObject(value) && typeof value['wanted'] === 'number' && typeof value['ready'] === 'number';
}

function isBounds(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return isObject(value) && isTime(value['lowerMs']) && isTime(value['upperMs']);
}
