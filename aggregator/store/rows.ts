/** What goes between the aggregator and its disk. Plain data: it crosses a thread. */
import type { Annotation, BurstRequest } from '../../contract/api.ts';
import type { DrillReport } from '../../contract/drill.ts';
import type { MissingReason } from '../../contract/result.ts';
import type { PackedSlices } from './packed-slices.ts';

/** How far one boot of an agent is counted. */
export type SequenceRow = {
  readonly agent: string;
  readonly boot: string;
  readonly vantage: string;
  readonly through: number;
  /** The clock offset by which its rounds are lined up with everybody's, fixed with its first result. */
  readonly alignByMs: number;
  readonly clock: ClockRow | null;
};
/** What was known of the agent's clock; `clock-offset.ts` reads it. */
export type ClockRow = {
  readonly bounds: { readonly lowerMs: number; readonly upperMs: number };
  readonly atMs: number;
  readonly restarts: number;
};

/** Results of one frame, as it came: parsed again when somebody asks for them. */
export type BlockRow = {
  /** Of its first result; the others follow. */
  readonly firstId: number;
  readonly count: number;
  /** Results at the frame's start that had been counted before. */
  readonly skip: number;
  readonly agent: string;
  readonly boot: string;
  readonly vantage: string;
  readonly clock: ClockRow | null;
  readonly alignByMs: number;
  /** On the aggregator's clock. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Names of the checks and of the bursts in it, each between line feeds. */
  readonly names: string;
  readonly bursts: string;
  readonly frame: string;
};

export type GapRow = {
  readonly agent: string;
  readonly boot: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly reason: MissingReason;
};

/** Everything in it becomes durable together, or nothing does. */
export type Commit = {
  readonly sequences: readonly SequenceRow[];
  readonly blocks: readonly BlockRow[];
  readonly gaps: readonly GapRow[];
};

export type SliceRow = {
  readonly widthMs: number;
  readonly atMs: number;
  readonly checkId: string;
  readonly vantage: string;
  readonly burst: string;
  readonly expected: number;
  readonly remainder: MissingReason;
  readonly regions: readonly RegionRow[];
  /** Of an hour: how its results lie in its minutes, as `slices/spread.ts` writes it. */
  readonly minutes?: string;
  /** Leaks by region, as JSON. */
  readonly leaks?: string;
};
export type RegionRow = {
  readonly region: string;
  readonly good: number;
  readonly bad: number;
  readonly missing: { readonly [R in MissingReason]?: number };
  readonly durations: string;
};
export type SliceId = Pick<SliceRow, 'widthMs' | 'atMs' | 'checkId' | 'vantage' | 'burst'>;

export type AgentRow = {
  readonly agent: string;
  readonly vantage: string;
  readonly region: string;
  readonly boot: string;
  readonly version: string;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  /** Check interval in milliseconds to the end of the last slice whose expected results are declared. */
  readonly settled: { readonly [everyMs: string]: number };
  /** Which of its rounds are ours, on its clock: `[from, to][]`, the last may be open; absent or `null`: all. */
  readonly held?: readonly (readonly [number, number | null])[] | null;
  /** A person took it out. */
  readonly isRemoved?: boolean;
};

/** Slices as they are with all blocks up to `throughId` in them. What came later is folded in again at the next start. */
export type Fold = {
  readonly throughId: number;
  readonly changed: readonly SliceRow[];
  readonly removed: readonly SliceId[];
  readonly agents: readonly AgentRow[];
};

/** A check that has had results: its name outlives the assignment. */
export type CheckRow = {
  readonly id: string;
  readonly name: string;
  readonly target: string;
  readonly region: string | null;
  readonly entry: string | null;
  readonly kind: string;
  readonly everyMs: number;
  /** From when on it was assigned; rounds before are not expected. */
  readonly sinceMs: number;
};

export type AnnotationRow = Annotation & { readonly id: number };

/** All that is needed to go on where the last process stopped. */
export type Loaded = {
  readonly sequences: readonly SequenceRow[];
  readonly agents: readonly AgentRow[];
  readonly checks: readonly CheckRow[];
  readonly slices: PackedSlices;
  /** Blocks that are in no slice yet. */
  readonly unfolded: readonly BlockRow[];
  readonly foldedId: number;
  readonly nextId: number;
  /** The newest of them, whole. */
  readonly drills: readonly DrillReport[];
  readonly bursts: readonly BurstRequest[];
  readonly assignment: { readonly version: number; readonly hash: string } | null;
  /** As they were saved; `null`: never. */
  readonly alerts: string | null;
  /** Of drills, likewise. */
  readonly schedules: string | null;
  /** As `setMeta('totals')` was given it. */
  readonly totals: string | null;
};

export type ResultsQuery = {
  /** A check's name or id. */
  readonly check: string | null;
  readonly burst: string | null;
  /** On the aggregator's clock. */
  readonly sinceMs: number | null;
  /** Only results with a smaller id. */
  readonly beforeId: number | null;
  readonly limit: number;
};
