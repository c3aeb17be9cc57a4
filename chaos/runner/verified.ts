/** What is left of the drill itself in the cluster, read afresh when all was swept. */
import type { Verified } from '../../contract/drill.ts';
import { leaseNameOf, restorerParts, workloadName } from '../cluster.ts';
import { statesOf } from '../recover/put-back.ts';
import { sentenceOf } from '../trouble.ts';
import { fresh, type Run } from './run.ts';

/** `left`: what sweeping could not remove, a sentence each. */
export async function verifiedAfterSweep(run: Run, left: readonly string[]): Promise<readonly Verified[]> {
  const [annotations, lease] = await Promise.all([annotationsIn(run), leaseIn(run)]);
  return [...annotations, ...(run.prepared.stake === null ? [] : [restorerBy(run, left)]), lease];
}

/** Where a drill is not restored they stay, so that `recover` finds them. */
export function keptForRecover({ prepared }: Run): readonly Verified[] {
  const name = leaseNameOf(prepared.id);
  const kept = { wanted: 'none', found: 'stays, for "drill recover"', state: 'left' } as const;
  return [
    ...(prepared.stake?.undo.workloads ?? []).map(
      (workload): Verified => ({ part: 'annotations', name: workloadName(workload), ...kept }),
    ),
    ...(prepared.stake === null ? [] : [{ part: 'restorer', name, ...kept } as const]),
    { part: 'lease', name, ...kept },
  ];
}

async function annotationsIn({ prepared }: Run): Promise<readonly Verified[]> {
  const { id, stake } = prepared;
  if (stake === null) return [];
  const { undo, cluster } = stake;
  const common = { part: 'annotations', wanted: 'none' } as const;
  try {
    return (await statesOf(undo, cluster, fresh())).map(({ workload, mark }): Verified => {
      const name = workloadName(workload);
      if (mark?.drill !== id) return { ...common, name, found: 'none', state: 'as-it-was' };
      return { ...common, name, found: `it says ${mark.state}`, state: 'left' };
    });
  } catch (error) {
    return [{ ...common, name: `in ${undo.context}`, found: sentenceOf(error), state: 'unknown' }];
  }
}

/** Each part was looked for until the cluster no longer had it. */
function restorerBy({ prepared }: Run, left: readonly string[]): Verified {
  const name = leaseNameOf(prepared.id);
  const common = { part: 'restorer', name, wanted: 'none' } as const;
  const stays = (['secret', ...restorerParts] as const).filter((part) =>
    left.some((sentence) => sentence.startsWith(`${part} ${name}`)),
  );
  if (stays.length > 0) return { ...common, found: stays.join(', '), state: 'left' };
  // Where the sweep itself came to nothing, it did not get so far as to look.
  const isUnknown = left.some((sentence) => sentence.includes('its restorer'));
  return isUnknown
    ? { ...common, found: 'not read', state: 'unknown' }
    : { ...common, found: 'none', state: 'as-it-was' };
}

async function leaseIn({ prepared }: Run): Promise<Verified> {
  const name = leaseNameOf(prepared.id);
  const common = { part: 'lease', name, wanted: 'none' } as const;
  try {
    const lease = await prepared.home.lease(name, fresh());
    if (lease === null) return { ...common, found: 'none', state: 'as-it-was' };
    return { ...common, found: `held by ${lease.holder}`, state: 'left' };
  } catch (error) {
    return { ...common, found: sentenceOf(error), state: 'unknown' };
  }
}
