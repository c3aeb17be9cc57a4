/** How long a stretch of acknowledged writes was lost, from nothing but the writes. */
import type { LostSpan } from '../../contract/canaries.ts';

/** A write took effect at one moment of `[startMs, endMs]`, if it did. */
export type Write = {
  readonly startMs: number;
  readonly endMs: number;
  /** `silent`: it was not acknowledged, so nothing was promised. */
  readonly fate: 'kept' | 'lost' | 'silent';
};

/**
 * Time whose acknowledged writes are lost. A window of loss meets a lost write and holds no kept one wholly. At most it is
 * all time that some such window can reach; at least what lies between two lost writes without a moment of a kept one
 * between them. Writes that overlap are in no order. A stretch in which nothing was acknowledged loses nothing. Without a
 * lost write it is from 0 to the longest gap that could hide one; where nothing was kept before the first nobody knows how
 * far back it reaches.
 */
export function lostSpan(writes: readonly Write[]): LostSpan {
  const kept = writes.filter(({ fate }) => fate === 'kept').sort(byStart);
  const lost = writes.filter(({ fate }) => fate === 'lost');
  const silences = silencesIn(writes);
  const untilMs = writes.reduce((most, { endMs }) => Math.max(most, endMs), Number.NEGATIVE_INFINITY);
  if (lost.length === 0) return { lowerMs: 0, upperMs: longestGap(kept, untilMs, silences) };
  const lowerMs = sum(free(kept).map((stretch) => certainIn(stretch, lost)));
  const reach = merged(reachOf(lost, kept, untilMs));
  const upperMs = sum(reach.map((stretch) => stretch.untilMs - stretch.fromMs - silentWithin(silences, stretch)));
  return { lowerMs, upperMs: Number.isFinite(upperMs) ? Math.max(lowerMs, upperMs) : null };
}

type Stretch = { readonly fromMs: number; readonly untilMs: number };

function byStart(a: { readonly startMs: number }, b: { readonly startMs: number }): number {
  return a.startMs - b.startMs;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Time in which no kept write can have taken effect. */
function free(kept: readonly Write[]): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let fromMs = Number.NEGATIVE_INFINITY;
  for (const { startMs, endMs } of kept) {
    if (startMs > fromMs) stretches.push({ fromMs, untilMs: startMs });
    fromMs = Math.max(fromMs, endMs);
  }
  return [...stretches, { fromMs, untilMs: Number.POSITIVE_INFINITY }];
}

/** From the first lost write that is surely over to the last that had surely not begun. */
function certainIn({ fromMs, untilMs }: Stretch, lost: readonly Write[]): number {
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const { startMs, endMs } of lost) {
    if (endMs >= fromMs && endMs <= untilMs) firstMs = Math.min(firstMs, endMs);
    if (startMs >= fromMs && startMs <= untilMs) lastMs = Math.max(lastMs, startMs);
  }
  return Math.max(0, lastMs - firstMs);
}

/** How far a window that meets each lost write can reach before it holds a kept one, or the record ends. */
function reachOf(lost: readonly Write[], kept: readonly Write[], recordEndMs: number): readonly Stretch[] {
  return lost.map(({ startMs, endMs }) => {
    let fromMs = Number.NEGATIVE_INFINITY;
    let untilMs = recordEndMs;
    for (const write of kept) {
      if (write.endMs <= startMs) fromMs = Math.max(fromMs, write.startMs);
      if (write.startMs >= endMs) untilMs = Math.min(untilMs, write.endMs);
    }
    return { fromMs, untilMs };
  });
}

function merged(stretches: readonly Stretch[]): readonly Stretch[] {
  const whole: { fromMs: number; untilMs: number }[] = [];
  for (const { fromMs, untilMs } of stretches.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = whole.at(-1);
    if (last !== undefined && fromMs <= last.untilMs) last.untilMs = Math.max(last.untilMs, untilMs);
    else whole.push({ fromMs, untilMs });
  }
  return whole;
}

/** From the end of the first to the begin of the last of writes in a row that nobody acknowledged. */
function silencesIn(writes: readonly Write[]): readonly Stretch[] {
  const silences: Stretch[] = [];
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

function silentWithin(silences: readonly Stretch[], { fromMs, untilMs }: Stretch): number {
  return silences.reduce(
    (sum, silence) => sum + Math.max(0, Math.min(untilMs, silence.untilMs) - Math.max(fromMs, silence.fromMs)),
    0,
  );
}

/** Between two writes in a row that were kept, and behind the last, what none of them shows. */
function longestGap(kept: readonly Write[], endMs: number, silences: readonly Stretch[]): number {
  let longest = 0;
  for (const [index, { startMs }] of kept.entries()) {
    const window = { fromMs: startMs, untilMs: kept[index + 1]?.endMs ?? endMs };
    longest = Math.max(longest, window.untilMs - window.fromMs - silentWithin(silences, window));
  }
  return longest;
}
