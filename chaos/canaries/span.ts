/** How long a stretch of acknowledged writes was lost, from nothing but the writes. */
import type { Bounds } from '../../contract/bounds.ts';

/** A write took effect at one moment of `[startMs, endMs]`, if it did. */
export type Write = {
  readonly startMs: number;
  readonly endMs: number;
  /** `silent`: it was not acknowledged, so nothing was promised. */
  readonly fate: 'kept' | 'lost' | 'silent';
};

/**
 * Time whose acknowledged writes are lost. The history is the simplest that fits: the fewest windows such that every lost
 * write can have taken effect in one, and no kept write had to. Writes that overlap are in no order. Of each window the
 * shortest and the longest that fit are added up; a stretch in which nothing was acknowledged loses nothing. Without a
 * lost write it is from 0 to the longest gap that could hide one.
 */
export function lostSpan(writes: readonly Write[]): Bounds {
  const kept = writes.filter(({ fate }) => fate === 'kept').sort(byStart);
  const silences = silencesIn(writes);
  const record = recordOf(writes);
  const windows = windowsOf(
    writes.filter(({ fate }) => fate === 'lost'),
    kept,
  );
  if (windows.length === 0) return { lowerMs: 0, upperMs: longestGap(writes, silences) };
  return windows.reduce<Bounds>(
    (sum, window) => {
      const longest = widest(window, kept, record);
      const whole = longest.untilMs - longest.fromMs;
      return {
        lowerMs: sum.lowerMs + Math.max(0, window.untilMs - window.fromMs),
        upperMs: sum.upperMs + whole - silentWithin(silences, longest),
      };
    },
    { lowerMs: 0, upperMs: 0 },
  );
}

/** `fromMs` after `untilMs`: one moment between the two is enough. */
type Window = { readonly fromMs: number; readonly untilMs: number };

function byStart(a: Write, b: Write): number {
  return a.startMs - b.startMs;
}

function recordOf(writes: readonly Write[]): Window {
  return {
    fromMs: writes.reduce((least, { startMs }) => Math.min(least, startMs), Number.POSITIVE_INFINITY),
    untilMs: writes.reduce((most, { endMs }) => Math.max(most, endMs), Number.NEGATIVE_INFINITY),
  };
}

/** The shortest windows that meet every lost write. A new one begins where a kept write would have to lie within. */
function windowsOf(lost: readonly Write[], kept: readonly Write[]): readonly Window[] {
  const windows: Window[] = [];
  for (const { startMs, endMs } of lost.toSorted((a, b) => a.endMs - b.endMs || a.startMs - b.startMs)) {
    const last = windows.at(-1);
    const joined = last === undefined ? null : { fromMs: last.fromMs, untilMs: Math.max(last.untilMs, startMs) };
    if (joined !== null && !holdsOne(kept, joined)) windows[windows.length - 1] = joined;
    else windows.push({ fromMs: endMs, untilMs: startMs });
  }
  return windows;
}

/** Whether a kept write lies wholly within. */
function holdsOne(kept: readonly Write[], { fromMs, untilMs }: Window): boolean {
  for (let index = firstFrom(kept, fromMs); index < kept.length; index += 1) {
    const write = kept[index];
    if (write === undefined || write.startMs > untilMs) return false;
    if (write.endMs <= untilMs) return true;
  }
  return false;
}

/** The index of the first that begins at that time or later. */
function firstFrom(sorted: readonly Write[], fromMs: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.startMs ?? 0) < fromMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How far the window may reach at most before it holds a kept write, or the record ends. */
function widest({ fromMs, untilMs }: Window, kept: readonly Write[], record: Window): Window {
  let left = record.fromMs;
  let right = record.untilMs;
  for (const { startMs, endMs } of kept) {
    if (endMs <= untilMs) left = Math.max(left, startMs);
    if (startMs >= fromMs) right = Math.min(right, endMs);
  }
  return { fromMs: left, untilMs: right };
}

/** From the end of the first to the begin of the last of writes in a row that nobody acknowledged. */
function silencesIn(writes: readonly Write[]): readonly Window[] {
  const silences: Window[] = [];
  const acknowledged = writes.filter(({ fate }) => fate !== 'silent').sort(byStart);
  let run: Write[] = [];
  const close = (): void => {
    const fromMs = run.reduce((least, { endMs }) => Math.min(least, endMs), Number.POSITIVE_INFINITY);
    const untilMs = run.at(-1)?.startMs ?? Number.NEGATIVE_INFINITY;
    if (untilMs > fromMs) silences.push({ fromMs, untilMs });
    run = [];
  };
  let next = 0;
  let openUntilMs = Number.NEGATIVE_INFINITY;
  for (const write of writes.filter(({ fate }) => fate === 'silent').sort(byStart)) {
    let isParted = false;
    while ((acknowledged[next]?.startMs ?? Number.POSITIVE_INFINITY) <= write.startMs) {
      openUntilMs = Math.max(openUntilMs, acknowledged[next]?.endMs ?? 0);
      isParted = true;
      next += 1;
    }
    // One that was acknowledged while another was not says nothing of silence.
    if (isParted || openUntilMs > write.startMs) close();
    if (openUntilMs <= write.startMs) run.push(write);
  }
  close();
  return silences;
}

function silentWithin(silences: readonly Window[], { fromMs, untilMs }: Window): number {
  return silences.reduce(
    (sum, silence) => sum + Math.max(0, Math.min(untilMs, silence.untilMs) - Math.max(fromMs, silence.fromMs)),
    0,
  );
}

/** Between two writes in a row that were kept, what neither shows. */
function longestGap(writes: readonly Write[], silences: readonly Window[]): number {
  const kept = writes.filter(({ fate }) => fate === 'kept').sort(byStart);
  const record = recordOf(writes);
  const edges = [
    { startMs: record.fromMs, endMs: record.fromMs },
    ...kept,
    { startMs: record.untilMs, endMs: record.untilMs },
  ];
  let longest = 0;
  for (let index = 1; index < edges.length && writes.length > 0; index += 1) {
    const [before, after] = [edges[index - 1], edges[index]];
    if (before === undefined || after === undefined) continue;
    const window = { fromMs: before.startMs, untilMs: after.endMs };
    longest = Math.max(longest, window.untilMs - window.fromMs - silentWithin(silences, window));
  }
  return longest;
}
