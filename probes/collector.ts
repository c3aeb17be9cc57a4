/** Gathers results for a moment, then spools them together: one write instead of one a result. */
import type { Cancel, Clock } from '../contract/clock.ts';
import type { Log } from '../contract/log.ts';
import type { Unnumbered } from './record.ts';
import type { Numbered, Spool } from './spool.ts';

export type Collector = {
  add(result: Unnumbered): void;
  /** Spools what is gathered. */
  flush(): void;
  /** When the oldest result began that is gathered and not spooled; `undefined` when there is none. */
  oldestStartMs(): number | undefined;
  /** Results that the disk did not take and that memory had no more room for. */
  readonly lostCount: number;
  stop(): void;
};

/** With the time that a frame is under way still below the 100 ms that the link promises. */
const gatherMs = 40;
const retryMs = 1_000;
const fullBatch = 500;
const maxGathered = 20_000;

export function collector(
  clock: Clock,
  spool: Pick<Spool, 'append'>,
  log: Log,
  onSpooled: (results: readonly Numbered[]) => void,
): Collector {
  let gathered: Unnumbered[] = [];
  let cancel: Cancel | undefined;
  let refused = false;
  let lostCount = 0;

  function flush(): void {
    cancel?.();
    cancel = undefined;
    if (gathered.length === 0) return;
    let spooled: readonly Numbered[];
    try {
      spooled = spool.append(gathered);
    } catch (error) {
      if (!refused) log.error({ error: String(error) }, 'the spool takes nothing; results wait in memory');
      refused = true;
      // The oldest go first: they have no numbers yet, and the aggregator knows that it expected them.
      lostCount += Math.max(0, gathered.length - maxGathered);
      gathered = gathered.slice(-maxGathered);
      cancel = clock.after(retryMs, flush);
      return;
    }
    refused = false;
    gathered = [];
    onSpooled(spooled);
  }

  return {
    add(result) {
      gathered.push(result);
      if (gathered.length >= fullBatch && !refused) flush();
      else cancel ??= clock.after(gatherMs, flush);
    },
    flush,
    oldestStartMs: () =>
      gathered.length === 0 ? undefined : gathered.reduce((oldest, { startMs }) => Math.min(oldest, startMs), Infinity),
    get lostCount() {
      return lostCount;
    },
    stop() {
      cancel?.();
      cancel = undefined;
    },
  };
}
