/** Where the users of an entry name are led: of one world, name and type of address. */
import { possibleAnswers } from '../../../zone/answer.ts';
import { type AddressType, type Entry, regionOf, type Surroundings } from './facts.ts';
import { type Way, waysOf } from './tree.ts';
import type { Users } from './users.ts';
import { type World, withTargets } from './worlds.ts';

/** One of the places that some users are led to; the shares of theirs add up to 1. */
export type Led = {
  /** `null`: to no region of the scenario. */
  readonly region: string | null;
  readonly values: readonly string[];
  /** Of these users. */
  readonly part: number;
};

export type Outcome = {
  readonly entry: Entry;
  readonly type: AddressType;
  readonly world: World;
  readonly users: Users;
  readonly led: readonly Led[];
  /** The part that gets no answer at all. */
  readonly unanswered: number;
  ways(): readonly Way[];
};

export type Asking = {
  readonly entry: Entry;
  readonly type: AddressType;
  readonly world: World;
  readonly users: Users;
};

export function outcomeOf({ entry, type, world, users }: Asking, around: Surroundings): Outcome {
  const zone = withTargets(entry.zone);
  const question = { name: entry.name, type };
  const answers = possibleAnswers(zone, question, users.client, world.healthy);
  const led = new Map<string, Led>();
  let unanswered = answers.length === 0 ? 1 : 0;
  for (const { values, probability } of answers) {
    if (values.length === 0) unanswered += probability;
    for (const value of values) {
      // Of several addresses a client takes one: any is as likely.
      const region = regionOf(value, around.places) ?? null;
      const key = region ?? `stray ${value}`;
      const before = led.get(key);
      led.set(key, {
        region,
        values: [...new Set([...(before?.values ?? []), value])],
        part: (before?.part ?? 0) + probability / values.length,
      });
    }
  }
  const asked = { zone, type, client: users.client, healthy: world.healthy };
  return { entry, type, world, users, led: [...led.values()], unanswered, ways: () => waysOf(entry.name, asked) };
}

export function partIn(outcome: Outcome, region: string): number {
  return outcome.led.filter((one) => one.region === region).reduce((sum, { part }) => sum + part, 0);
}

/** Whether some of the name's answers are of this type at all. */
export function hasType({ zone, name }: Entry, type: AddressType): boolean {
  return zone.records.some((record) => record.name === name && (record.type === type || record.type === 'CNAME'));
}

/** The share of all users, added up; `null` where the scenario tells of none how many they are. */
export function shareOf(parts: readonly { readonly users: Users; readonly part: number }[]): number | null {
  const known = parts.flatMap(({ users, part }) => (users.share === null ? [] : [users.share * part]));
  return known.length === 0 ? null : known.reduce((sum, share) => sum + share, 0);
}
