import { type Clock, sleep } from '../../contract/clock.ts';
import type { DrillReport } from '../../contract/drill.ts';
import type { Fleet } from '../aggregator-client.ts';
import { type Cluster, drillOfLease, leaseNameOf, type WorkloadState, workloadName } from '../cluster.ts';
import { watchLease } from '../runner/lease-watch.ts';
import { sentenceOf } from '../trouble.ts';

/** A runner announces its drill at least this often. */
export const announceEveryMs = 1_000;

export type OpenDrillSources = {
  readonly clusters: readonly Cluster[];
  readonly fleet: Fleet;
  /** The workloads at stake. */
  readonly workloads: readonly WorkloadState[];
};

/** What an observation calls its fault: nothing is broken by it, and it stands in nobody's way. */
export const observed = 'observed';

/** A drill that is not over, by what its runner announced. */
export function isRunning({ status, fault }: DrillReport): boolean {
  return status === 'running' && fault !== observed;
}

/** Other drills that are not over, a sentence each; and where that cannot be known, why. */
export async function openDrills(from: OpenDrillSources, clock: Clock, signal: AbortSignal): Promise<string[]> {
  const found = await Promise.all([
    ...from.clusters.map((cluster) => liveLeases(cluster, clock, signal)),
    runningDrills(from, clock, signal),
  ]);
  const marked = from.workloads.flatMap(({ workload, mark }) =>
    mark === null || mark.state === 'restored'
      ? []
      : [`drill ${mark.drill} left ${workloadName(workload)} marked ${mark.state}`],
  );
  return [...found.flat(), ...marked];
}

/** An expired Lease blocks nobody: only one that changes while it is watched for its duration. */
async function liveLeases(cluster: Cluster, clock: Clock, signal: AbortSignal): Promise<string[]> {
  try {
    const leases = await cluster.leases(signal);
    const fates = await Promise.all(leases.map((lease) => watchLease(cluster, lease, clock, signal)));
    return fates.flatMap((fate) =>
      fate.kind === 'live'
        ? [`drill ${drillOfLease(fate.lease.name)} holds a live Lease in ${cluster.context} (${fate.lease.holder})`]
        : [],
    );
  } catch (error) {
    signal.throwIfAborted();
    return [`the Leases in ${cluster.context} cannot be read: ${sentenceOf(error)}`];
  }
}

/**
 * Drills that the aggregator takes to be running and that have no Lease to tell: one between its announcement and its
 * Lease says so every second, one whose runner died has fallen silent.
 */
async function runningDrills(from: OpenDrillSources, clock: Clock, signal: AbortSignal): Promise<string[]> {
  const running = async (): Promise<ReadonlyMap<string, number | undefined>> => {
    const { drills } = await from.fleet.drills(signal);
    return new Map(drills.filter(isRunning).map(({ id, aliveAtMs }) => [id, aliveAtMs]));
  };
  const before = await running();
  if (before.size === 0) return [];
  const leased = new Set<string>();
  for (const cluster of from.clusters) {
    for (const { name } of await cluster.leases(signal).catch(() => [])) leased.add(name);
  }
  await sleep(clock, 3 * announceEveryMs, signal);
  const after = await running();
  return [...before]
    .filter(([id, atMs]) => !leased.has(leaseNameOf(id)) && after.has(id) && after.get(id) !== atMs)
    .map(([id]) => `drill ${id} is running, says the aggregator`);
}
