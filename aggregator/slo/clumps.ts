/**
 * How many results lie in each block as long as the longest stated burst, squared and summed up as cells are folded: what
 * `statedEffect` asks for. A burst may lie across the edge of two blocks, so they are laid twice, the second time half a
 * block later, and the larger sum counts: results that come in one heap half as long as a block are together in one of
 * the two. Heaps are never taken for more than twice as even as they are, wherever edges fall, and an even rate comes out
 * exact.
 */
import { burstBlockMs, statedEffect } from '../../contract/statistics.ts';
import { missingIn } from '../slices/slice.ts';
import { isWhole, minuteMs, spreadRead } from '../slices/spread.ts';
import type { Found } from './cells.ts';

const hourMs = 60 * minuteMs;

/** Blocks of one objective. */
export type Blocks = {
  readonly burstMs: number;
  readonly blockMs: number;
  /** How much later the second ones begin: a part of an hour, or hours. */
  readonly shiftMs: number;
};

export function blocksOf(burstMs: number): Blocks {
  const blockMs = burstBlockMs(burstMs);
  const gridMs = blockMs > hourMs ? hourMs : minuteMs;
  return { burstMs, blockMs, shiftMs: Math.floor(blockMs / 2 / gridMs) * gridMs };
}

/** Blocks that are laid one way: squares of those that are closed, and the last one, which is open. */
type Laid = { squares: number; openMs: number; open: number };

/** Of all results so far. */
export type Clumps = { n: number; readonly aligned: Laid; readonly shifted: Laid };

export function emptyClumps(): Clumps {
  const laid = (): Laid => ({ squares: 0, openMs: Number.NEGATIVE_INFINITY, open: 0 });
  return { n: 0, aligned: laid(), shifted: laid() };
}

export function copyClumps({ n, aligned, shifted }: Clumps): Clumps {
  return { n, aligned: { ...aligned }, shifted: { ...shifted } };
}

/** How the results of a merged hour lie in blocks that are shorter. */
export type Lie = {
  readonly squares: number;
  /** Of the shifted blocks: what lies before the first that begins in the hour, those within, and what lies in the last. */
  readonly head: number;
  readonly shiftedSquares: number;
  readonly tail: number;
};

type Heap = { readonly atMs: number; readonly widthMs: number; readonly lie?: Lie };

/** `n` results of a cell. Cells come in the order of time; of an hour, `lie` says how they lie in it. */
export function joinClumps(clumps: Clumps, blocks: Blocks, { atMs, widthMs, lie }: Heap, n: number): void {
  const { blockMs, shiftMs } = blocks;
  if (n === 0) return;
  clumps.n += n;
  const { aligned, shifted } = clumps;
  // An hour may be a whole block, and lie in two of the others.
  if (widthMs < blockMs || blockMs > hourMs) {
    join(aligned, Math.floor(atMs / blockMs) * blockMs, n);
    join(shifted, Math.floor((atMs - shiftMs) / blockMs) * blockMs + shiftMs, n);
    return;
  }
  // What is not known to lie apart may lie together.
  const { squares, head, shiftedSquares, tail } = lie ?? { squares: n * n, head: 0, shiftedSquares: n * n, tail: 0 };
  aligned.squares += squares;
  if (head > 0) join(shifted, atMs + shiftMs - blockMs, head);
  shifted.squares += shiftedSquares;
  if (tail > 0) join(shifted, atMs + widthMs + shiftMs - blockMs, tail);
}

function join(laid: Laid, startMs: number, n: number): void {
  if (startMs !== laid.openMs) {
    laid.squares += laid.open ** 2;
    laid.openMs = startMs;
    laid.open = 0;
  }
  laid.open += n;
}

/**
 * The design effect of what came between. A block that was open at its beginning counts for what it grew by: its results
 * are held against those before them too, as at its end none are held against those that follow.
 */
export function effectBetween(to: Clumps, from: Clumps, { burstMs }: Blocks): number {
  const squares = (of: Clumps['aligned']): number => of.squares + of.open ** 2;
  const aligned = squares(to.aligned) - squares(from.aligned);
  const shifted = squares(to.shifted) - squares(from.shifted);
  return statedEffect(Math.max(aligned, shifted), to.n - from.n, burstMs);
}

/** What of a slice counts: of a region or of all, what came, and what did not. */
export type Weigh = {
  readonly region: string | null;
  of(good: number, bad: number, leaks: number): number;
  readonly countsMissing: boolean;
};

/**
 * How the results of an hour lie, from slices that know their minutes. Those of one that does not may all have come in
 * one block, the fullest.
 */
function lieOf(found: readonly Found[], widthMs: number, blocks: Blocks, weigh: Weigh): Lie {
  const minutes = new Float64Array(widthMs / minuteMs);
  let unknown = 0;
  for (const one of found) unknown += layOut(one, minutes, weigh);
  const perBlock = blocks.blockMs / minuteMs;
  const shift = blocks.shiftMs / minuteMs;
  const last = minutes.length - ((minutes.length - shift) % perBlock);
  return {
    squares: squaresIn(minutes, [0, minutes.length, perBlock], unknown),
    head: sum(minutes, 0, shift),
    shiftedSquares: squaresIn(minutes, [shift, last, perBlock], unknown),
    tail: sum(minutes, last, minutes.length),
  };
}

/** Puts what it has minute by minute; returns what it does not know the minutes of. */
function layOut({ slice, asked }: Found, minutes: Float64Array, weigh: Weigh): number {
  const counts = (name: string): boolean => weigh.region === null || weigh.region === name;
  const spread = spreadRead(slice);
  if (spread === null || !isWhole(spread, slice)) {
    let all = weigh.countsMissing && asked ? missingIn(slice) : 0;
    for (const [name, { good, bad, leaks = 0 }] of slice.regions) if (counts(name)) all += weigh.of(good, bad, leaks);
    return all;
  }
  for (const [name, parts] of spread.regions) {
    if (!counts(name)) continue;
    for (let minute = 0; minute < minutes.length; minute += 1) {
      const part = parts[minute];
      if (part === undefined) continue;
      minutes[minute] = (minutes[minute] as number) + weigh.of(part[0] ?? 0, part[1] ?? 0, part[2] ?? 0);
    }
  }
  if (!weigh.countsMissing || !asked) return 0;
  for (let minute = 0; minute < minutes.length; minute += 1) {
    minutes[minute] = (minutes[minute] as number) + (spread.missing[minute] ?? 0);
  }
  return 0;
}

type Stretch = readonly [from: number, to: number, perBlock: number];

function squaresIn(minutes: Float64Array, [from, to, perBlock]: Stretch, unknown: number): number {
  let squares = 0;
  let fullest = 0;
  for (let at = from; at < to; at += perBlock) {
    const size = sum(minutes, at, at + perBlock);
    squares += size ** 2;
    fullest = Math.max(fullest, size);
  }
  return squares - fullest ** 2 + (fullest + unknown) ** 2;
}

/** Says how the results of merged hours lie, and of other cells nothing. Quiet hours lie alike: one answer does for all. */
export function lying(
  blocks: Blocks | null,
): (found: readonly Found[], widthMs: number, weigh: Weigh) => Lie | undefined {
  let last: Lie | undefined;
  return (found, widthMs, weigh) => {
    if (blocks === null || widthMs !== hourMs || blocks.blockMs > hourMs) return undefined;
    const next = lieOf(found, widthMs, blocks, weigh);
    if (last === undefined || !isSame(last, next)) last = next;
    return last;
  };
}

function isSame(a: Lie, b: Lie): boolean {
  return a.squares === b.squares && a.head === b.head && a.shiftedSquares === b.shiftedSquares && a.tail === b.tail;
}

function sum(minutes: Float64Array, from: number, to: number): number {
  let all = 0;
  for (let minute = from; minute < to; minute += 1) all += minutes[minute] as number;
  return all;
}
