/**
 * How the results of a merged hour lie in its minutes. Objectives that count slices of time need it: that an hour had
 * twelve bad results does not say whether they spoilt one minute or twelve.
 */
import { countUnder } from './histogram.ts';
import { type Counts, missingIn, type Slice } from './slice.ts';

export const minuteMs = 60_000;
const minutes = 60;

/** Good, bad and leaks; then for each limit how many are under it, and how many in the bucket that it cuts. */
export type Part = readonly number[];

export type Spread = {
  /** Limits of latency that were told apart when the hour was merged. */
  readonly limitsMs: readonly number[];
  /** Expected and not there, minute by minute. */
  readonly missing: number[];
  /** Minute by minute; `undefined` where the region had no results. */
  readonly regions: Map<string, (Part | undefined)[]>;
};

export function emptySpread(limitsMs: readonly number[]): Spread {
  return { limitsMs, missing: Array.from({ length: minutes }, () => 0), regions: new Map() };
}

/** The spread of an hour with a slice of a minute or less added, which lies in it; `null` where it is not known. */
export function spreadWith(hour: Slice, slice: Slice, limitsMs: readonly number[]): Spread | null {
  const known = spreadOf(hour);
  if (known === null) return null;
  const spread = narrowed(known, limitsMs);
  const minute = Math.floor((slice.atMs - hour.atMs) / minuteMs);
  spread.missing[minute] = (spread.missing[minute] ?? 0) + missingIn(slice);
  for (const [region, counts] of slice.regions) {
    let parts = spread.regions.get(region);
    if (parts === undefined) {
      parts = Array.from({ length: minutes }, () => undefined);
      spread.regions.set(region, parts);
    }
    const part = partOf(counts, spread.limitsMs);
    const before = parts[minute];
    parts[minute] = before === undefined ? part : part.map((value, index) => value + (before[index] ?? 0));
  }
  return spread;
}

export function spreadOf({ spread = null }: Slice): Spread | null {
  return typeof spread === 'string' ? spreadFrom(spread) : spread;
}

/** Texts that were read lately: quiet hours are alike, and several objectives ask for the same. */
const lately = new Map<string, Spread>();
const mostLately = 64;

/** The same for who only reads: it may be that of other slices too. */
export function spreadRead({ spread = null }: Slice): Readonly<Spread> | null {
  if (typeof spread !== 'string') return spread;
  let known = lately.get(spread);
  if (known === undefined) {
    known = spreadFrom(spread);
    if (lately.size >= mostLately) lately.clear();
    lately.set(spread, known);
  }
  return known;
}

/** With only those limits that are told apart still: of the others what is added would not be known. */
function narrowed(spread: Spread, limitsMs: readonly number[]): Spread {
  const kept = spread.limitsMs.flatMap((limitMs, index) => (limitsMs.includes(limitMs) ? [index] : []));
  if (kept.length === spread.limitsMs.length) return spread;
  const narrow = (part: Part | undefined): Part | undefined =>
    part && [...part.slice(0, fixed), ...kept.flatMap((index) => part.slice(fixed + 2 * index, fixed + 2 * index + 2))];
  return {
    limitsMs: kept.map((index) => spread.limitsMs[index] as number),
    missing: spread.missing,
    regions: new Map([...spread.regions].map(([region, parts]) => [region, parts.map(narrow)])),
  };
}

/** Good, bad, leaks. */
const fixed = 3;

function partOf(counts: Counts, limitsMs: readonly number[]): Part {
  const { good, bad, leaks = 0 } = counts;
  return [good, bad, leaks, ...limitsMs.flatMap((limitMs) => underIn(counts, limitMs))];
}

/** How many good results took at most so long, and of how many that is not known. */
export function underIn(
  { good, samplesMs, durations }: Counts,
  limitMs: number,
): readonly [under: number, cut: number] {
  if (samplesMs !== null && samplesMs.length === good) {
    return [samplesMs.reduce((sum, sample) => (sample <= limitMs ? sum + 1 : sum), 0), 0];
  }
  const { under, cut } = countUnder(durations, limitMs / 1_000);
  return [under, cut];
}

/** Of a part: how many are under the limit and in its bucket; `undefined` of a limit that was not told apart. */
export function underInPart(spread: Spread, part: Part, limitMs: number): readonly [number, number] | undefined {
  const index = spread.limitsMs.indexOf(limitMs);
  return index === -1 ? undefined : [part[fixed + 2 * index] ?? 0, part[fixed + 2 * index + 1] ?? 0];
}

/** Whether the minutes add up to the counts of the hour: a release that does not know them may have counted more. */
export function isWhole({ regions }: Spread, hour: Slice): boolean {
  for (const [region, { good, bad }] of hour.regions) {
    let [g, b] = [0, 0];
    for (const part of regions.get(region) ?? []) {
      g += part?.[0] ?? 0;
      b += part?.[1] ?? 0;
    }
    if (g !== good || b !== bad) return false;
  }
  return true;
}

type Run<T> = readonly [length: number, value: T];
type Stored = {
  readonly l?: readonly number[];
  readonly m: readonly Run<number>[];
  readonly r: { readonly [region: string]: readonly Run<Part | null>[] };
};

/** Quiet minutes are alike: runs of them are written once. */
export function spreadText({ limitsMs, missing, regions }: Spread): string {
  const stored: Stored = {
    ...(limitsMs.length > 0 ? { l: limitsMs } : {}),
    m: runsOf(missing, (a, b) => a === b),
    r: Object.fromEntries(
      [...regions].map(([region, parts]) => [
        region,
        runsOf<Part | null>(
          parts.map((part) => part ?? null),
          (a, b) => a === b || (a !== null && b !== null && a.every((value, index) => value === b[index])),
        ),
      ]),
    ),
  };
  return JSON.stringify(stored);
}

function spreadFrom(text: string): Spread {
  const { l = [], m, r } = JSON.parse(text) as Stored;
  const parts = Object.entries(r).map(
    ([region, runs]) => [region, valuesOf(runs).map((part) => part ?? undefined)] as const,
  );
  return { limitsMs: l, missing: valuesOf(m), regions: new Map(parts) };
}

function runsOf<T>(values: readonly T[], isSame: (a: T, b: T) => boolean): readonly Run<T>[] {
  const runs: [number, T][] = [];
  for (const value of values) {
    const last = runs.at(-1);
    if (last !== undefined && isSame(last[1], value)) last[0] += 1;
    else runs.push([1, value]);
  }
  return runs;
}

function valuesOf<T>(runs: readonly Run<T>[]): T[] {
  const values: T[] = [];
  for (const [length, value] of runs) for (let at = 0; at < length; at += 1) values.push(value);
  return values;
}
