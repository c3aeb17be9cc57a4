/** The dead-man's switch of a drill: watches its runner from inside the cluster, and mends when it falls silent. */
import { sleep } from '../contract/clock.ts';
import { type LeaseState, leaseNameOf } from './cluster.ts';
import type { ScaleUndo } from './faults/scale-to-zero.ts';
import { statesOf } from './recover/put-back.ts';
import { restorerHolder } from './restorer/holder.ts';
import { mend, takeAndMend } from './restorer/mend.ts';
import type { RestorerDeps, RestorerEnd } from './restorer/types.ts';
import { undoIn } from './restorer/undo-record.ts';
import { lookEveryMs, watchOver } from './restorer/watch.ts';
import { sentenceOf } from './trouble.ts';

export type { RestorerDeps, RestorerEnd } from './restorer/types.ts';

/**
 * Watches over a drill until there is nothing to watch any more. Rejects with the signal's reason, and with nothing
 * else: what goes wrong with the cluster is tried again for ever. Leaves the marks at `restored`, the Lease and its own
 * objects for the runner or `recover` to sweep.
 */
export async function runRestorer(drill: string, deps: RestorerDeps): Promise<RestorerEnd> {
  const name = leaseNameOf(drill);
  const holder = restorerHolder(deps.instance);
  let last: LeaseState | null = null;
  for (;;) {
    const seen = await watchOver(name, holder, deps, (lease) => {
      last = lease;
    });
    const undo = undoIn(last);
    if (undo === null) return { kind: 'unknown', because: unknownBecause(name, last) };
    const end =
      seen.kind === 'gone' ? await whenGone(name, undo, last, deps) : await takeAndMend(seen.lease, holder, undo, deps);
    if (end !== null) return end;
  }
}

function unknownBecause(name: string, lease: LeaseState | null): string {
  return lease === null
    ? `there is no Lease ${name}: what it would have to mend is not known`
    : `Lease ${name} has no undo record that this version can read`;
}

/**
 * A Lease that goes at the end of a drill leaves no marks. Where some are left its holder has the time of one duration
 * to make it anew; then it is mended without. `null`: it is back.
 */
async function whenGone(
  name: string,
  undo: ScaleUndo,
  last: LeaseState | null,
  deps: RestorerDeps,
): Promise<RestorerEnd | null> {
  const { cluster, clock, signal, message } = deps;
  const everyMs = lookEveryMs(last);
  const untilMs = clock.nowMs() + Math.max(1_000, last?.durationMs ?? 0);
  for (;;) {
    signal.throwIfAborted();
    try {
      const states = await statesOf(undo, cluster, signal);
      const open = states.filter(({ mark }) => mark?.drill === undo.drill && mark.state !== 'restored');
      if (open.length === 0) return { kind: 'over', because: `Lease ${name} is gone, and no mark is left to mend` };
      if ((await cluster.lease(name, signal)) !== null) return null;
      if (clock.nowMs() >= untilMs) break;
    } catch (error) {
      signal.throwIfAborted();
      message(`the cluster is asked again: ${sentenceOf(error)}`);
    }
    await sleep(clock, everyMs, signal);
  }
  message(`Lease ${name} is gone, and marks of drill ${undo.drill} are left: mending without it`);
  return mend(undo, { ...deps, lease: null, because: 'its Lease was gone, and its marks were left' });
}
