import { type Mistake, Mistakes } from '../../contract/mistake.ts';
import type { LabPlan, LabRegion } from '../../scenarios/world.ts';

/**
 * Who is how far from whom. The lab's geography lies in source addresses: 127.R.x.x is at the place of the R-th region,
 * and any other address (scrapers, a person with curl, health checkers unless they are said to be away) is next to
 * whatever it asks.
 */
export type Distances = {
  /** The place that the address stands for; `null` for one that is at none. */
  placeOf(sourceAddress: string): string | null;
  /** The round trip from there to the region's door, in milliseconds. */
  roundTripMs(region: string, sourceAddress: string): number;
  /** A source address for the n-th user at the place: 127.R.1.1 to 127.R.1.254, and then the same again. */
  userAddress(place: string, index: number): string;
};

const hostsPerPrefix = 254;

/** Each checker has a source address of its own. */
export const checkerAddresses = Array.from({ length: 16 }, (_, index) => `127.15.0.${index + 1}`);

/** The table for these regions, in their order; `Mistakes` when a round trip from a region's place is not given. */
export function distances(
  regions: Readonly<Record<string, LabRegion>>,
  checkers?: LabPlan['checkersRoundTripMs'],
): Distances {
  const places = Object.values(regions).map(({ place }) => place);
  refuseGaps(regions, new Set(places));
  const placeOf = (sourceAddress: string): string | null => {
    const match = /^(?:::ffff:)?127\.(\d{1,3})\./.exec(sourceAddress);
    return places[Number(match?.[1] ?? 0) - 1] ?? null;
  };
  return {
    placeOf,
    roundTripMs(region, sourceAddress) {
      const place = placeOf(sourceAddress);
      const checker = checkerAddresses.indexOf(sourceAddress.replace('::ffff:', ''));
      if (checkers !== undefined && checker >= 0) {
        const [nearest, farthest] = checkers;
        return nearest + ((farthest - nearest) * checker) / (checkerAddresses.length - 1);
      }
      return place === null ? 0 : (regions[region]?.roundTripMs[place] ?? 0);
    },
    userAddress(place, index) {
      const at = places.indexOf(place);
      if (at === -1) throw new Mistakes([{ place: 'population.place', got: place, want: places.join(', ') }]);
      return `127.${at + 1}.1.${1 + (index % hostsPerPrefix)}`;
    },
  };
}

function refuseGaps(regions: Readonly<Record<string, LabRegion>>, places: ReadonlySet<string>): void {
  const mistakes: Mistake[] = [];
  for (const [name, { roundTripMs }] of Object.entries(regions)) {
    for (const place of places) {
      const got = roundTripMs[place];
      if (got === undefined || !(got >= 0)) {
        mistakes.push({ place: `regions.${name}.roundTripMs.${place}`, got: String(got), want: 'milliseconds from 0' });
      }
    }
  }
  if (mistakes.length > 0) throw new Mistakes(mistakes);
}
