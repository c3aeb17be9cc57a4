/** Results in columns: one array a field, so that a frame of hundreds stays small and parses fast. */
import { isObject } from '../json.ts';
import {
  type Details,
  type FailedAt,
  type MissingReason,
  type Outcome,
  type Phases,
  phaseNames,
  type Quality,
  type Result,
} from '../result.ts';
import { isDetails } from './details.ts';
import { maxResultsPerFrame, type ResultsFrame } from './frames.ts';

type Column<T> = readonly (T | null)[];
/** Results field by field, all of the same length. As they go over the link, once they were looked at. */
export type Columns = {
  readonly check: readonly string[];
  readonly round: readonly number[];
  readonly startMs: readonly number[];
  readonly durationMs: readonly number[];
  readonly outcome: readonly Outcome[];
  readonly phases: { readonly [phase: string]: Column<number> };
  readonly region: Column<string>;
  readonly servedBy: Column<string>;
  readonly quality: { readonly lateMs?: Column<number>; readonly loopDelayMs?: Column<number> };
  readonly client?: Column<string>;
  readonly burst?: Column<string>;
  readonly failedAt?: Column<string>;
  readonly reason?: Column<string>;
  readonly missing?: Column<string>;
  readonly details?: Column<Details>;
};

const outcomes: ReadonlySet<unknown> = new Set<Outcome>(['good', 'bad', 'missing']);
const failures: ReadonlySet<unknown> = new Set<FailedAt>(['resolve', 'connect', 'tls', 'answer', 'agent']);
const reasons: ReadonlySet<unknown> = new Set<MissingReason>([
  'shed',
  'agent-gone',
  'bad-sample',
  'dropped',
  'not-yet-assigned',
  'aggregator-lost',
]);
/** Room for a sentence with a long URL in it; longer texts are cut by the sender and refused here. */
const maxTextLength = 4_096;

export function toColumns(results: readonly Result[]): Columns {
  const phases: { [phase: string]: (number | null)[] } = {};
  for (const name of phaseNames) {
    if (results.some((result) => result.phases[name] !== undefined)) {
      phases[name] = results.map((result) => result.phases[name] ?? null);
    }
  }
  return {
    check: results.map((result) => result.check),
    round: results.map((result) => result.round),
    startMs: results.map((result) => result.startMs),
    durationMs: results.map((result) => result.durationMs),
    outcome: results.map((result) => result.outcome),
    phases,
    region: results.map((result) => result.region),
    servedBy: results.map((result) => result.servedBy),
    quality: {
      lateMs: results.map((result) => result.quality.lateMs),
      loopDelayMs: results.map((result) => result.quality.loopDelayMs),
    },
    client: results.map((result) => result.client),
    burst: results.map((result) => result.burst),
    failedAt: results.map((result) => result.failedAt ?? null),
    reason: results.map((result) => result.reason?.slice(0, maxTextLength) ?? null),
    missing: results.map((result) => result.missing ?? null),
    details: results.map((result) => result.details),
  };
}

/** Of a frame that came, or of one that is made here. */
export function columnsOf(frame: ResultsFrame): Columns {
  return frame.columns ?? toColumns(frame.results);
}

/** The columns, looked at, or what is wrong with them. Unknown phases and fields are passed over: newer agents may send them. */
export function fromColumns(frame: { readonly [key: string]: unknown }): Columns | string {
  const { check } = frame;
  if (!isTexts(check)) return 'check: want an array of texts';
  const count = check.length;
  if (count === 0 || count > maxResultsPerFrame) return `check: got ${count} results, want 1 to ${maxResultsPerFrame}`;
  return firstWrong(frame, count) ?? (frame as unknown as Columns);
}

type Holds = (value: unknown) => boolean;

const required: readonly (readonly [string, Holds])[] = [
  ['round', isInteger],
  ['startMs', isTime],
  ['durationMs', isLength],
  ['outcome', (value) => outcomes.has(value)],
  ['region', isTextOrNull],
  ['servedBy', isTextOrNull],
];
const optional: readonly (readonly [string, Holds])[] = [
  ['client', (value) => value === null || value === 'fresh' || value === 'pooled'],
  ['burst', isTextOrNull],
  ['failedAt', (value) => value === null || failures.has(value)],
  ['reason', isTextOrNull],
  ['missing', (value) => value === null || reasons.has(value)],
  ['details', (value) => value === null || isDetails(value)],
];

function firstWrong(frame: { readonly [key: string]: unknown }, count: number): string | undefined {
  for (const [name, holds] of required) {
    if (!isColumn(frame[name], count, holds)) return `${name}: want an array of ${count} valid values`;
  }
  for (const [name, holds] of optional) {
    if (frame[name] !== undefined && !isColumn(frame[name], count, holds))
      return `${name}: want an array of ${count} valid values`;
  }
  for (const group of ['phases', 'quality']) {
    const columns = frame[group];
    if (!isObject(columns)) return `${group}: want an object of arrays`;
    for (const [name, column] of Object.entries(columns)) {
      if (!isColumn(column, count, isLengthOrNull)) return `${group}.${name}: want an array of ${count} lengths in ms`;
    }
  }
  return undefined;
}

/** One of them; `seq`: its number. */
export function rowOf(columns: Columns, index: number, seq: number): Result {
  const phases: { -readonly [P in keyof Phases]: Phases[P] } = {};
  for (const name of phaseNames) {
    const length = columns.phases[name]?.[index];
    if (length !== undefined && length !== null) phases[name] = length;
  }
  const outcome = columns.outcome[index] as Outcome;
  const failedAt = columns.failedAt?.[index] as FailedAt | null | undefined;
  const reason = columns.reason?.[index];
  const missing = columns.missing?.[index] as MissingReason | null | undefined;
  const quality: Quality = {
    lateMs: columns.quality.lateMs?.[index] ?? 0,
    loopDelayMs: columns.quality.loopDelayMs?.[index] ?? 0,
  };
  return {
    seq,
    check: columns.check[index] as string,
    round: columns.round[index] as number,
    startMs: columns.startMs[index] as number,
    durationMs: columns.durationMs[index] as number,
    outcome,
    phases,
    region: columns.region[index] ?? null,
    servedBy: columns.servedBy[index] ?? null,
    client: columns.client?.[index] === 'pooled' ? 'pooled' : 'fresh',
    burst: columns.burst?.[index] ?? null,
    details: columns.details?.[index] ?? {},
    quality,
    ...(outcome === 'good' ? {} : { failedAt: failedAt ?? 'answer', reason: reason ?? 'no reason given' }),
    ...(outcome === 'missing' ? { missing: missing ?? 'bad-sample' } : {}),
  };
}

/** The same value again and again, as most columns are, is looked at once. */
function isColumn(column: unknown, count: number, holds: Holds): boolean {
  if (!Array.isArray(column) || column.length !== count) return false;
  let before: unknown;
  for (const value of column) {
    if (value === before && value !== undefined) continue;
    if (!holds(value)) return false;
    before = value;
  }
  return true;
}
function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxTextLength;
}
function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => isText(text) && text !== '');
}
function isTextOrNull(value: unknown): boolean {
  return value === null || isText(value);
}
function isInteger(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
/** From 1970 to 2100. */
function isTime(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < 4_102_444_800_000;
}
/** At most a day. */
function isLength(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 86_400_000;
}
function isLengthOrNull(value: unknown): boolean {
  return value === null || isLength(value);
}
