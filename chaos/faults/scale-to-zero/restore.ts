import type { Bounds } from '../../../contract/bounds.ts';
import type { Clock } from '../../../contract/clock.ts';
import type { Verified } from '../../../contract/drill.ts';
import { type DrillMark, type WorkloadState, workloadName } from '../../cluster.ts';
import type { Remains } from '../../fault.ts';
import { Trouble } from '../../trouble.ts';
import { markOf, settle, writeTimes } from './marks.ts';
import { disarmSuspensions, resume, suspensionRemains, suspensionsOf } from './suspend.ts';
import {
  changedBy,
  fieldManager,
  isAutoscaler,
  isSame,
  type ScaledWorkload,
  type Scaler,
  type ScaleUndo,
} from './undo.ts';

/**
 * Writes `restoring` on every workload first, also where replicas are right: an injection still under way then meets a
 * conflict. Only then reads, puts back, and writes `restored`. What was suspended is resumed when all are back.
 */
export async function restore(
  scaler: Scaler,
  undo: ScaleUndo,
  clock: Clock,
  signal: AbortSignal,
): Promise<Bounds | null> {
  const backwards = undo.workloads.toReversed();
  const troubles: unknown[] = [];
  for (const planned of backwards) {
    await collected(troubles, () => mark(scaler, undo, planned, { state: 'restoring', clock, signal }));
  }
  let began: Bounds | null = null;
  for (const planned of backwards) {
    await collected(troubles, async () => {
      const bounds = await putBack(scaler, undo, planned, { clock, signal });
      began ??= bounds;
      await mark(scaler, undo, planned, { state: 'restored', wasPutBack: bounds !== null, clock, signal });
    });
  }
  for (const suspension of suspensionsOf(undo).toReversed()) {
    await collected(troubles, () => resume(scaler, undo, suspension, signal));
  }
  if (troubles.length > 0) throw troubles[0];
  return began;
}

/** One workload that cannot be mended must not keep the others from it. One that is gone is named by `remains`. */
async function collected(troubles: unknown[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Trouble && error.kind === 'missing')) troubles.push(error);
  }
}

type Marking = {
  readonly state: DrillMark['state'];
  /** By this very restore: what is found else was somebody else's doing. */
  readonly wasPutBack?: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
};

async function mark(scaler: Scaler, undo: ScaleUndo, planned: ScaledWorkload, how: Marking): Promise<void> {
  await settle(scaler, planned, how.signal, (at) => {
    if (!isOurs(at, undo, planned) || at.mark?.state === how.state || at.mark?.state === 'restored') {
      return { done: undefined };
    }
    const isFound = how.state === 'restored' && how.wasPutBack !== true && at.replicas !== planned.original;
    const found = isFound ? { found: at.replicas } : {};
    const to = { ...markOf(undo.drill, planned, how.state, how.clock), ...found };
    return { write: (read, inner) => scaler.mark(read, to, inner) };
  });
}

async function putBack(
  scaler: Scaler,
  undo: ScaleUndo,
  planned: ScaledWorkload,
  { clock, signal }: Pick<Marking, 'clock' | 'signal'>,
): Promise<Bounds | null> {
  const stopwatch = writeTimes(clock);
  return settle(scaler, planned, signal, (at) => {
    const isMendable = isOurs(at, undo, planned) && at.mark?.state !== 'restored' && at.replicas === planned.injected;
    if (!isMendable) return { done: stopwatch.bounds() };
    return { write: stopwatch.timed((read, inner) => scaler.scale(read, planned.original, inner)) };
  });
}

/**
 * Whether this drill may write to it. Without a mark it was never armed, or was mended and swept; unless it stands at
 * the injected value by our own hand, when somebody has removed the mark.
 */
function isOurs(at: WorkloadState, undo: ScaleUndo, planned: ScaledWorkload): boolean {
  if (!isSame(at, planned)) return false;
  if (at.mark !== null) return at.mark.drill === undo.drill;
  const latest = at.managers[0];
  return at.replicas === planned.injected && (latest === undefined || latest === fieldManager);
}

/** What is not as it was before the drill. */
export async function remains(scaler: Scaler, undo: ScaleUndo, signal: AbortSignal): Promise<Remains> {
  const left: string[] = [];
  const notes: string[] = [];
  const verified: Verified[] = [];
  let lowered = 0;
  for (const planned of undo.workloads) {
    const name = `${workloadName(planned)} in ${undo.context}`;
    const at = await readOrNull(scaler, planned, signal);
    verified.push(replicasOf(planned, at, undo));
    lowered += at === null ? 0 : loweredAfterwards(at, undo);
    if (at === null) {
      left.push(`${name} is gone: deleted by somebody else; it had ${planned.original} replicas`);
      continue;
    }
    const isOpen = at.mark?.drill === undo.drill && at.mark.state !== 'restored';
    if (at.replicas !== planned.original) {
      const sentence = `${name} has ${at.replicas} replicas, had ${planned.original}: ${causeOf(at, planned)}`;
      (isHarmless(at, planned, undo) ? notes : left).push(sentence);
    }
    if (isOpen && at.replicas >= planned.original) left.push(`${name}: the annotation still says ${at.mark?.state}`);
  }
  const suspended = await suspensionRemains(scaler, undo, signal);
  return {
    left: [...left, ...suspended.left],
    notes: [...notes, ...suspended.notes],
    verified: [...verified, ...suspended.verified],
    lowered,
  };
}

function replicasOf(planned: ScaledWorkload, at: WorkloadState | null, undo: ScaleUndo): Verified {
  const common = { part: 'replicas', name: workloadName(planned), wanted: String(planned.original) } as const;
  if (at === null) return { ...common, found: 'it is gone', state: 'left' };
  if (at.replicas === planned.original) return { ...common, found: String(at.replicas), state: 'as-it-was' };
  const state = isHarmless(at, planned, undo) ? 'changed' : 'left';
  return { ...common, found: `${at.replicas}, ${causeOf(at, planned)}`, state };
}

function isHarmless(at: WorkloadState, planned: ScaledWorkload, undo: ScaleUndo): boolean {
  return at.replicas > planned.original || isAfterwards(at, undo);
}

/** How many replicas fewer than the drill put back an autoscaler wants by now. */
export function loweredAfterwards(at: WorkloadState, undo: ScaleUndo): number {
  const planned = undo.workloads.find(({ kind, name }) => kind === at.workload.kind && name === at.workload.name);
  return planned !== undefined && isAfterwards(at, undo) ? Math.max(0, planned.original - at.replicas) : 0;
}

function causeOf(at: WorkloadState, planned: ScaledWorkload): string {
  const isOurDoing = at.replicas === planned.injected && at.managers[0] === fieldManager;
  return isOurDoing ? 'not put back' : changedBy(at);
}

/** An autoscaler that acts after a good restore is no fault. */
function isAfterwards({ mark, managers }: WorkloadState, undo: ScaleUndo): boolean {
  const wasGood = mark?.drill === undo.drill && mark.state === 'restored' && mark.found === undefined;
  return wasGood && isAutoscaler(managers[0] ?? '');
}

async function readOrNull(scaler: Scaler, planned: ScaledWorkload, signal: AbortSignal): Promise<WorkloadState | null> {
  try {
    return await scaler.workload(planned, signal);
  } catch (error) {
    if (error instanceof Trouble && error.kind === 'missing') return null;
    throw error;
  }
}

/** Removes this drill's marks. A mark of another drill stays. */
export async function disarm(scaler: Scaler, undo: ScaleUndo, signal: AbortSignal): Promise<void> {
  for (const planned of undo.workloads.toReversed()) {
    if ((await readOrNull(scaler, planned, signal)) === null) continue;
    await settle(scaler, planned, signal, (at) =>
      at.mark?.drill === undo.drill ? { write: (read, inner) => scaler.mark(read, null, inner) } : { done: undefined },
    );
  }
  await disarmSuspensions(scaler, undo, signal);
}
