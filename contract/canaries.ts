/** What a drill's numbered writes have shown. */
import type { Bounds } from './bounds.ts';
import type { Status } from './verdict.ts';

/** Numbers from one to another, both included. */
export type NumberRange = readonly [from: number, to: number];
/** By sequence: a region, `entry.api`, or `one` where all sides are offered the same numbers. */
export type Numbers = { readonly [sequence: string]: readonly NumberRange[] };

/** Acknowledged writes that are not there. */
export type CanaryLoss = {
  /** Time whose acknowledged writes are lost, of the sequence that lost most; from 0 to one gap between writes where none is missing. */
  readonly span: Bounds;
  readonly missing: Numbers;
  /** Not found, where a store that may have them was not read. */
  readonly unknown: Numbers;
  /** How many writes had been acknowledged by then. */
  readonly acknowledged: number;
};

/** One region's store at the last reading before anything was erased. */
export type CanaryStore = {
  readonly region: string;
  /** Why it could not be read; `null` where it was. */
  readonly unread: string | null;
  /** The highest number found, by sequence. */
  readonly highest: { readonly [sequence: string]: number };
  /** Acknowledged, found in another store, and not here. */
  readonly gaps: Numbers;
  /** Found more than once. */
  readonly doubles: Numbers;
};

/** Numbers that two regions acknowledged, each as if the other had not. */
export type SplitBrain = { readonly regions: readonly string[]; readonly numbers: readonly NumberRange[] };

export type CanaryErasure = {
  /** Every store was read once more, and has none left. */
  readonly proven: boolean;
  /** Region to the ids still there. */
  readonly left: { readonly [region: string]: readonly string[] };
  /** Region to why its store could not be read, or what it answered. */
  readonly unread: { readonly [region: string]: string };
  readonly records: number;
};

export type CanaryReport = {
  readonly verdict: { readonly status: Status; readonly because: string };
  readonly rpoMs: number;
  readonly writers: 'each' | 'one';
  readonly attempts: number;
  readonly acknowledged: number;
  /** What regions that were left had of it, at the last reading before restoring; `null`: none was made. */
  readonly atFailover: CanaryLoss | null;
  /** What all regions together had, once replication had had its time; `null`: no store was read. */
  readonly atEnd: CanaryLoss | null;
  readonly splitBrain: readonly SplitBrain[];
  /** Ids that were found where a residency rule forbids them. */
  readonly forbidden: { readonly [region: string]: number };
  readonly stores: readonly CanaryStore[];
  readonly erased: CanaryErasure | null;
  readonly findings: readonly string[];
};
