/** Results on disk until the aggregator has them: bounded, numbered without holes, there again after a kill. */
import type { Log } from '../contract/log.ts';
import type { Result } from '../contract/result.ts';
import type { Unnumbered } from './record.ts';
import { openDatabase } from './spool/database.ts';
import { framesOf, type SpooledFrame } from './spool/frames.ts';
import { frameTable } from './spool/table.ts';

export type Spool = {
  /** Numbers the results and writes them. Throws when the disk takes nothing; no number is used up then. */
  append(results: readonly Unnumbered[]): readonly Result[];
  /** The last number given in this boot; 0 before the first. */
  readonly lastSeq: number;
  /** Earlier boots that left something behind, oldest first. */
  olderBoots(): readonly string[];
  /** The first frame of a boot that has anything behind `afterSeq`. */
  next(boot: string, afterSeq: number): SpooledFrame | undefined;
  /** Everything of that boot to `seq` is on the aggregator's disk. */
  acknowledge(boot: string, seq: number): void;
  readonly heldBytes: number;
  /** Results that left unacknowledged, named by gap frames. */
  readonly droppedCount: number;
  close(): void;
};

export type SpoolOptions = { readonly stateDir: string; readonly boot: string; readonly maxBytes: number };

export const defaultSpoolBytes = 64 * 1_048_576;

export function openSpool(options: SpoolOptions, log: Log): Spool {
  const db = openDatabase(options.stateDir, log);
  const table = frameTable(db);
  let lastSeq = 0;
  return {
    append(results) {
      const numbered = results.map((result, index): Result => ({ ...result, seq: lastSeq + 1 + index }));
      table.atomically(() => {
        for (const frame of framesOf(options.boot, numbered)) table.put(frame);
        // The oldest go first: what they say is stale, and the gap that is left says that they were there.
        while (table.heldBytes > options.maxBytes && table.dropOldest());
      });
      lastSeq += numbered.length;
      return numbered;
    },
    get lastSeq() {
      return lastSeq;
    },
    olderBoots: () => table.olderBoots(options.boot),
    next: table.next,
    acknowledge: table.acknowledge,
    get heldBytes() {
      return table.heldBytes;
    },
    get droppedCount() {
      return table.droppedCount;
    },
    close: () => db.close(),
  };
}
