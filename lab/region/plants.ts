import type { Plant } from '../../scenarios/world.ts';
import { refusalStatus } from './guard.ts';

/** What is planted in one region, as its parts ask for it. */
export type RegionPlants = {
  readonly addedRoundTripMs: number;
  /** What the door answers without pods. */
  readonly darkStatus: number;
  readonly pathStatus: ReadonlyMap<string, number>;
  readonly missingMetrics: ReadonlySet<string>;
  readonly logSilent: boolean;
  /** What the guard takes this region to be; `null` where it knows. */
  readonly guardJurisdiction: string | null;
  /** Country to the status that refuses its users. */
  readonly guardRefuses: ReadonlyMap<string, number>;
  guardOff(): boolean;
  /** Each record stored here for a user of `country` is copied to the disk of the region `to`. */
  readonly leaks: readonly { readonly country: string; readonly to: string }[];
};

type PlantedHere = Extract<Plant, { readonly region: string }>;

/** Plants for other regions, and those in the zone's records, are passed over. */
export function plantsOf(
  region: string,
  plants: readonly Plant[],
  darkForMs: (region: string) => number,
): RegionPlants {
  const mine = plants.filter((plant): plant is PlantedHere => 'region' in plant && plant.region === region);
  const here = <K extends PlantedHere['kind']>(kind: K) =>
    mine.filter((plant): plant is Extract<PlantedHere, { readonly kind: K }> => plant.kind === kind);
  const off = here('guard-off');
  return {
    addedRoundTripMs: here('round-trip').reduce((sum, plant) => sum + plant.addMs, 0),
    darkStatus: here('door-dark-status')[0]?.status ?? 503,
    pathStatus: new Map(here('path-status').map((plant) => [plant.path, plant.status])),
    missingMetrics: new Set(here('metric-missing').map((plant) => plant.metric)),
    logSilent: here('log-silent').length > 0,
    guardJurisdiction: here('guard-map')[0]?.jurisdiction ?? null,
    guardRefuses: new Map(here('guard-refuses').map((plant) => [plant.country, plant.status ?? refusalStatus])),
    guardOff: () => off.some(({ whileDark, afterMs = 0 }) => whileDark === null || darkForMs(whileDark) > afterMs),
    leaks: plants.filter((plant) => plant.kind === 'leak').filter((plant) => plant.from === region),
  };
}
