/** How long each stage took in a drill, as one number with its bounds: of fresh clients, where it took longest. */
import type { Bounds } from '../../contract/bounds.ts';
import { type DrillReport, type StageTable, stageIds } from '../../contract/drill.ts';

/** `failover first-good api`; of the region itself, the same for every entry name: `failover drain`. */
export type StageKey = string;

/** Of the region, and not of who asks it. */
const ofRegion: ReadonlySet<string> = new Set(['drain', 'capacity', 'detect']);

/** A stage that was not observed is absent. Milliseconds after t0, or of failback after the call of restore. */
export function stagesIn({ entries }: DrillReport): ReadonlyMap<StageKey, Bounds> {
  const found = new Map<StageKey, Bounds>();
  for (const { entry, failover, failback } of entries) {
    for (const [where, { stages }] of [['failover', failover] as const, ['failback', failback] as const]) {
      for (const stage of stageIds) {
        const key = ofRegion.has(stage) ? `${where} ${stage}` : `${where} ${stage} ${entry}`;
        const slowest = slowestOf(stages, stage);
        if (slowest !== null && !found.has(key)) found.set(key, slowest);
      }
    }
  }
  return found;
}

function slowestOf(table: StageTable, stage: (typeof stageIds)[number]): Bounds | null {
  const all = Object.values(table).flatMap(({ fresh }) => fresh?.[stage] ?? []);
  return all.reduce<Bounds | null>((worst, one) => (worst === null || middle(one) > middle(worst) ? one : worst), null);
}

/** What stands for the stage where one number is wanted. */
export function middle({ lowerMs, upperMs }: Bounds): number {
  return (lowerMs + upperMs) / 2;
}
