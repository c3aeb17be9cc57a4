/** The objects of a restorer as a whole: made in one order, removed in the other. */
import { type Clock, sleep } from '../../contract/clock.ts';
import { type Cluster, type RestorerPart, type RestorerPlan, restorerParts } from '../cluster.ts';
import { sentenceOf, Trouble } from '../trouble.ts';

/** Makes what is not there yet. */
export async function startRestorer(cluster: Cluster, plan: RestorerPlan, signal: AbortSignal): Promise<void> {
  for (const part of partsOf(plan.notify != null)) await cluster.createRestorerPart(part, plan, signal);
}

function partsOf(tells: boolean): readonly RestorerPart[] {
  return tells ? ['secret', ...restorerParts] : restorerParts;
}

/** A cluster takes a moment to let go of a Job whose pod ends. */
const goneWithinMs = 5_000;
const lookEveryMs = 200;

/**
 * Ends a restorer and removes its parts, the Job first. Gone already is fine. Resolves to what could not be removed, a
 * sentence each; one that stays does not keep the others. `tells`: with its Secret, for who knows of one; others leave that
 * to the cluster, which takes it away with the Lease.
 */
export async function removeRestorer(
  cluster: Cluster,
  { name, tells }: { readonly name: string; readonly tells: boolean },
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const left: string[] = [];
  for (const part of partsOf(tells).toReversed()) {
    const because = await removePart(cluster, { part, name }, clock, signal);
    if (because !== null) left.push(`${part} ${name} in ${cluster.context}: ${because}`);
  }
  return left;
}

/** `null` once it is gone. */
async function removePart(
  cluster: Cluster,
  { part, name }: { readonly part: RestorerPart; readonly name: string },
  clock: Clock,
  signal: AbortSignal,
): Promise<string | null> {
  const untilMs = clock.nowMs() + goneWithinMs;
  for (;;) {
    let because = 'its deletion was asked for, and it is still there';
    try {
      if (await cluster.deleteRestorerPart(part, name, signal)) return null;
    } catch (error) {
      signal.throwIfAborted();
      because = `it could not be removed: ${sentenceOf(error)}`;
      if (error instanceof Trouble && error.kind !== 'unreachable') return because;
    }
    if (clock.nowMs() >= untilMs) return because;
    await sleep(clock, lookEveryMs, signal);
  }
}

/** Names of the Leases whose restorers left something in a cluster. */
export async function restorersIn(cluster: Cluster, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const part of restorerParts) for (const name of await cluster.restorersWith(part, signal)) found.add(name);
  return found;
}
