/** Which regions each name leads to, for the lab's truth: told whenever that changes. */
import type { Place } from '../../scenarios/scenario.ts';
import { possibleAnswers } from '../../zone/answer.ts';
import { canonicalName } from '../../zone/names.ts';
import type { Transition } from '../truth.ts';
import type { Locate } from './geography.ts';
import type { View } from './view.ts';

/** The region of one answer, or of drawn answers all that may be drawn, sorted; `null` where nothing leads anywhere. */
export type Led = string | readonly string[] | null;

/** Name to place to where it leads. */
export type Leads = ReadonlyMap<string, ReadonlyMap<string, Led>>;

export type Watched = {
  readonly names: readonly string[];
  readonly places: Readonly<Record<string, Place>>;
  readonly locate: Locate;
  readonly regionOf: (address: string) => string | null;
};

export function leadsOf(view: View, { names, places, locate, regionOf }: Watched): Leads {
  const zone = view.zone();
  return new Map(
    names.map((name) => {
      const group = zone.records.filter((record) => record.name === canonicalName(name));
      const drawn = group.some(({ routing }) => routing.policy === 'weighted' || routing.policy === 'multivalue');
      const byPlace = Object.entries(places).map(([place, { subnet }]): [string, Led] => {
        const possible = possibleAnswers(zone, { name, type: 'A' }, locate(subnet), view.healthy);
        const values = possible.flatMap((one) => (one.probability > 0 ? one.values : []));
        const regions = [...new Set(values.flatMap((value) => regionOf(value) ?? []))].sort();
        return [place, drawn || regions.length > 1 ? regions : (regions[0] ?? null)];
      });
      return [name, new Map(byPlace)];
    }),
  );
}

/** One transition a name where all places changed alike, else one a place. */
export function transitionsBetween(before: Leads, after: Leads, where: string): readonly Transition[] {
  return [...after].flatMap(([name, places]) => {
    const changes = [...places].map(([place, to]) => ({ place, from: before.get(name)?.get(place) ?? null, to }));
    const moved = changes.filter(({ from, to }) => !same(from, to));
    const first = moved[0];
    if (first === undefined) return [];
    const alike = changes.every(({ from, to }) => same(from, first.from) && same(to, first.to));
    const told = alike ? [{ from: first.from, to: first.to }] : moved;
    return told.map(
      (change): Transition => ({ what: 'answer', region: [change.to].flat().join(), where, name, ...change }),
    );
  });
}

function same(a: Led, b: Led): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
