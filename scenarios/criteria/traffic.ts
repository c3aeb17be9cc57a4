import type { Row } from '../../contract/verdict.ts';
import type { Facts } from '../world.ts';
import { samplesOf } from './exposition.ts';
import { type Finding, fail, inconclusive, pass, percent, row } from './row.ts';
import { type Counts, countsOf, drawsNeeded, renormalised, type Shares, sharesText, testShares } from './shares.ts';

type Design = {
  readonly shares: Shares;
  /** First label of the weighted name, as the service counts it. */
  readonly entry: string;
  /** Places that users of that name are in: each has one resolver, whose answers they share. */
  readonly resolvers: number;
};

/**
 * Draws of the authorities are independent of each other. Users' requests are not: all of a place follow one cached
 * answer for its TTL, and a session stays where it began. So the service's counts are worth no more draws than its
 * users' resolvers made in the time of the samples, and are tested as that many.
 */
export function trafficRow(facts: Facts, design: Design): Row {
  const limit = `${sharesText(design.shares)} within the binomial interval at α = 10⁻⁶`;
  const evidence = ['draws', 'agent_region_requests_total'];
  return row({ id: 'traffic.share', limit, evidence }, judge(facts, design));
}

function judge(facts: Facts, design: Design): Finding {
  const { shares, entry } = design;
  const drawn = testShares(drawsIn(facts), shares);
  const needed = drawsNeeded(shares);
  const [first] = drawn.parts;
  const measured =
    first === undefined ? null : { value: first.value, lower: first.lower, upper: first.upper, unit: 'ratio' };
  const draws = `${drawn.count} draws of the authorities: ${drawn.text}`;
  if (!drawn.holds) return fail(`${draws}; that is not ${sharesText(shares)}`, measured);
  if (drawn.count < needed) return inconclusive(`${draws}; want at least ${needed} draws`, measured);
  const served = servedIn(facts, entry);
  const requests = Object.values(served).reduce((sum, count) => sum + count, 0);
  if (requests === 0) return inconclusive(`${draws}; the service counted no request of a user to ${entry}`, measured);
  const worth = effectiveDraws(facts, design);
  const scaled = Object.entries(served).map(([region, count]) => [region, Math.round((count / requests) * worth)]);
  const counted = testShares(Object.fromEntries(scaled), renormalised(shares, Object.keys(served)));
  const parts = Object.entries(served).map(([region, count]) => `${region} ${percent(count / requests)}`);
  const own = `the service counted ${requests} requests of users (${parts.join(', ')}), worth ${worth} draws`;
  return counted.holds
    ? pass(`${draws}; ${own}`, measured)
    : fail(`${draws}; ${own}; that is not ${sharesText(shares)}`, measured);
}

/** One for each TTL that passed, at each resolver. */
function effectiveDraws(facts: Facts, { resolvers }: Design): number {
  const startsMs = facts.results.map((result) => result.atMs).sort((a, b) => a - b);
  const sampledMs = (startsMs.at(-1) ?? 0) - (startsMs[0] ?? 0);
  return Math.floor((resolvers * sampledMs) / (facts.profile.ttlSeconds * 1_000));
}

function drawsIn(facts: Facts): Counts {
  return countsOf(
    facts.results
      .filter((result) => result.check === 'draws' && result.outcome === 'good')
      .map((result) => result.region ?? 'no region'),
  );
}

/** Requests of users, not of probes, to the name; a region that has no such counter is absent. */
function servedIn(facts: Facts, entry: string): Counts {
  const counts: Record<string, number> = {};
  for (const [region, text] of Object.entries(facts.regionMetrics)) {
    const samples = samplesOf(text, 'agent_region_requests_total');
    if (samples.length === 0) continue;
    counts[region] = samples
      .filter(({ labels }) => labels['entry'] === entry && labels['client'] === 'user')
      .reduce((sum, { value }) => sum + value, 0);
  }
  return counts;
}
