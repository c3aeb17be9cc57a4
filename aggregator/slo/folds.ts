/** How cells add up: by occurrences, by slices of time, or by the age of the newest good result. */
import type { MissingPolicy, TimeSlices } from '../../contract/objective.ts';
import type { Account } from './account.ts';
import { joinCrowd } from './bursts.ts';
import type { Cell } from './cells.ts';
import { type Blocks, joinClumps } from './clumps.ts';
import { type Apart, copyLines, emptyLines, type LineName, type Lines, lineOf } from './lines.ts';
import type { Fold } from './timeline.ts';

export type FoldOptions = {
  apart(): Apart;
  /** Whether what drills broke counts. */
  readonly countsDrills: boolean;
  /** Of the blocks that show bursts. */
  readonly blockMs: number;
  /** Of the longest burst, where it is stated and results are counted; what is missing is in them where it counts. */
  readonly blocks: (Blocks & { readonly countsMissing: boolean }) | null;
};

/** What one cell, or one slice of time, adds to a line. */
type Events = { readonly atMs: number; readonly line: LineName; readonly good: number; readonly bad: number };

function crowd(lines: Lines, events: Events, options: FoldOptions): void {
  if (lines.crowd !== null && isCounted(events.line, options)) joinCrowd(lines.crowd, options.blockMs, events);
}

function isCounted(line: LineName, { countsDrills }: FoldOptions): boolean {
  return line === 'own' || (line === 'drills' && countsDrills);
}

/** A fold whose state shows the accounts so far. */
export type LinesFold<S> = Fold<Cell, S> & { lines(state: S): Lines };

type Occurrences = { readonly lines: Lines; last: 'good' | 'bad' | null };

/** Every result counts once. */
export function occurrences(options: FoldOptions): LinesFold<Occurrences> {
  return {
    start: () => ({ lines: emptyLines(options.blocks !== null), last: null }),
    copy: ({ lines, last }) => ({ lines: copyLines(lines), last }),
    step(state, cell) {
      const { line, isCut } = lineOf(options.apart(), cell);
      const samples = cell.good + cell.bad + cell.unsure;
      if (samples > 0) state.last = cell.bad > cell.good + cell.unsure ? 'bad' : 'good';
      const account = state.lines[line];
      account.good += cell.good;
      account.bad += cell.bad;
      account.unsure += cell.unsure;
      countMissing(account, cell.missing, state.last);
      if (isCut) state.lines.cut += samples;
      const { blocks } = options;
      const { clumps } = state.lines;
      crowd(state.lines, { atMs: cell.atMs, line, good: cell.good, bad: cell.bad }, options);
      if (blocks !== null && clumps !== null && isCounted(line, options)) {
        joinClumps(clumps, blocks, cell, samples + (blocks.countsMissing ? cell.missing : 0));
      }
    },
    lines: ({ lines }) => lines,
  };
}

function countMissing(account: Account, missing: number, last: 'good' | 'bad' | null): void {
  account.missing += missing;
  if (last === 'good') account.heldGood += missing;
  if (last === 'bad') account.heldBad += missing;
}

type Part = { good: number; bad: number; unsure: number; missing: number };
/** What drills broke, and the rest: of a slice that a drill covers in part, each is judged by itself. */
type Open = { readonly startMs: number; readonly own: Part; readonly drills: Part };
type Slices = { readonly lines: Lines; last: 'good' | 'bad' | null; open: Open | null };

/**
 * Every slice of time counts once, and once on the line of drills if it has results of both: good when its share of good
 * results is at least the slice's own target. A cell wider than a slice does not say how its bad results were spread: what spreads can make of it is `unsure`, as if each slice
 * in it had as many results as the others.
 */
export function timeSlices(of: TimeSlices, policy: MissingPolicy, options: FoldOptions): LinesFold<Slices> {
  const { sliceMs } = of;
  const close = (state: Slices): void => closeSlice(state, { ...of, policy }, options);

  function step(state: Slices, cell: Cell): void {
    const { line, isCut } = lineOf(options.apart(), cell);
    if (isCut) state.lines.cut += 1;
    if (cell.widthMs > sliceMs) {
      close(state);
      countWide(state, cell, { ...of, line }, options);
      return;
    }
    const startMs = Math.floor(cell.atMs / sliceMs) * sliceMs;
    if (state.open?.startMs !== startMs) {
      close(state);
      state.open = { startMs, own: emptyPart(), drills: emptyPart() };
    }
    // What is left out of a slice does not spoil the rest of it.
    if (line === 'excluded') return;
    const part = state.open[line];
    part.good += cell.good;
    part.bad += cell.bad;
    part.unsure += cell.unsure;
    part.missing += cell.missing;
  }

  return {
    start: () => ({ lines: emptyLines(), last: null, open: null }),
    copy: ({ lines, last, open }) => ({ lines: copyLines(lines), last, open: open && copyOpen(open) }),
    step,
    lines(state) {
      close(state);
      return state.lines;
    },
  };
}

function emptyPart(): Part {
  return { good: 0, bad: 0, unsure: 0, missing: 0 };
}

function copyOpen({ startMs, own, drills }: Open): Open {
  return { startMs, own: { ...own }, drills: { ...drills } };
}

type Closing = TimeSlices & { readonly policy: MissingPolicy };

function closeSlice(state: Slices, closing: Closing, options: FoldOptions): void {
  const { open } = state;
  state.open = null;
  if (open === null) return;
  // The rest comes last: what is missing after it is held by that.
  for (const line of ['drills', 'own'] as const) closePart(state, { ...closing, open, line }, options);
}

function closePart(
  state: Slices,
  { target, policy, open, line }: Closing & { readonly open: Open; readonly line: 'own' | 'drills' },
  options: FoldOptions,
): void {
  const { good, bad, unsure, missing } = open[line];
  const samples = good + bad + unsure;
  const account = state.lines[line];
  if (samples === 0) {
    if (missing > 0) countMissing(account, 1, state.last);
    return;
  }
  const n = policy === 'bad' ? samples + missing : samples;
  if (reaches(good, n, target)) {
    account.good += 1;
    state.last = 'good';
    crowd(state.lines, { atMs: open.startMs, line, good: 1, bad: 0 }, options);
  } else if (reaches(good + unsure, n, target)) {
    account.unsure += 1;
  } else {
    account.bad += 1;
    state.last = 'bad';
    crowd(state.lines, { atMs: open.startMs, line, good: 0, bad: 1 }, options);
  }
}

/** 19 of 20 are 95 %, whatever becomes of 0.95 * 20 in binary. */
function reaches(good: number, n: number, target: number): boolean {
  return good >= target * n - 1e-9 * n;
}

type Wide = TimeSlices & { readonly line: LineName };

function countWide(state: Slices, cell: Cell, { sliceMs, target, line }: Wide, options: FoldOptions): void {
  const account = state.lines[line];
  const slices = Math.round(cell.widthMs / sliceMs);
  const samples = cell.good + cell.bad + cell.unsure;
  if (samples === 0) {
    countMissing(account, slices, state.last);
    return;
  }
  const covered = Math.min(slices, samples);
  const each = Math.max(1, Math.floor(samples / slices));
  const leastBad = Math.floor((1 - target) * each + 1e-9 * each) + 1;
  const leastGood = Math.max(1, Math.ceil(target * each - 1e-9 * each));
  const mostBad = Math.min(covered, Math.floor((cell.bad + cell.unsure) / leastBad));
  const surelyBad = Math.max(0, covered - Math.floor((cell.good + cell.unsure) / leastGood));
  const bad = Math.min(surelyBad, mostBad);
  account.good += covered - mostBad;
  account.bad += bad;
  account.unsure += mostBad - bad;
  state.last = bad * 2 > covered ? 'bad' : 'good';
  crowd(state.lines, { atMs: cell.atMs, line, good: covered - mostBad, bad }, options);
  countMissing(account, Math.min(slices - covered, Math.ceil(cell.missing / each)), state.last);
}

type Aging = {
  readonly lines: Lines;
  last: 'good' | 'bad' | null;
  newest: readonly [number, number] | null;
  /** Where the last cell ended, and whether it was known to be bad. */
  endMs: number | null;
  wasBad: boolean;
};

/** Longer than this nobody asked at all: what lies beyond is no silence of anybody. */
const longestGapMs = 7 * 86_400_000;

/**
 * Time in steps of `stepMs`: good when at its end the newest good result is at most `limitMs` old. Silence ages like
 * failure, but where nothing came it is missing, not bad: it may be the vantage that is silent. Steps between two rounds
 * count too: else a minute with one result would come to one step, and to six when it is merged.
 */
export function freshness(limitMs: number, stepMs: number, options: FoldOptions): LinesFold<Aging> {
  function count(state: Aging, cell: Cell): void {
    const { line, isCut } = lineOf(options.apart(), cell);
    const steps = Math.round(cell.widthMs / stepMs);
    if (isCut) state.lines.cut += steps;
    const aged = agedIn(state.newest, cell, { limitMs, stepMs, steps });
    const account = state.lines[line];
    const stale = steps - aged.fresh - aged.unsure;
    account.good += aged.fresh;
    account.unsure += aged.unsure;
    if (aged.isKnown) account.bad += stale;
    else countMissing(account, stale, state.last);
    if (aged.isKnown || aged.fresh > 0) state.last = aged.fresh * 2 >= steps ? 'good' : 'bad';
    state.newest = aged.newest;
    const bad = aged.isKnown ? stale : 0;
    crowd(state.lines, { atMs: cell.atMs, line, good: aged.fresh, bad }, options);
  }

  function countGap(state: Aging, untilMs: number): void {
    const { endMs } = state;
    if (endMs === null) return;
    const toMs = Math.min(untilMs, endMs + longestGapMs);
    // After a failure it is known that nothing good came meanwhile; nobody had asked.
    const silence = { widthMs: stepMs, good: 0, bad: state.wasBad ? 1 : 0, unsure: 0, missing: 0 };
    for (let atMs = endMs; atMs < toMs; atMs += stepMs) count(state, { ...silence, atMs });
  }

  return {
    start: () => ({ lines: emptyLines(), last: null, newest: null, endMs: null, wasBad: false }),
    copy: (state) => ({ ...state, lines: copyLines(state.lines) }),
    step(state, cell) {
      countGap(state, cell.atMs);
      count(state, cell);
      state.wasBad = cell.good === 0 && cell.bad > 0;
      state.endMs = Math.max(state.endMs ?? Number.NEGATIVE_INFINITY, cell.atMs + cell.widthMs);
    },
    lines: ({ lines }) => lines,
  };
}

type Steps = { readonly limitMs: number; readonly stepMs: number; readonly steps: number };
type Aged = {
  readonly fresh: number;
  readonly unsure: number;
  readonly isKnown: boolean;
  readonly newest: Aging['newest'];
};

function agedIn(newest: Aging['newest'], cell: Cell, { limitMs, stepMs, steps }: Steps): Aged {
  const { atMs, widthMs, good } = cell;
  const endMs = atMs + widthMs;
  const notGood = cell.bad + cell.unsure + cell.missing;
  if (good > 0) {
    if (steps === 1) return { fresh: 1, unsure: 0, isKnown: true, newest: [atMs, endMs] };
    const spacingMs = widthMs / (good + notGood);
    const silentMs = notGood * spacingMs;
    const beforeMs = newest === null ? 0 : atMs - newest[0];
    const unsure = notGood === 0 ? 0 : Math.ceil(Math.max(0, silentMs + beforeMs + stepMs - limitMs) / stepMs);
    const capped = Math.min(steps, unsure);
    return { fresh: steps - capped, unsure: capped, isKnown: true, newest: [endMs - silentMs - spacingMs, endMs] };
  }
  if (newest === null) return { fresh: 0, unsure: 0, isKnown: cell.bad > 0, newest };
  const within = (seenMs: number): number =>
    Math.max(0, Math.min(steps, Math.floor((seenMs + limitMs - atMs) / stepMs)));
  const fresh = within(newest[0]);
  return { fresh, unsure: within(newest[1]) - fresh, isKnown: cell.bad > 0, newest };
}
