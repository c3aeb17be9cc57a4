/** What each subject of a switchboard may be set to. */
import { isObject, type Json } from '../../contract/json.ts';
import type { Trouble } from '../region/trouble.ts';
import type { Subject } from './board.ts';

const longestAddedMs = 60_000;

/** Trouble at a door. */
export function doorSubject(trouble: (to: Trouble | null) => void): Subject {
  return {
    refusal: (setting) =>
      troubleIn(setting) === null ? 'want how: latency with addMs, refuse, black-hole or reset' : null,
    apply: (setting) => trouble(troubleIn(setting)),
  };
}

function troubleIn(setting: Json): Trouble | null {
  if (!isObject(setting)) return null;
  const { how, addMs } = setting;
  if (how === 'refuse' || how === 'black-hole' || how === 'reset') return { how };
  if (how !== 'latency' || typeof addMs !== 'number' || !(addMs > 0 && addMs <= longestAddedMs)) return null;
  return { how, addMs };
}

/** A status code for the health check's path. */
export function healthSubject(answer: (status: number | null) => void): Subject {
  const statusIn = (setting: Json): number | null => {
    const status = isObject(setting) ? setting['status'] : null;
    return Number.isInteger(status) && (status as number) >= 400 && (status as number) < 600
      ? (status as number)
      : null;
  };
  return {
    refusal: (setting) => (statusIn(setting) === null ? 'want status, from 400 to 599' : null),
    apply: (setting) => answer(statusIn(setting)),
  };
}

/** Something that is there or not: `{ KEY: false }` takes it away. */
export function presenceSubject(key: string, present: (is: boolean) => void): Subject {
  const isAway = (setting: Json): boolean => isObject(setting) && setting[key] === false;
  return {
    refusal: (setting) => (isAway(setting) ? null : `want ${key}: false`),
    apply: (setting) => present(!isAway(setting)),
  };
}
