import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cluster, drillOfLease, type LeaseState, type WorkloadState } from '../cluster.ts';
import { files } from '../evidence.ts';
import { isScaleUndo, type ScaledWorkload, type ScaleUndo } from '../faults/scale-to-zero.ts';
import { type AnyUndo, isUndo } from '../faults.ts';
import { entryOf, readJournal } from '../journal.ts';
import { restorersIn } from '../restorer/parts.ts';
import { undoOnLease } from '../restorer/undo-record.ts';

/** A drill that is not over in one cluster: what is left of it there, and what its journal says. */
export type OpenDrill = {
  readonly drill: string;
  readonly cluster: Cluster;
  readonly lease: LeaseState | null;
  /** What may have to be put back. */
  readonly undo: AnyUndo;
  /** Whether anything may have been taken away: by its journal, or by a mark that is more than `armed`. */
  readonly touched: boolean;
};

/** An unfinished journal: the undo record, and whether the injection was ever called. */
export type OpenJournal = {
  readonly drill: string;
  readonly undo: AnyUndo;
  /** Where its Lease is. */
  readonly context: string;
  readonly namespace: string;
  readonly injectCalled: boolean;
};

/**
 * Drills open in a cluster: by their Leases, by their annotations, by what is left of their restorers, and by unfinished
 * journals. Each alone is enough, but for a journal whose injection was never called.
 */
export async function openDrillsIn(
  cluster: Cluster,
  journals: readonly OpenJournal[],
  signal: AbortSignal,
): Promise<readonly OpenDrill[]> {
  const leases = new Map((await cluster.leases(signal)).map((lease) => [drillOfLease(lease.name), lease]));
  const marked = Map.groupBy(await cluster.marked(signal), ({ mark }) => mark?.drill ?? '');
  const here = journals.filter(
    ({ context, namespace, injectCalled }) =>
      injectCalled && context === cluster.context && namespace === cluster.namespace,
  );
  const restorers = [...(await restorersIn(cluster, signal))].map(drillOfLease);
  const drills = new Set([...leases.keys(), ...marked.keys(), ...restorers, ...here.map(({ drill }) => drill)]);
  return [...drills].map((drill) => {
    const lease = leases.get(drill) ?? null;
    const journal = here.find((found) => found.drill === drill);
    const record = journal?.undo ?? undoOnLease(lease);
    const marks = marked.get(drill) ?? [];
    const touched = journal !== undefined || marks.some(({ mark }) => mark?.state !== 'armed');
    // Without a mark that tells, what is done elsewhere may have been done: whoever mends looks there.
    if (record !== null && !isScaleUndo(record)) return { drill, cluster, lease, undo: record, touched };
    return { drill, cluster, lease, undo: undoOf(drill, cluster, marks, record), touched };
  });
}

/** The journal's record, or the Lease's, knows the order and workloads whose annotation is gone; annotations know the rest. */
function undoOf(
  drill: string,
  { context, namespace }: Cluster,
  marked: readonly WorkloadState[],
  record: ScaleUndo | null,
): ScaleUndo {
  const known = record?.workloads ?? [];
  const more = marked.flatMap(({ workload, mark }): ScaledWorkload[] =>
    mark === null || known.some(({ kind, name }) => kind === workload.kind && name === workload.name)
      ? []
      : [{ ...workload, uid: mark.uid, original: mark.original, injected: mark.injected }],
  );
  const region = record?.region ?? context;
  const fault = record?.fault ?? 'scale-to-zero';
  return { ...record, fault, drill, region, context, namespace, workloads: [...known, ...more] };
}

/** Unfinished journals below an evidence directory. One that cannot be read has nothing to say. */
export async function openJournals(evidenceDir: string | null): Promise<readonly OpenJournal[]> {
  if (evidenceDir === null) return [];
  const names = await readdir(evidenceDir).catch(() => []);
  const found = await Promise.all(names.map((name) => openJournalIn(join(evidenceDir, name))));
  return found.flat();
}

async function openJournalIn(dir: string): Promise<readonly OpenJournal[]> {
  const entries = await readJournal(join(dir, files.journal)).catch(() => []);
  const found = entryOf(entries, 'undo');
  const undo = found?.undo;
  if (!isUndo(undo)) return [];
  if (entryOf(entries, 'swept') !== undefined || entryOf(entries, 'recovered') !== undefined) return [];
  const place = placeOf(found?.lease, undo);
  if (place === null) return [];
  return [{ drill: undo.drill, undo, ...place, injectCalled: entryOf(entries, 'inject-called') !== undefined }];
}

type Place = Pick<OpenJournal, 'context' | 'namespace'>;

/** A journal that does not say where its Lease is has it beside the workloads. */
function placeOf(
  lease: { readonly context?: string; readonly namespace?: string } | undefined,
  undo: AnyUndo,
): Place | null {
  const { context, namespace } = lease ?? {};
  if (context !== undefined && namespace !== undefined) return { context, namespace };
  return isScaleUndo(undo) ? { context: undo.context, namespace: undo.namespace } : null;
}
