/** What a waterfall draws, in order: a lane for each vantage and class of client. */
import { type EntryTimeline, type Passage, type StageId, type Stages, stageIds } from '../../contract/drill.ts';
import type { ClientClass } from '../../contract/result.ts';
import { shownOutage } from './numbers.ts';

export type Lane = {
  readonly vantage: string;
  readonly client: ClientClass;
  readonly stages: Stages;
  /** The stages to draw: what fresh and pooled clients share is drawn once, with the fresh. */
  readonly shown: readonly StageId[];
  readonly note: string | null;
};

/** They differ between fresh and pooled clients; the others are facts of the region, its names and its checks. */
const ownStages: ReadonlySet<StageId> = new Set(['last-served', 'first-good', 'last-bad', 'residual']);

export function lanesOf(timeline: EntryTimeline): readonly Lane[] {
  return Object.entries(timeline.stages).flatMap(([vantage, byClient]) =>
    (['fresh', 'pooled'] as const).flatMap((client) => {
      const stages = byClient[client];
      if (stages === undefined) return [];
      const passage = timeline.passages.find((one) => one.vantage === vantage && one.client === client);
      const shown = stageIds.filter(
        (stage) => stages[stage] !== undefined && (client === 'fresh' || ownStages.has(stage)),
      );
      return [{ vantage, client, stages, shown, note: noteOf(passage) }];
    }),
  );
}

function noteOf(passage: Passage | undefined): string | null {
  if (passage === undefined) return null;
  if (!passage.observed) return 'not observed, it was not on the region';
  const by = passage.servedBy.length === 0 ? '' : `, then ${passage.servedBy.join(', ')}`;
  const beside = passage.others.length === 0 ? '' : `, ${passage.others.length} more beside it`;
  return passage.main === null ? null : `outage ${shownOutage(passage.main)}${by}${beside}`;
}
