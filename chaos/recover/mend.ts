import type { Clock } from '../../contract/clock.ts';
import { sleep } from '../../contract/clock.ts';
import type { Account } from '../account.ts';
import { type Cluster, drillOfLease, type LeaseState, leaseNameOf } from '../cluster.ts';
import type { FaultDeps, Remains } from '../fault.ts';
import { kindOf } from '../faults.ts';
import { isRestorer } from '../restorer/holder.ts';
import { removeRestorer } from '../restorer/parts.ts';
import { createLease, type HeldLease, takeLease } from '../runner/lease.ts';
import { type LeaseFate, watchLease } from '../runner/lease-watch.ts';
import { sentenceOf, Trouble } from '../trouble.ts';
import type { OpenDrill } from './find.ts';
import { type Mender, menderOf } from './mender.ts';

/** How one open drill came out. */
export type Mended =
  /**
   * `touched`: something may have been taken away. `changed`: replicas had to be put back. `left`: a Lease or a restorer
   * that could not be removed; nobody is hurt by it.
   */
  | {
      readonly kind: 'mended';
      readonly drill: string;
      readonly touched: boolean;
      readonly changed: boolean;
      readonly notes: readonly string[];
      readonly left: readonly string[];
    }
  /** A live runner, or another `recover`, holds it. */
  | { readonly kind: 'held'; readonly drill: string; readonly holder: string }
  /** It ended while it was being looked at. */
  | { readonly kind: 'ended'; readonly drill: string }
  | { readonly kind: 'not-restored'; readonly drill: string; readonly left: readonly string[] };

export type MendDeps = {
  readonly clock: Clock;
  readonly account?: Account;
  /** Who we are on the Lease: one name for each process. */
  readonly holder: string;
  readonly message: (text: string) => void;
  readonly switchboard: FaultDeps['switchboard'];
};

const attempts = 5;
/** A restorer that has taken over is waited for: it has a few calls to make, and then leaves the rest to whoever sweeps. */
const restorerWithinMs = 60_000;
/** For a drill whose Lease is gone; long enough for a few calls. */
const leaseMs = 15_000;

/**
 * Mends what a dead runner left: watches its Lease for its whole duration, takes it over, writes `restoring` everywhere,
 * puts back, verifies, sweeps restorer and all, and deletes the Lease last. Harmless beside a live runner and beside another of its kind.
 */
export async function mend(open: OpenDrill, deps: MendDeps, signal: AbortSignal): Promise<Mended> {
  const { drill } = open;
  const claim = await claimOf(open, deps, signal);
  if ('kind' in claim) return claim;
  const { lease } = claim;
  try {
    const done = await putBackAll(open, lease, deps, signal);
    if (done.left.length > 0) {
      lease.abandon();
      return { kind: 'not-restored', drill, left: done.left };
    }
    const left = await sweep(open, lease, deps, signal);
    const touched = open.touched || done.changed;
    return { kind: 'mended', drill, touched, changed: done.changed, notes: done.notes, left };
  } catch (error) {
    lease.abandon();
    const { reason } = lease.lost;
    if (lease.lost.aborted) return { kind: 'held', drill, holder: sentenceOf(reason) };
    return { kind: 'not-restored', drill, left: [`in ${open.cluster.context}: ${sentenceOf(error)}`] };
  }
}

const releases = 5;

/** The restorer, and the Lease last. All is back as it was by now: what stays is named, and keeps nobody from a drill. */
async function sweep(
  { drill, cluster, undo }: OpenDrill,
  lease: HeldLease,
  { clock }: MendDeps,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const left =
    kindOf(undo.fault).undo === 'cluster'
      ? await removeRestorer(cluster, { name: leaseNameOf(drill), tells: false }, clock, signal)
      : [];
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (await lease.release(signal)) return left;
      return lease.lost.aborted ? left : [...left, `Lease ${lease.name} in ${cluster.context} changes all the time`];
    } catch (error) {
      signal.throwIfAborted();
      const because = `it could not be deleted: ${sentenceOf(error)}`;
      if (attempt === releases) return [...left, `Lease ${lease.name} in ${cluster.context}: ${because}`];
      await sleep(clock, 500 * attempt, signal);
    }
  }
}

async function claimOf(
  { drill, cluster, lease }: OpenDrill,
  { clock, holder, message }: MendDeps,
  signal: AbortSignal,
): Promise<{ readonly lease: HeldLease } | Mended> {
  if (lease === null) return newClaim(cluster, { drill, holder, durationMs: leaseMs }, clock, signal);
  message(
    `watching Lease ${lease.name} in ${cluster.context} for ${lease.durationMs / 1_000} s: does its holder live?`,
  );
  const fate = await watchUntilMended(cluster, lease, { clock, message }, signal);
  if (fate.kind === 'live') return { kind: 'held', drill, holder: fate.lease.holder };
  if (fate.kind === 'gone') return { kind: 'ended', drill };
  const taken = await takeLease(cluster, fate.lease, holder, { clock, signal });
  if (taken !== null) return { lease: taken };
  const now = await cluster.lease(lease.name, signal);
  return now === null ? { kind: 'ended', drill } : { kind: 'held', drill, holder: now.holder };
}

/** As `watchLease`; a drill's own restorer that mends is no rival: it ends, and falls silent. */
async function watchUntilMended(
  cluster: Cluster,
  lease: LeaseState,
  { clock, message }: Pick<MendDeps, 'clock' | 'message'>,
  signal: AbortSignal,
): Promise<LeaseFate> {
  const untilMs = clock.nowMs() + restorerWithinMs;
  let fate = await watchLease(cluster, lease, clock, signal);
  if (fate.kind === 'live' && isRestorer(fate.lease.holder)) {
    message(`${fate.lease.holder} of drill ${drillOfLease(lease.name)} mends: waiting until it is done`);
  }
  while (fate.kind === 'live' && isRestorer(fate.lease.holder) && clock.nowMs() < untilMs) {
    fate = await watchLease(cluster, fate.lease, clock, signal);
  }
  return fate;
}

/** Without a Lease there is nothing to watch; making one keeps others out, and a live runner from writing. */
async function newClaim(
  cluster: Cluster,
  claim: Parameters<typeof createLease>[1],
  clock: Clock,
  signal: AbortSignal,
): Promise<{ readonly lease: HeldLease } | Mended> {
  try {
    return { lease: await createLease(cluster, claim, clock, signal) };
  } catch (error) {
    if (!(error instanceof Trouble && error.kind === 'taken')) throw error;
    const now = await cluster.lease(leaseNameOf(claim.drill), signal);
    return now === null
      ? { kind: 'ended', drill: claim.drill }
      : { kind: 'held', drill: claim.drill, holder: now.holder };
  }
}

/** Tries again what fails: a conflict, an API server that is away for a moment. */
async function putBackAll(
  open: OpenDrill,
  lease: HeldLease,
  deps: MendDeps,
  signal: AbortSignal,
): Promise<Remains & { readonly changed: boolean }> {
  const { clock, message } = deps;
  const mender: Mender = menderOf(open, lease, deps);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const remains = await mender.putBack(signal);
      // What is still wrong keeps its undo record, so that it is found again.
      if (remains.left.length === 0) await mender.disarm(signal);
      return { ...remains, changed: mender.changed() };
    } catch (error) {
      if (attempt === attempts || lease.lost.aborted || signal.aborted) throw error;
      message(`mending ${open.drill} is tried again: ${sentenceOf(error)}`);
      await sleep(clock, 500 * attempt, signal);
    }
  }
}
