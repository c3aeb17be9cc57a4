/** Schedules of drills as `drill serve` announces them. */
import { isObject } from '../../contract/json.ts';
import { describeMistake } from '../../contract/mistake.ts';
import type { Schedules } from '../../contract/schedule.ts';
import { isName, isTime, objectOf, shown, yearsWanted } from './fields.ts';
import { badRequest } from './problem.ts';

const maxSchedules = 200;
const maxDueTimes = 100;

type Test = readonly [key: string, holds: (value: unknown) => boolean, want: string];

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '' && value.length <= 256;
const isInOrder = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length <= maxDueTimes &&
  value.every((one, index) => isTime(one) && (index === 0 || one > (value[index - 1] as number)));

const tests: readonly Test[] = [
  ['name', isName, 'a text of 1 to 256 characters'],
  ['cron', isText, 'a text of 1 to 256 characters'],
  ['timeZone', isText, 'a text of 1 to 256 characters'],
  ['sinceMs', isTime, `epoch milliseconds, ${yearsWanted}`],
  ['dueMs', isInOrder, `at most ${maxDueTimes} times in order, in epoch milliseconds, ${yearsWanted}`],
  ['graceMs', (value) => typeof value === 'number' && value >= 0 && value <= 31 * 86_400_000, 'milliseconds up to 31d'],
  ['last', (value) => value === null || isRun(value), 'null, or { drill, beganMs, status, restored }'],
];

function isRun(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['drill']) &&
    isTime(value['beganMs']) &&
    ['pass', 'fail', 'inconclusive'].includes(String(value['status'])) &&
    typeof value['restored'] === 'boolean'
  );
}

export function readSchedules(body: unknown): Schedules {
  const outer = objectOf(body, 'schedules');
  const { scenario, schedules } = outer;
  const mistakes: string[] = [];
  const note = (place: string, value: unknown, want: string): void =>
    void mistakes.push(describeMistake({ place, got: shown(value), want }));
  if (!isName(scenario)) note('scenario', scenario, 'a text of 1 to 256 characters');
  const items: readonly unknown[] = Array.isArray(schedules) ? schedules : [];
  if (!Array.isArray(schedules) || schedules.length > maxSchedules)
    note('schedules', schedules, `an array of at most ${maxSchedules}`);
  for (const [index, item] of items.slice(0, maxSchedules).entries()) {
    if (!isObject(item)) note(`schedules[${index}]`, item, 'an object');
    else
      for (const [key, holds, want] of tests)
        if (!holds(item[key])) note(`schedules[${index}].${key}`, item[key], want);
  }
  if (mistakes.length > 0) throw badRequest(mistakes.join('; '), 'see Schedules in the API reference');
  return { scenario, schedules: items } as Schedules;
}
