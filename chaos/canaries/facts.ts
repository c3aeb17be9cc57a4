/** What is recorded of a drill's canaries: the lines of `canaries.jsonl`, on the runner's clock, and nothing else. */
import type { NumberRange, Numbers } from '../../contract/canaries.ts';

/** Where writes go and stores are read: what `targetsOf` makes of a scenario. No secret is in it. */
export type CanarySetup = {
  readonly what: 'setup';
  readonly drill: string;
  /** Begins every id of this drill. */
  readonly mark: string;
  readonly writers: 'each' | 'one';
  /** Each is a place that is written to: a region's endpoint or an entry name. */
  readonly targets: readonly CanaryTarget[];
  /** Regions whose stores are read. */
  readonly stores: readonly { readonly region: string; readonly mayStore: boolean }[];
  readonly rpoMs: number;
  readonly everyMs: number;
};

export type CanaryTarget = {
  /** A region, or `entry.api`. */
  readonly name: string;
  /** The region whose endpoint it is; `null` of an entry name. */
  readonly region: string | null;
  /** Whose numbers it takes. */
  readonly sequence: string;
};

/** One write. It took effect between the two times, if it did. */
export type CanaryAttempt = {
  readonly what: 'attempt';
  readonly target: string;
  readonly seq: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly acknowledged: boolean;
  /** Who said so, by the identity that the scenario names; the region asked where it says nothing. */
  readonly by: string | null;
  /** The status, or why there was none. */
  readonly said: string;
};

/** One look into a region's store. What it shows was there at some moment between the two times. */
export type CanaryReading = {
  readonly what: 'reading';
  readonly region: string;
  readonly sentMs: number;
  readonly receivedMs: number;
} & (
  | {
      readonly found: Numbers;
      readonly doubles: Numbers /** Ids with the drill's mark that are none of its numbers. */;
      readonly odd: readonly string[];
    }
  | { readonly failed: string }
);

/** How erasing came out. */
export type CanaryErased = {
  readonly what: 'erased';
  readonly left: Readonly<Record<string, readonly string[]>>;
  readonly unread: Readonly<Record<string, string>>;
  readonly records: number;
};

/** From here on nothing is written: readings that follow show what is durable. */
export type CanaryEnded = { readonly what: 'ended'; readonly atMs: number };

export type CanaryLine = CanarySetup | CanaryAttempt | CanaryReading | CanaryEnded | CanaryErased;

/** The record of a drill's canaries, in the order in which it was made. */
export type CanaryFacts = readonly CanaryLine[];

export function linesOf<W extends CanaryLine['what']>(
  facts: CanaryFacts,
  what: W,
): readonly Extract<CanaryLine, { readonly what: W }>[] {
  return facts.filter((line): line is Extract<CanaryLine, { readonly what: W }> => line.what === what);
}

/** Numbers in any order, as ranges. */
export function rangesOf(numbers: Iterable<number>): readonly NumberRange[] {
  const ranges: [number, number][] = [];
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges;
}

export function numbersIn(ranges: readonly NumberRange[]): ReadonlySet<number> {
  const numbers = new Set<number>();
  for (const [from, to] of ranges) for (let number = from; number <= to; number += 1) numbers.add(number);
  return numbers;
}

/** `17 to 20, 31`; past some pieces only how many more there are. */
export function shownRanges(ranges: readonly NumberRange[]): string {
  const mostShown = 8;
  const shown = ranges.slice(0, mostShown).map(([from, to]) => (from === to ? `${from}` : `${from} to ${to}`));
  return `${shown.join(', ')}${ranges.length > mostShown ? ` and ${ranges.length - mostShown} more pieces` : ''}`;
}

export function shownNumbers(numbers: Numbers): string {
  return Object.entries(numbers)
    .map(([sequence, ranges]) => `${sequence} ${shownRanges(ranges)}`)
    .join('; ');
}

export function countOf(numbers: Numbers): number {
  return Object.values(numbers)
    .flat()
    .reduce((sum, [from, to]) => sum + to - from + 1, 0);
}
