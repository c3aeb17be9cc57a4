import { sleep } from '../../contract/clock.ts';
import type { LeaseState } from '../cluster.ts';
import type { Remains } from '../fault.ts';
import type { ScaleUndo } from '../faults/scale-to-zero.ts';
import { type Mending, noting, putBack } from '../recover/put-back.ts';
import { fenced } from '../runner/fenced.ts';
import { type HeldLease, takeLease } from '../runner/lease.ts';
import { sentenceOf, Trouble } from '../trouble.ts';
import type { RestorerDeps, RestorerEnd } from './types.ts';

/** A cluster that refuses for so long will go on to: the process ends, and is started again more and more rarely. */
const refusalsBorne = 20;
const firstPauseMs = 250;
const longestPauseMs = 5_000;

/** Takes a silent Lease over and mends under it. `null`: another was faster, or came later; there is reason to look again. */
export async function takeAndMend(
  at: LeaseState,
  holder: string,
  undo: ScaleUndo,
  deps: RestorerDeps,
): Promise<RestorerEnd | null> {
  const { cluster, clock, signal, message } = deps;
  let lease: HeldLease | null;
  try {
    lease = await takeLease(cluster, at, holder, { clock, signal });
  } catch (error) {
    signal.throwIfAborted();
    message(`Lease ${at.name} could not be taken over: ${sentenceOf(error)}`);
    await sleep(clock, firstPauseMs, signal);
    return null;
  }
  if (lease === null) return null;
  message(`${at.holder} has been silent for ${at.durationMs / 1_000} s: mending drill ${undo.drill}`);
  const because = `its runner had been silent for ${at.durationMs / 1_000} s`;
  try {
    return await mend(undo, { ...deps, lease, because });
  } finally {
    lease.abandon();
  }
}

export type MendDeps = RestorerDeps & {
  /** `null`: the Lease is gone, and nobody came to make it anew. */
  readonly lease: HeldLease | null;
  readonly because: string;
};

/** Mends, again and again. Nothing but another's Lease keeps it from that, and a cluster that goes on refusing. */
export async function mend(undo: ScaleUndo, deps: MendDeps): Promise<RestorerEnd | null> {
  const { cluster, clock, lease, message } = deps;
  const noted = noting(lease === null ? cluster : fenced(cluster, lease));
  const mending: Mending = { undo, cluster: noted.cluster, says: (replicas) => said(undo, deps.because, replicas) };
  const unstoppable = new AbortController().signal;
  let refusals = 0;
  deps.notices?.mending();
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, 2 * pauseMs)) {
    try {
      return endOf(await putBack(mending, clock, unstoppable), noted.changed());
    } catch (error) {
      if (lease?.lost.aborted) {
        message(`${sentenceOf(lease.lost.reason)}: it mends, and this restorer looks on`);
        deps.notices?.leftToOthers();
        return null;
      }
      message(`mending drill ${undo.drill} is tried again: ${sentenceOf(error)}`);
      if (!(error instanceof Trouble && error.kind === 'unreachable')) refusals += 1;
      if (refusals > refusalsBorne) return { kind: 'not-restored', left: [sentenceOf(error)] };
    }
    await sleep(clock, pauseMs, deps.signal);
  }
}

function said({ drill }: ScaleUndo, because: string, replicas: number): string {
  return `the restorer of drill ${drill} saw to it that ${replicas} replicas are wanted: ${because}`;
}

function endOf({ left, notes }: Remains, changed: boolean): RestorerEnd {
  return left.length > 0 ? { kind: 'not-restored', left } : { kind: 'restored', changed, notes };
}
