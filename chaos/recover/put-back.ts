import type { Clock } from '../../contract/clock.ts';
import { within } from '../../contract/deadline.ts';
import { type Cluster, type WorkloadState, workloadName } from '../cluster.ts';
import type { Remains } from '../fault.ts';
import { type ScaleUndo, scaledAgain } from '../faults/scale-to-zero.ts';
import { Trouble } from '../trouble.ts';

export type Mending = {
  readonly undo: ScaleUndo;
  /** As one may write to it who holds the drill's Lease. */
  readonly cluster: Cluster;
  /** What the Event on each workload says; `null`: none is written. */
  readonly says: (replicas: number) => string | null;
};

export const attemptLimitMs = 30_000;

/** A cluster that notes whether replicas were written through it, also by an attempt that failed later. */
export function noting(cluster: Cluster): { readonly cluster: Cluster; changed(): boolean } {
  let changed = false;
  return {
    cluster: {
      ...cluster,
      async scale(at, replicas, signal) {
        const written = await cluster.scale(at, replicas, signal);
        changed ||= written.written;
        return written;
      },
    },
    changed: () => changed,
  };
}

/**
 * One attempt at mending a drill: `restoring` on every workload, then reads, puts back, writes `restored`, says so in an
 * Event, and looks at what is left.
 */
export async function putBack(mending: Mending, clock: Clock, signal: AbortSignal): Promise<Remains> {
  const { undo, cluster } = mending;
  const settled = await restoredBefore(undo, cluster, signal);
  const fault = scaledAgain(undo, cluster, clock);
  await within(clock, attemptLimitMs, signal, (inner) => fault.restore(undo, inner));
  const workloads = undo.workloads.filter((workload) => !settled.has(workloadName(workload)));
  const remains = await fault.remains({ ...undo, workloads }, signal);
  await tell({ ...mending, undo: { ...undo, workloads } }, signal);
  return remains;
}

/** Workloads that were mended before: what a person has done to them since is that person's business. */
async function restoredBefore(undo: ScaleUndo, cluster: Cluster, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const { workload, mark } of await statesOf(undo, cluster, signal)) {
    if (mark?.drill === undo.drill && mark.state === 'restored') names.add(workloadName(workload));
  }
  return names;
}

/** The workloads of a drill as they are; those that are gone left out. */
export async function statesOf(
  undo: ScaleUndo,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<readonly WorkloadState[]> {
  const states: WorkloadState[] = [];
  for (const workload of undo.workloads) {
    try {
      states.push(await cluster.workload(workload, signal));
    } catch (error) {
      if (!(error instanceof Trouble && error.kind === 'missing')) throw error;
    }
  }
  return states;
}

/** So that people who look at the cluster see who did it. Events are a courtesy: without the right to write them it goes on. */
async function tell({ undo, cluster, says }: Mending, signal: AbortSignal): Promise<void> {
  for (const at of await statesOf(undo, cluster, signal)) {
    if (at.mark?.drill !== undo.drill) continue;
    const message = says(at.replicas);
    if (message !== null) await cluster.tell(at, 'BlackstartRestored', message, signal).catch(() => undefined);
  }
}
