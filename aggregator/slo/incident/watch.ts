/** When a pair of windows begins to fire and stops, as an aggregator that looks at it would see it. */
import type { Objective } from '../../../contract/objective.ts';
import type { Span } from '../../../contract/slo/spans.ts';
import { sliceWidthMs } from '../../../contract/slo/spans.ts';
import { plus, type Tally, tallied } from '../account.ts';
import { type BurnPair, burning, burnPairs } from '../burn.ts';
import type { Ledger } from '../ledger.ts';

export type Watched = {
  readonly pair: BurnPair;
  /** `null`: it never did. */
  firedAtMs: number | null;
  /** For the last time; `null` while it fires. */
  clearedAtMs: number | null;
};

export type Watch = {
  readonly pairs: readonly Watched[];
  /** `hasFailed`: something failed since the last look. Without that none begins to fire. */
  look(atMs: number, hasFailed: boolean): void;
  /** When there is something to look at though nothing fails; `null` while none fires. */
  nextLookMs(): number | null;
};

type Kept = Watched & { isFiring: boolean; nextLookMs: number };

export function watchOf(objective: Objective, target: number, ledger: Ledger): Watch {
  const pairs = burnPairs(objective.windowMs).map(
    (pair): Kept => ({ pair, firedAtMs: null, clearedAtMs: null, isFiring: false, nextLookMs: 0 }),
  );
  const over = (span: Span): Tally => {
    const lines = ledger.lines(span);
    if (lines === undefined) return { good: 0, unsure: 0, n: 0 };
    return tallied(plus(lines.own, lines.drills), objective.missing ?? 'exclude');
  };
  const nextLookMs = (): number | null => {
    const firing = pairs.filter(({ isFiring }) => isFiring);
    return firing.length === 0 ? null : Math.min(...firing.map((one) => one.nextLookMs));
  };
  return {
    pairs,
    nextLookMs,
    look(atMs, hasFailed) {
      for (const one of pairs) {
        if (one.isFiring ? atMs < one.nextLookMs : !hasFailed) continue;
        const isFiring = burning(one.pair, target, over, atMs).state === 'firing';
        if (isFiring && !one.isFiring) {
          one.firedAtMs ??= atMs;
          one.clearedAtMs = null;
        }
        if (!isFiring && one.isFiring) one.clearedAtMs = atMs;
        one.isFiring = isFiring;
        one.nextLookMs = atMs + stepMs(one.pair);
      }
    },
  };
}

/** Its end is known to a sixtieth of the short window, and no finer than slices. */
function stepMs({ shortMs }: BurnPair): number {
  return Math.max(sliceWidthMs, Math.floor(shortMs / 60 / sliceWidthMs) * sliceWidthMs);
}
