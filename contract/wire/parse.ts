import type { Assignment, Check } from '../check.ts';
import { isObject } from '../json.ts';
import type { MissingReason, Result } from '../result.ts';
import { type Columns, fromColumns, rowOf } from './columns.ts';
import {
  closeCodes,
  type FromAgent,
  type FromAggregator,
  maxSpans,
  type Parsed,
  type ResultsFrame,
  type Span,
  wireVersion,
} from './frames.ts';

type Fields = { readonly [key: string]: unknown };
type Reader<F> = (fields: Fields) => F | string;
type Readers<F extends { readonly type: string }> = {
  readonly [T in F['type']]: Reader<Extract<F, { readonly type: T }>>;
};

const nameLimit = 256;
/** Of a burst without `forMs`, which INTERFACES leaves out: an hour is the most that may be asked for. */
const longestBurstMs = 3_600_000;
const fromAgent: Readers<FromAgent> = {
  hello: (f) =>
    isName(f['agent']) && isName(f['vantage']) && isName(f['region']) && isName(f['boot']) && isName(f['version'])
      ? {
          type: 'hello',
          agent: f['agent'],
          vantage: f['vantage'],
          region: f['region'],
          boot: f['boot'],
          version: f['version'],
        }
      : 'want agent, vantage, region, boot and version, each a text of 1 to 256 characters',
  results(f) {
    if (!isName(f['boot']) || !isSeq(f['fromSeq'])) return 'want boot and fromSeq from 1';
    const columns = fromColumns(f);
    return typeof columns === 'string' ? columns : arrived(f['boot'], f['fromSeq'], columns);
  },
  gap: (f) =>
    isName(f['boot']) && isSeq(f['fromSeq']) && isSeq(f['toSeq']) && f['fromSeq'] <= f['toSeq'] && isReason(f['reason'])
      ? { type: 'gap', boot: f['boot'], fromSeq: f['fromSeq'], toSeq: f['toSeq'], reason: f['reason'] }
      : 'want boot, fromSeq <= toSeq, and a reason',
  mark: (f) =>
    isName(f['boot']) && isCount(f['seq']) && isStamp(f['roundsThroughMs'])
      ? { type: 'mark', boot: f['boot'], seq: f['seq'], roundsThroughMs: f['roundsThroughMs'] }
      : 'want boot, seq and roundsThroughMs',
  hold: (f) =>
    isName(f['boot']) && isTime(f['knownFromMs']) && areSpans(f['spans'])
      ? { type: 'hold', boot: f['boot'], knownFromMs: f['knownFromMs'], spans: f['spans'] }
      : `want boot, knownFromMs, and at most ${maxSpans} spans in the order of time`,
  ping: readPing,
  pong: readPong,
};

const fromAggregator: Readers<FromAggregator> = {
  welcome(f) {
    const assignment = readAssignment(f['assignment']);
    return isCount(f['ackedSeq']) && isTime(f['pingEveryMs']) && assignment !== undefined
      ? { type: 'welcome', ackedSeq: f['ackedSeq'], pingEveryMs: f['pingEveryMs'], assignment }
      : 'want ackedSeq, pingEveryMs and assignment';
  },
  ack: (f) =>
    isName(f['boot']) && isCount(f['seq']) ? { type: 'ack', boot: f['boot'], seq: f['seq'] } : 'want boot and seq',
  ping: readPing,
  pong: readPong,
  assign(f) {
    const assignment = readAssignment(f);
    return assignment === undefined
      ? 'want version and checks'
      : { type: 'assign', version: assignment.version, assignment };
  },
  burst: (f) =>
    isName(f['id']) && areChecks(f['checks']) && isTime(f['everyMs']) && isTime(f['untilMs'])
      ? {
          type: 'burst',
          id: f['id'],
          checks: f['checks'],
          everyMs: f['everyMs'],
          untilMs: f['untilMs'],
          forMs: isTime(f['forMs']) ? f['forMs'] : longestBurstMs,
          pooled: f['pooled'] === true,
        }
      : 'want id, checks, everyMs and untilMs',
};

/** An aggregator counts hundreds of thousands a second by their columns, and makes rows only of those that somebody reads. */
function arrived(boot: string, fromSeq: number, columns: Columns): ResultsFrame {
  let rows: readonly Result[] | undefined;
  const frame: ResultsFrame = {
    type: 'results',
    boot,
    fromSeq,
    get results() {
      rows ??= columns.check.map((_check, index) => rowOf(columns, index, fromSeq + index));
      return rows;
    },
  };
  // Not to be seen beside the results, which are the same.
  return Object.defineProperty(frame, 'columns', { value: columns });
}

/** What an agent sent, or the code and reason to close its connection with. */
export function parseFromAgent(text: string): Parsed<FromAgent> {
  return parse<FromAgent>(text, fromAgent);
}

/** What the aggregator sent. An agent that cannot read it closes and connects again. */
export function parseFromAggregator(text: string): Parsed<FromAggregator> {
  return parse<FromAggregator>(text, fromAggregator);
}

function parse<F extends { readonly type: string }>(
  text: string,
  readers: { readonly [type: string]: Reader<F> },
): Parsed<F> {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    return garbled('not JSON');
  }
  if (!isObject(fields)) return garbled('not a JSON object');
  if (fields['v'] !== wireVersion) {
    const reason = closeReason(`version: got ${shown(fields['v'])}, want ${wireVersion}`);
    return { ok: false, code: closeCodes.version, reason };
  }
  const { type } = fields;
  const read = typeof type === 'string' && Object.hasOwn(readers, type) ? readers[type] : undefined;
  if (read === undefined) return garbled(`type: got ${shown(type)}, want one of ${Object.keys(readers).join(', ')}`);
  const frame = read(fields);
  return typeof frame === 'string' ? garbled(`${String(type)}: ${frame}`) : { ok: true, frame };
}

function garbled(reason: string): { readonly ok: false; readonly code: number; readonly reason: string } {
  return { ok: false, code: closeCodes.garbled, reason: closeReason(reason) };
}

/** A close frame carries at most 123 bytes; a longer reason would throw where the connection is closed. */
function closeReason(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 120);
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 40);
}

function readPing(f: Fields): { readonly type: 'ping'; readonly t1: number } | string {
  return isStamp(f['t1']) ? { type: 'ping', t1: f['t1'] } : 'want t1, milliseconds since 1970';
}

function readPong(
  f: Fields,
): { readonly type: 'pong'; readonly t1: number; readonly t2: number; readonly t3: number } | string {
  return isStamp(f['t1']) && isStamp(f['t2']) && isStamp(f['t3'])
    ? { type: 'pong', t1: f['t1'], t2: f['t2'], t3: f['t3'] }
    : 'want t1, t2 and t3, milliseconds since 1970';
}

function readAssignment(value: unknown): Assignment | undefined {
  if (!isObject(value) || !isCount(value['version']) || !areChecks(value['checks'])) return undefined;
  const { regions, references } = value;
  return {
    version: value['version'],
    checks: value['checks'],
    regions: isObject(regions) ? (regions as Assignment['regions']) : {},
    references: Array.isArray(references) ? (references as string[]) : [],
  };
}

/** The aggregator is trusted with a check's details; its shape is not: a newer one may send kinds that are not known here. */
function areChecks(value: unknown): value is readonly Check[] {
  return (
    Array.isArray(value) &&
    value.every(
      (check) =>
        isObject(check) &&
        isName(check['id']) &&
        isName(check['kind']) &&
        isPeriod(check['everyMs']) &&
        isPeriod(check['timeoutMs']),
    )
  );
}

/** Only the last may be open. */
function areSpans(value: unknown): value is readonly Span[] {
  if (!Array.isArray(value) || value.length > maxSpans) return false;
  let endMs: number | null = Number.NEGATIVE_INFINITY;
  return value.every((span: unknown) => {
    if (!Array.isArray(span) || span.length !== 2 || endMs === null) return false;
    const [fromMs, toMs]: readonly unknown[] = span;
    if (!isTime(fromMs) || fromMs < endMs || !(toMs === null || (isTime(toMs) && toMs >= fromMs))) return false;
    endMs = toMs;
    return true;
  });
}

const missingReasons: ReadonlySet<unknown> = new Set<MissingReason>([
  'shed',
  'agent-gone',
  'bad-sample',
  'dropped',
  'not-yet-assigned',
  'aggregator-lost',
]);
function isReason(value: unknown): value is MissingReason {
  return missingReasons.has(value);
}
function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= nameLimit;
}
function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
function isSeq(value: unknown): value is number {
  return isCount(value) && value >= 1;
}
function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
/** From 1970 to 2100: sums and differences of such are finite, so nothing that is stored can become NaN. */
function isStamp(value: unknown): value is number {
  return isTime(value) && value >= 0 && value < 4_102_444_800_000;
}
function isPeriod(value: unknown): boolean {
  return isTime(value) && value > 0;
}
