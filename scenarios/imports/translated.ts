/** An objective of another language on its way to one of ours. */
import type { At } from '../parse/reader.ts';
import type { Recognised } from '../promql/indicator.ts';

/** Said of what was read, and taken over otherwise than it was meant, or not at all. */
export type Note = { readonly place: string; readonly text: string };

/** Values as a scenario has them, and where each was written. */
export type Written = {
  readonly values: { readonly [key: string]: unknown };
  readonly places: { readonly [key: string]: At };
};

export type Translated = {
  /** As its file names it: what `as` and `skip` go by. */
  readonly name: string;
  /** Of an SLO with several objectives their numbers from 0; else `null`. */
  readonly index: number | null;
  readonly home: At;
  /** The share that has to be good. */
  readonly share: number;
  readonly shareAt: At;
  /** `window` or `calendar`, `budget`; neither window where the file says none. */
  readonly time: Written;
  /** What its queries are, or why that is not understood. */
  readonly queries: Recognised | NotRead;
  readonly queriesAt: At;
  /** Of a threshold: what it compares with, taken for a latency. */
  readonly limitMs: number | null;
  /** What its annotations or labels say in our words. */
  readonly marks: Written;
  /** How those begin: `an annotation blackstart.dev/`. */
  readonly markedBy: string;
};

export type NotRead = { readonly got: string; readonly why: string };
