import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scenario } from '../scenarios/scenario.ts';
import { workloadName } from './cluster.ts';
import { files } from './evidence.ts';
import { scaleUndoIn } from './faults.ts';
import { entryOf, readJournal } from './journal.ts';
import { openDrillsIn, openJournals } from './recover/find.ts';
import { distinctClusters, type RecoverDeps } from './recover.ts';
import { sentenceOf } from './trouble.ts';

/** A drill that left evidence, or something in a cluster. */
export type Listed = {
  readonly drill: string;
  /** `over`: it ended in order. `open`: something is left in a cluster. `unfinished`: only its journal says so. */
  readonly state: 'over' | 'open' | 'unfinished';
  readonly where: string;
  /** In a sentence: its verdict, or what is left. */
  readonly says: string;
};

export type Listing = { readonly drills: readonly Listed[]; readonly unread: readonly string[] };

/** Drills of an evidence directory, and those open in the clusters of a scenario (`null`: clusters are not asked). */
export async function listDrills(
  evidenceDir: string | null,
  scenario: Scenario | null,
  deps: Pick<RecoverDeps, 'openCluster' | 'interrupt'>,
): Promise<Listing> {
  const found = evidenceDir === null ? [] : await fromEvidence(evidenceDir);
  const open: Listed[] = [];
  const unread: string[] = [];
  const journals = await openJournals(evidenceDir);
  for (const plan of scenario === null ? [] : distinctClusters(scenario)) {
    try {
      const cluster = await deps.openCluster(plan);
      for (const { drill, lease, undo } of await openDrillsIn(cluster, journals, deps.interrupt)) {
        const scaled = scaleUndoIn(undo);
        const names = scaled?.workloads.map(workloadName) ?? [`${undo.fault} ${undo.region}`];
        const says = [...(lease === null ? [] : [`Lease held by ${lease.holder}`]), ...names].join(', ');
        open.push({ drill, state: 'open', where: `${plan.context}/${plan.namespace}`, says });
      }
      cluster.close();
    } catch (error) {
      deps.interrupt.throwIfAborted();
      unread.push(`${plan.context}/${plan.namespace}: ${sentenceOf(error)}`);
    }
  }
  const isOpen = new Set(open.map(({ drill }) => drill));
  return { drills: [...open, ...found.filter(({ drill }) => !isOpen.has(drill))], unread };
}

async function fromEvidence(evidenceDir: string): Promise<readonly Listed[]> {
  const names = await readdir(evidenceDir).catch(() => []);
  const listed = names.toSorted().map(async (name): Promise<readonly Listed[]> => {
    const where = join(evidenceDir, name);
    const entries = await readJournal(join(where, files.journal)).catch(() => null);
    if (entries === null) return [];
    const concluded = entryOf(entries, 'concluded');
    if (concluded !== undefined) return [{ drill: name, state: 'over', where, says: `exit ${concluded.exit}` }];
    const recovered = entryOf(entries, 'recovered');
    if (recovered !== undefined) return [{ drill: name, state: 'over', where, says: `recovered: ${recovered.text}` }];
    return [{ drill: name, state: 'unfinished', where, says: `its journal ends after ${entries.at(-1)?.type}` }];
  });
  return (await Promise.all(listed)).flat();
}
