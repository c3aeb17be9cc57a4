/** Mending an open drill of whatever kind, as whoever holds its Lease. */
import type { Clock } from '../../contract/clock.ts';
import { within } from '../../contract/deadline.ts';
import type { FaultDeps, Remains } from '../fault.ts';
import { type ScaleUndo, scaledAgain } from '../faults/scale-to-zero.ts';
import { faultAgain, scaleUndoIn } from '../faults.ts';
import { fenced } from '../runner/fenced.ts';
import type { HeldLease } from '../runner/lease.ts';
import type { OpenDrill } from './find.ts';
import { attemptLimitMs, noting, putBack } from './put-back.ts';

export type Mender = {
  /** One attempt, and what it left. */
  putBack(signal: AbortSignal): Promise<Remains>;
  disarm(signal: AbortSignal): Promise<void>;
  /** Whether anything had to be put back, also by an attempt that failed later. */
  changed(): boolean;
};

export type MenderDeps = Pick<FaultDeps, 'clock' | 'switchboard' | 'account'>;

export function menderOf(open: OpenDrill, lease: HeldLease, deps: MenderDeps): Mender {
  const scaled = scaleUndoIn(open.undo);
  return scaled === null ? elsewhere(open, lease, deps) : onWorkloads(open, scaled, lease, deps.clock);
}

function onWorkloads({ drill, cluster }: OpenDrill, undo: ScaleUndo, lease: HeldLease, clock: Clock): Mender {
  const noted = noting(fenced(cluster, lease));
  const says = (replicas: number): string | null =>
    noted.changed() ? `drill ${drill} was not over and nobody held it: ${replicas} replicas are back` : null;
  return {
    putBack: (signal) => putBack({ undo, cluster: noted.cluster, says }, clock, signal),
    disarm: (signal) => scaledAgain(undo, noted.cluster, clock).disarm(undo, signal),
    changed: noted.changed,
  };
}

function elsewhere({ drill, undo }: OpenDrill, lease: HeldLease, deps: MenderDeps): Mender {
  let changed = false;
  const { ensure } = lease;
  const leaseMs = mendingLeaseMs;
  const { clock, switchboard, account } = deps;
  const reached = { clock, switchboard, ...(account === undefined ? {} : { account }) };
  const fault = faultAgain(undo, { ...reached, drill, workloads: null, suspensions: [], ensure, leaseMs });
  return {
    async putBack(signal) {
      const called = await within(deps.clock, attemptLimitMs, signal, (inner) => fault.restore(undo, inner));
      changed ||= called !== null;
      return fault.remains(undo, signal);
    },
    disarm: (signal) => fault.disarm(undo, signal),
    changed: () => changed,
  };
}

/** For whoever mends: a few calls. */
const mendingLeaseMs = 15_000;
