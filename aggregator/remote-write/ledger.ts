/** Which samples a step has to write: what is new, and the end of what is gone. */
import type { Collected } from './collect.ts';
import { labelsOf, type Point, type Series, stale } from './point.ts';

/** A series that was written and has not ended, with the time of its last sample. */
export type Live = { readonly series: Series; readonly lastMs: number };

/** What is kept of a series on disk: enough to end it after a restart. */
export type StoredSeries = { readonly id: string; readonly native: boolean };

export type Ledger = {
  /** Begins a step; steps only go up. */
  step(stepMs: number): Step;
};
export type Step = {
  /** What is to be written of this sample; `undefined` when it has been written before, or is not due yet. */
  take(one: Collected): Point | undefined;
  /** After the last sample: the ends of the series that are not there any more. */
  ends(): readonly Point[];
  readonly began: readonly StoredSeries[];
  /** Makes the step the last one; without it everything is as before. */
  commit(): void;
};

/** `lastStepMs`: everything up to it has been written of the series that were live then. */
export function ledger(stored: readonly StoredSeries[], lastStepMs: number): Ledger {
  let live = new Map<string, Live>(
    stored.map(({ id, native }) => {
      const family = { name: '', type: 'untyped', help: '' } as const;
      return [id, { series: { id, labels: labelsOf(id), family, native }, lastMs: lastStepMs }];
    }),
  );
  return {
    step(stepMs) {
      const next = new Map<string, Live>();
      const began: StoredSeries[] = [];
      return {
        began,
        take({ series, value, ownMs }) {
          if (next.has(series.id)) return undefined;
          const before = live.get(series.id);
          const lastMs = before?.lastMs ?? Number.NEGATIVE_INFINITY;
          const atMs = Math.floor(ownMs ?? stepMs);
          const due = atMs > lastMs && atMs <= stepMs;
          // One that is older than what was written of it is still the same series: it goes on.
          if (!due && before === undefined) return undefined;
          next.set(series.id, due ? { series, lastMs: atMs } : { series, lastMs });
          if (before === undefined) began.push({ id: series.id, native: series.native });
          return due ? { series, atMs, value } : undefined;
        },
        ends() {
          const ends: Point[] = [];
          for (const [id, { series, lastMs }] of live) {
            if (!next.has(id)) ends.push({ series, atMs: Math.max(stepMs, lastMs + 1), value: stale });
          }
          return ends;
        },
        commit() {
          live = next;
        },
      };
    },
  };
}
