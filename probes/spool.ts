/** Results on disk until the aggregator has them: bounded, numbered without holes, there again after a kill. */
import type { Log } from '../contract/log.ts';
import type { Result } from '../contract/result.ts';
import type { Unnumbered } from './record.ts';
import { openDatabase } from './spool/database.ts';
import { framesOf, type SpooledFrame } from './spool/frames.ts';
import { openStreams, type Streams } from './spool/streams.ts';
import { frameTable } from './spool/table.ts';
import { hasTenures, openTenures, type Tenures } from './spool/tenures.ts';

/** A result with its number and the boot that the number is of. */
export type Numbered = Result & { readonly boot: string };

export type Spool = {
  /** Numbers the results and writes them. Throws when the disk takes nothing; no number is used up then. */
  append(results: readonly Unnumbered[]): readonly Numbered[];
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
  /** `null` where there is one aggregator and there never were more: it has everything. */
  readonly tenures: Tenures | null;
  /** What of it is that aggregator's. */
  shareOf(aggregator: string): SpoolShare;
  close(): void;
};

/** One aggregator's part: its own boot and numbers, and what earlier boots have left for it. */
export type SpoolShare = Pick<Spool, 'lastSeq' | 'olderBoots' | 'next' | 'acknowledge'> & {
  readonly boot: string;
  /** Whether anything waits for it. */
  readonly holds: boolean;
  /** It will not come back: all that waits for it becomes gaps, which wait in its place. Returns how many results. */
  giveUp(): number;
};

export type SpoolOptions = {
  readonly stateDir: string;
  readonly boot: string;
  readonly maxBytes: number;
  /** In the order in which they are wanted, and when it is; absent: there is one, and it has no name here. */
  readonly aggregators?: { readonly ranked: readonly string[]; readonly nowMs: number };
};

export const defaultSpoolBytes = 64 * 1_048_576;

export function openSpool(options: SpoolOptions, log: Log): Spool {
  const db = openDatabase(options.stateDir, log);
  const table = frameTable(db);
  const { ranked: [first, ...others] = [], nowMs = 0 } = options.aggregators ?? {};
  const several = first !== undefined && (others.length > 0 || hasTenures(db));
  const streams = openStreams(db, options.boot, several);
  // One that had everything so far has to hear that it does not any more: the agent is still at it.
  const tenures = several ? openTenures(db, streams.lastOwner ?? first, nowMs) : null;
  if (tenures !== null && first !== undefined && ![first, ...others].includes(tenures.current)) {
    tenures.move(first, nowMs);
  }
  const unlisted = several ? streams.ownersBeside([first, ...others]) : [];
  if (unlisted.length > 0) log.warn({ aggregators: unlisted }, 'results wait for aggregators that are not in the list');
  const lastSeqs = new Map<string, number>();
  const lastSeqOf = (boot: string): number => lastSeqs.get(boot) ?? 0;
  const ownBoots = (): readonly string[] => [options.boot, ...lastSeqs.keys()];

  function bootFor({ roundStartMs, startMs }: Unnumbered): string {
    if (tenures !== null) return streams.bootOf(tenures.ownerAt(roundStartMs ?? startMs));
    return first === undefined ? options.boot : streams.bootOf(first);
  }
  return {
    append(results) {
      const numbered: Numbered[] = [];
      const last = new Map(lastSeqs);
      for (const result of results) {
        const boot = bootFor(result);
        const seq = (last.get(boot) ?? 0) + 1;
        last.set(boot, seq);
        numbered.push({ ...result, seq, boot });
      }
      streams.settle();
      table.atomically(() => {
        for (const [boot, of] of Map.groupBy(numbered, (result) => result.boot)) {
          for (const frame of framesOf(boot, of)) table.put(frame);
        }
        // The oldest go first: what they say is stale, and the gap that is left says that they were there.
        while (table.heldBytes > options.maxBytes && table.dropOldest());
      });
      for (const [boot, seq] of last) lastSeqs.set(boot, seq);
      return numbered;
    },
    get lastSeq() {
      return [...lastSeqs.values()].reduce((sum, seq) => sum + seq, 0);
    },
    olderBoots: () => table.olderBoots(ownBoots()),
    next: table.next,
    acknowledge: table.acknowledge,
    get heldBytes() {
      return table.heldBytes;
    },
    get droppedCount() {
      return table.droppedCount;
    },
    tenures,
    shareOf: (aggregator) => shareOf(aggregator, { table, streams, first, tenures, lastSeqOf, ownBoots }),
    close: () => db.close(),
  };
}

type Parts = {
  readonly table: ReturnType<typeof frameTable>;
  readonly streams: Streams;
  readonly first: string | undefined;
  readonly tenures: Tenures | null;
  lastSeqOf(boot: string): number;
  ownBoots(): readonly string[];
};

function shareOf(aggregator: string, parts: Parts): SpoolShare {
  const { table, streams, first, tenures, lastSeqOf, ownBoots } = parts;
  const boot = streams.bootOf(aggregator);
  // What nobody knows the owner of was made by a release that knew one: the most wanted is the best guess.
  const isIts = (of: string): boolean => tenures === null || (streams.ownerOf(of) ?? first) === aggregator;
  const olderBoots = (): readonly string[] => table.olderBoots([...ownBoots(), boot]).filter(isIts);
  return {
    boot,
    get lastSeq() {
      return lastSeqOf(boot);
    },
    olderBoots,
    next: table.next,
    acknowledge: table.acknowledge,
    get holds() {
      return streams.bootsOf(aggregator).some((of) => table.next(of, 0) !== undefined);
    },
    giveUp: () => streams.bootsOf(aggregator).reduce((sum, of) => sum + table.giveUp(of, 'aggregator-lost'), 0),
  };
}
