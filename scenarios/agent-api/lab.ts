import { groups } from '../countries.ts';
import type { LabPlan, LabRegion, Population, Profile } from '../world.ts';
import { names, type RegionName, regions, zoneName } from './design.ts';
import { places } from './geography.ts';
import { zoneOf } from './zone.ts';

/**
 * Round trips in milliseconds. A fresh request takes three: at 15, 45 and 55 ms the design's 50, 150 and 180 ms for a
 * region's own users. Before there were three regions, users in Europe and Asia had 800 and 1,200 ms from us-east-1:
 * 265 and 395 ms a round trip. What the design does not say is as between the cities.
 */
const roundTripMs: Readonly<Record<RegionName, Readonly<Record<string, number>>>> = {
  'us-east-1': { toronto: 15, frankfurt: 265, mumbai: 395, 'new-york': 10, london: 255, singapore: 390 },
  'eu-west-1': { toronto: 85, frankfurt: 45, mumbai: 150, 'new-york': 75, london: 35, singapore: 170 },
  'ap-southeast-1': { toronto: 220, frankfurt: 165, mumbai: 55, 'new-york': 230, london: 170, singapore: 5 },
};
/** Means. With the round trips they give the design's p95 of a whole fresh request. */
const serviceMs: Readonly<Record<RegionName, number>> = { 'us-east-1': 1, 'eu-west-1': 5, 'ap-southeast-1': 5 };

/** The design does not say; databases that replicate between continents take about so long. */
const replicationLagMs = 1_000;

export function labPlan(profile: Profile): LabPlan {
  return {
    zoneName,
    regions: {
      'us-east-1': labRegion('us-east-1'),
      'eu-west-1': labRegion('eu-west-1'),
      'ap-southeast-1': labRegion('ap-southeast-1'),
    },
    places,
    zone: (at) => zoneOf(at, profile),
    guard: Object.fromEntries([...(groups['EU'] ?? []), 'GB'].map((country) => [country, ['EU']])),
    replicationLagMs: replicationLagMs / profile.factor,
    populations,
    names,
  };
}

function labRegion(region: RegionName): LabRegion {
  const { jurisdiction, apiPods, workerPods, place } = regions[region];
  const workloads = { 'agent-api': apiPods, 'agent-worker': workerPods };
  return {
    jurisdiction,
    workloads,
    serving: 'agent-api',
    place,
    roundTripMs: roundTripMs[region],
    serviceMs: serviceMs[region],
  };
}

/**
 * About 25 requests a second. Those on the entry name follow the regions' shares; those on `global.` are as many in each
 * place, so that no resolver's answers count more than another's, and from countries that no residency rule names.
 */
const populations: readonly Population[] = [
  { country: 'US', place: 'toronto', hostname: names.entry, count: 12, requestEveryMs: 2_000 },
  { country: 'DE', place: 'frankfurt', hostname: names.entry, count: 6, requestEveryMs: 2_000 },
  { country: 'IN', place: 'mumbai', hostname: names.entry, count: 2, requestEveryMs: 2_000 },
  { country: 'BR', place: 'toronto', hostname: names.global, count: 10, requestEveryMs: 2_000 },
  { country: 'CH', place: 'frankfurt', hostname: names.global, count: 10, requestEveryMs: 2_000 },
  { country: 'AU', place: 'mumbai', hostname: names.global, count: 10, requestEveryMs: 2_000 },
];
