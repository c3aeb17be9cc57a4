/** The conditions themselves. Each returns one sentence with its numbers, or `null` while the drill may go on. */
import type { DrillPhase } from '../../contract/drill.ts';
import { formatMs } from '../../contract/units.ts';
import { regionItself } from '../control-plane.ts';
import { healthyRounds } from '../guard/rules.ts';
import type { StopFacts, StopName } from './facts.ts';

type Condition = (facts: StopFacts) => string | null;

/** A restorer beats four times in the Lease's duration. */
const restorerDurations = 3;
const leastRestorerMs = 10_000;

function restorerLimitMs(leaseMs: number): number {
  return Math.max(leastRestorerMs, restorerDurations * leaseMs);
}

/** Once restoring has begun, these change nothing any more. */
const untilRestored: ReadonlySet<DrillPhase> = new Set(['baseline', 'injecting', 'failing-over', 'holding']);
const whileDark: ReadonlySet<DrillPhase> = new Set(['failing-over', 'holding']);

function during(phases: ReadonlySet<DrillPhase>, condition: Condition): Condition {
  return (facts) => (phases.has(facts.phase) ? condition(facts) : null);
}

export const conditions: { readonly [N in StopName]: Condition } = {
  'stop.interrupted': ({ interrupted }) => (interrupted ? 'interrupted' : null),
  'stop.lease-lost': ({ lease }) => lease?.lost ?? null,
  'stop.asked': ({ lease }) => (lease?.asked == null ? null : `stopped from outside: ${lease.asked}`),
  'stop.by-hand': during(untilRestored, ({ byHand }) => byHand),
  'stop.residency-leak': during(whileDark, ({ leak }) => leak),
  'stop.second-region': during(whileDark, secondRegion),
  'stop.replicas-changed': during(whileDark, ({ replicas }) => replicas),
  'stop.fault-ended': during(untilRestored, ({ ended }) => ended),
  'stop.burn': during(whileDark, burnt),
  'stop.restorer-silent': during(untilRestored, restorerSilent),
  'stop.cluster-lost': clusterLost,
  'stop.fleet-lost': fleetLost,
  'stop.deadline': during(whileDark, deadlinePassed),
  'stop.journal': ({ journal }) => journal,
};

function secondRegion({ region, regions }: StopFacts): string | null {
  const sick = regions.filter(
    ({ name, rounds }) =>
      name !== region && rounds.length >= healthyRounds && !rounds.slice(0, healthyRounds).some(Boolean),
  );
  if (sick.length === 0) return null;
  const names = [...new Set(sick.map(({ name }) => name))];
  const reason = sick.find(({ because }) => because !== null)?.because ?? 'no reason was given';
  return `a second region degrades: ${names.join(', ')} was unwell at most vantages in its last ${healthyRounds} rounds (${reason})`;
}

function burnt({ burns }: StopFacts): string | null {
  const [worst] = burns.filter(({ leastBurn, limit }) => leastBurn > limit).sort((a, b) => b.leastBurn - a.leastBurn);
  if (worst === undefined) return null;
  const { objective, measuredBurn, leastBurn, limit, good, bad, overMs } = worst;
  return `objective ${objective} burns ${measuredBurn.toFixed(1)} times what its target allows, at least ${leastBurn.toFixed(1)}, limit ${limit}: ${bad} of ${good + bad} samples bad in the last ${formatMs(overMs)} of the drill`;
}

function restorerSilent({ lease }: StopFacts): string | null {
  if (lease?.restorerSilentForMs == null) return null;
  const limitMs = restorerLimitMs(lease.durationMs);
  if (lease.restorerSilentForMs <= limitMs) return null;
  return `the restorer has fallen silent: no beat for ${seconds(lease.restorerSilentForMs)}, limit ${seconds(limitMs)}; nobody would mend if this runner died`;
}

function clusterLost({ lease, phase, region, own }: StopFacts): string | null {
  if (lease === null || lease.silentForMs <= lease.durationMs) return null;
  const isDark = whileDark.has(phase) || phase === 'restoring';
  const itself = isDark ? `region ${region} is at zero, so its checks say nothing of it` : regionItself(region, own);
  return `contact with the cluster is lost: the Lease could not be renewed for ${seconds(lease.silentForMs)}, limit ${seconds(lease.durationMs)}; ${itself}`;
}

function fleetLost({ fleetSilentForMs, fleetLimitMs }: StopFacts): string | null {
  if (fleetSilentForMs <= fleetLimitMs) return null;
  return `contact with the aggregator is lost: nothing heard for ${seconds(fleetSilentForMs)}, limit ${seconds(fleetLimitMs)}`;
}

function deadlinePassed({ sinceInjectionMs, deadlineMs }: StopFacts): string | null {
  if (sinceInjectionMs === null || sinceInjectionMs <= deadlineMs) return null;
  return `the deadline has passed: ${formatMs(sinceInjectionMs)} since the injection, limit ${formatMs(deadlineMs)}`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
