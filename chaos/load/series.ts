import type { LoadBucket } from '../../contract/load.ts';
import { addDurations, type Durations, noteDuration } from './durations.ts';
import type { Point } from './points.ts';

/** So many stretches at most: when there are more, two and two become one. */
const mostStretches = 600;
const firstWidthMs = 250;
/** Kinds of users beyond so many are told together: a script could have a tag for each request. */
const mostKinds = 8;
const otherKinds = 'others';

type Counted = { requests: number; failed: number; readonly durations: Durations };

export type LoadSeries = {
  /** `nowMs`: when it was read. */
  note(point: Point, nowMs: number): void;
  seen(): number;
  read(): { readonly widthMs: number; readonly buckets: readonly LoadBucket[] };
};

/** Requests over time, by when they were sent. It holds no more than so much, however long it goes on. */
export function loadSeries(): LoadSeries {
  let widthMs = firstWidthMs;
  let stretches = new Map<number, Map<string, Counted>>();
  const kinds = new Set<string>();
  let seen = 0;
  /** The wall of k6 is not the clock here. Nothing is read before it is told, so the least apart is nearest to the truth. */
  let apartMs = Number.POSITIVE_INFINITY;

  function at(index: number, kind: string): Counted {
    const stretch = stretches.get(index) ?? new Map<string, Counted>();
    stretches.set(index, stretch);
    const counted = stretch.get(kind) ?? { requests: 0, failed: 0, durations: new Map() };
    stretch.set(kind, counted);
    return counted;
  }

  function halve(): void {
    const before = stretches;
    stretches = new Map();
    widthMs *= 2;
    for (const [index, stretch] of before) {
      for (const [kind, { requests, failed, durations }] of stretch) {
        const sum = at(Math.floor(index / 2), kind);
        sum.requests += requests;
        sum.failed += failed;
        addDurations(sum.durations, durations);
      }
    }
  }

  return {
    note({ endedWallMs, durationMs, failed, users }, nowMs) {
      apartMs = Math.min(apartMs, nowMs - endedWallMs);
      seen += 1;
      if (kinds.size < mostKinds) kinds.add(users);
      const counted = at(Math.floor((endedWallMs - durationMs) / widthMs), kinds.has(users) ? users : otherKinds);
      counted.requests += 1;
      if (failed) counted.failed += 1;
      noteDuration(counted.durations, durationMs);
      while (stretches.size > mostStretches) halve();
    },
    seen: () => seen,
    read() {
      const buckets = [...stretches].flatMap(([index, stretch]) =>
        [...stretch].map(([users, { requests, failed, durations }]) => ({
          atMs: index * widthMs + apartMs,
          users,
          requests,
          failed,
          durations: [...durations].sort(([a], [b]) => a - b),
        })),
      );
      return { widthMs, buckets: buckets.sort((a, b) => a.atMs - b.atMs || (a.users < b.users ? -1 : 1)) };
    },
  };
}
