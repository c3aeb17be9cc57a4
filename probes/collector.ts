/** Gathers results for a moment, then spools them together: one write instead of one a result. */
import type { Cancel, Clock } from '../contract/clock.ts';
import type { Log } from '../contract/log.ts';
import type { Unnumbered } from './record.ts';
import type { Numbered, Spool } from './spool.ts';
import type { Wheel } from './wheel.ts';

export type Collector = {
  add(result: Unnumbered): void;
  /** No attempt runs now: a good moment to write, as no answer waits to be read meanwhile. */
  onQuiet(): void;
  /** Spools what is gathered. */
  flush(): void;
  /** When the oldest result began that is gathered and not spooled; `undefined` when there is none. */
  oldestStartMs(): number | undefined;
  /** Results that the disk did not take and that memory had no more room for. */
  readonly lostCount: number;
  stop(): void;
};

/** In a quiet moment what has been gathered for so long is spooled. */
const gatherMs = 30;
/** At the latest. With a turn and the time that a frame is under way still below the 100 ms that the link promises. */
const longestMs = 50;
const retryMs = 1_000;
const fullBatch = 500;
const maxGathered = 20_000;

/** Has no timer of its own: the wheel turns often enough. */
export function collector(
  { clock, wheel }: { readonly clock: Clock; readonly wheel: Pick<Wheel, 'onTurn'> },
  spool: Pick<Spool, 'append'>,
  log: Log,
  onSpooled: (results: readonly Numbered[]) => void,
): Collector {
  let gathered: Unnumbered[] = [];
  let sinceMs = 0;
  let refusedAtMs: number | undefined;
  let lostCount = 0;

  function flush(): void {
    if (gathered.length === 0) return;
    let spooled: readonly Numbered[];
    try {
      spooled = spool.append(gathered);
    } catch (error) {
      if (refusedAtMs === undefined)
        log.error({ error: String(error) }, 'the spool takes nothing; results wait in memory');
      refusedAtMs = clock.nowMs();
      // The oldest go first: they have no numbers yet, and the aggregator knows that it expected them.
      lostCount += Math.max(0, gathered.length - maxGathered);
      gathered = gathered.slice(-maxGathered);
      return;
    }
    refusedAtMs = undefined;
    gathered = [];
    onSpooled(spooled);
  }

  function flushAfter(waitMs: number, nowMs: number): void {
    if (gathered.length === 0) return;
    if (refusedAtMs === undefined ? nowMs - sinceMs >= waitMs : nowMs - refusedAtMs >= retryMs) flush();
  }

  const cancel: Cancel = wheel.onTurn(({ nowMs }) => flushAfter(longestMs, nowMs));
  return {
    add(result) {
      if (gathered.length === 0) sinceMs = clock.nowMs();
      gathered.push(result);
      if (gathered.length >= fullBatch && refusedAtMs === undefined) flush();
    },
    onQuiet: () => flushAfter(gatherMs, clock.nowMs()),
    flush,
    oldestStartMs: () =>
      gathered.length === 0 ? undefined : gathered.reduce((oldest, { startMs }) => Math.min(oldest, startMs), Infinity),
    get lostCount() {
      return lostCount;
    },
    stop: cancel,
  };
}
