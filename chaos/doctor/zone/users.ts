/** Whom answers are given to: the users of each region, residents that a rule speaks of, and the rest of the world. */
import { type Place, regionsWithin, residencyRuleFor, type Scenario } from '../../../scenarios/scenario.ts';
import { continentOf } from '../../../zone/continents.ts';
import type { ClientLocation, Continent } from '../../../zone/records.ts';

export type Users = {
  /** `users of us-east-1 (toronto)`, `users in DE`. */
  readonly who: string;
  /** The region whose users they are; `null`: the scenario does not tell. */
  readonly home: string | null;
  /** Of all, 0 to 1; `null`: the scenario does not tell how many there are. */
  readonly share: number | null;
  readonly client: ClientLocation;
  /** Regions that may serve them; `null`: any. */
  readonly allowed: readonly string[] | null;
};

const continents: readonly Continent[] = ['AF', 'AS', 'EU', 'NA', 'OC', 'SA'];
const continentNames: { readonly [C in Continent]: string } = {
  AF: 'Africa',
  AN: 'Antarctica',
  AS: 'Asia',
  EU: 'Europe',
  NA: 'North America',
  OC: 'Oceania',
  SA: 'South America',
};

/** All of whom the scenario tells a share. */
export function homeUsers(scenario: Scenario): readonly Users[] {
  const inhabited = Object.entries(scenario.regions).filter(([, { share }]) => share > 0);
  return inhabited.map(([region, { share, place: name }]) => {
    const place = name === null ? undefined : scenario.places[name];
    return {
      who: `users of ${region}${name === null ? '' : ` (${name})`}`,
      home: region,
      share: share / 100,
      client: clientAt(place, region),
      allowed: place === undefined ? null : allowedFor(scenario, place.country),
    };
  });
}

/** One of each country that a residency rule speaks of. */
export function residents(scenario: Scenario): readonly Users[] {
  const countries = new Set(scenario.residency.flatMap((rule) => (rule.servedIn === null ? [] : rule.countries)));
  return [...countries].map((country) => ({
    who: `users in ${country}`,
    home: null,
    share: null,
    client: { continent: continentOf(country), country, subdivision: null, latencyMs: nearest(scenario, country) },
    allowed: allowedFor(scenario, country),
  }));
}

/** Of each part of the world, in a country that no record names. */
export function everybodyElse(): readonly Users[] {
  return continents.map((continent) => ({
    who: `users in ${continentNames[continent]}`,
    home: null,
    share: null,
    client: { continent, country: null, subdivision: null, latencyMs: {} },
    allowed: null,
  }));
}

/** The users of a place that a check asks for. */
export function usersAt(scenario: Scenario, name: string): Users {
  const place = scenario.places[name];
  return {
    who: `users in ${name}`,
    home: null,
    share: null,
    client: clientAt(place, null),
    allowed: place === undefined ? null : allowedFor(scenario, place.country),
  };
}

function clientAt(place: Place | undefined, region: string | null): ClientLocation {
  return {
    continent: (place?.continent ?? null) as Continent | null,
    country: place?.country ?? null,
    subdivision: null,
    // Nobody is nearer to another region than to their own: more than that is not known.
    latencyMs: region === null ? {} : { [region]: 1 },
  };
}

/** Residents are taken to be nearest to where they may be served. */
function nearest(scenario: Scenario, country: string): Readonly<Record<string, number>> {
  return Object.fromEntries((allowedFor(scenario, country) ?? []).map((region) => [region, 1]));
}

function allowedFor(scenario: Scenario, country: string): readonly string[] | null {
  const servedIn = residencyRuleFor(scenario, country)?.servedIn ?? null;
  return servedIn === null ? null : regionsWithin(scenario, servedIn);
}
