import { sleep } from '../../contract/clock.ts';
import { leaseNameOf } from '../cluster.ts';
import { statesOf } from '../recover/put-back.ts';
import { removeRestorer } from '../restorer/parts.ts';
import { sentenceOf, Trouble } from '../trouble.ts';
import { type HeldLease, takeLease } from './lease.ts';
import { watchLease } from './lease-watch.ts';
import { notifyOf } from './restorer.ts';
import { faultOf, fresh, type Run } from './run.ts';

/** For how long whoever mended may go on holding the Lease, in its durations. */
const patienceDurations = 5;
const leastPatienceMs = 30_000;

/** Who this runner is on its Lease. */
export function holderOf({ prepared }: Pick<Run, 'prepared'>): string {
  return `runner-${prepared.id}`;
}

/** An API server that is away for a moment is no reason to leave anything behind. */
const sweepWithinMs = 60_000;
const pauseMs = 1_000;

/**
 * Takes out of the cluster what the drill put there: annotations, then the restorer, then the Lease. Resolves to what is
 * left, a sentence each. What another has taken over is left to it, until that has ended and is swept too.
 */
export async function sweepCluster(run: Run): Promise<readonly string[]> {
  const { clock } = run.deps;
  const { context } = run.prepared.home;
  const name = leaseNameOf(run.prepared.id);
  const untilMs = clock.nowMs() + sweepWithinMs;
  for (;;) {
    try {
      return await sweepOnce(run, name);
    } catch (error) {
      // The namespace is gone, and all that was in it.
      if (error instanceof Trouble && error.kind === 'missing') {
        run.lease?.abandon();
        return [];
      }
      const isAway = error instanceof Trouble && error.kind === 'unreachable';
      if (!isAway || clock.nowMs() >= untilMs) {
        run.lease?.abandon();
        return [`Lease ${name}, its restorer, or an annotation in ${context}: ${sentenceOf(error)}`];
      }
      await sleep(clock, pauseMs);
    }
  }
}

async function sweepOnce(run: Run, name: string): Promise<readonly string[]> {
  const lease = await ownLease(run, name);
  if (lease === null) return leftWithoutLease(run, name);
  run.lease = lease;
  await faultOf(run).disarm(run.prepared.undo, fresh());
  const { stake, home } = run.prepared;
  const restorer = { name, tells: notifyOf(run) !== null };
  const left = stake === null ? [] : await removeRestorer(stake.cluster, restorer, run.deps.clock, fresh());
  // It goes also when a part of the restorer stays: what belongs to it goes with it.
  if (await lease.release(fresh())) return left;
  return [...left, `Lease ${name} in ${home.context} is another's now`];
}

/** The drill's Lease, taken back if another has mended meanwhile; `null`: it is gone. */
async function ownLease(run: Run, name: string): Promise<HeldLease | null> {
  const { clock } = run.deps;
  const { home } = run.prepared;
  if (run.lease !== null && !run.lease.lost.aborted && (await run.lease.confirm(fresh()))) return run.lease;
  const untilMs = clock.nowMs() + Math.max(leastPatienceMs, patienceDurations * run.options.drill.leaseMs);
  for (;;) {
    const at = await home.lease(name, fresh());
    if (at === null) return null;
    const fate =
      at.holder === holderOf(run)
        ? ({ kind: 'silent', lease: at } as const)
        : await watchLease(home, at, clock, fresh());
    if (fate.kind === 'gone') return null;
    if (fate.kind === 'silent') {
      const taken = await takeLease(home, fate.lease, holderOf(run), { clock, signal: fresh() });
      if (taken !== null) return taken;
    }
    if (clock.nowMs() >= untilMs) throw new Trouble('taken', `Lease ${name} is still held by ${at.holder}`);
  }
}

/** Somebody else has swept, and the Lease goes last. Only looks. */
async function leftWithoutLease(run: Run, name: string): Promise<readonly string[]> {
  const { stake, home, id } = run.prepared;
  const states = stake === null ? [] : await statesOf(stake.undo, stake.cluster, fresh());
  const marked = states.filter(({ mark }) => mark?.drill === id);
  const marks = marked.map(({ workload, mark }) => `the annotation of ${workload.name} says ${mark?.state}`);
  return marks.length === 0 ? [] : [`Lease ${name} in ${home.context} is gone, and ${marks.join(', ')}`];
}
