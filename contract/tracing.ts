/** Traces as our programs make them. Who writes them out, and whether anybody does, is decided by `cli`. */
import { createHash } from 'node:crypto';

export type SpanValue = string | number | boolean | readonly string[];
/** By the names of OpenTelemetry's semantic conventions, and `blackstart.…` for what only we know. */
export type SpanAttributes = Readonly<Record<string, SpanValue>>;

/** Which span it is, wherever it is told: 32 and 16 hexadecimal digits. */
export type SpanIdentity = { readonly traceId: string; readonly spanId: string };

/** Something that happened during a span. Epoch milliseconds. */
export type SpanEvent = { readonly name: string; readonly atMs: number; readonly attributes: SpanAttributes };

export type SpanStart = {
  readonly name: string;
  /** `client`: a question that was put to somebody else. */
  readonly kind: 'client' | 'internal';
  readonly startMs: number;
  /** The span that it is a part of; without one it is the first of a trace. */
  readonly parent?: OpenSpan;
  /** Spans of other traces that it has to do with. */
  readonly links?: readonly SpanIdentity[];
};

export type SpanEnd = {
  readonly endMs: number;
  readonly attributes: SpanAttributes;
  readonly events: readonly SpanEvent[];
  /** Why it failed; `null` when it did not. */
  readonly error: string | null;
};

export type OpenSpan = SpanIdentity & {
  /** Whether it is written out. Its identity is told to others in either case. */
  readonly sampled: boolean;
  /** Once. Nothing is written out before. */
  end(how: SpanEnd): void;
};

export type Tracing = {
  /** Whether spans are told to those who are asked. */
  readonly propagates: boolean;
  begin(start: SpanStart): OpenSpan;
  /** Spans since the start: taken by the receiver, and lost for good. */
  counts(): { readonly sent: number; readonly lost: number };
};

/** The header of W3C Trace Context, version 00. */
export function traceparentOf({ traceId, spanId, sampled }: Omit<OpenSpan, 'end'>): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

/** Bursts of a drill are called after it, the slow one with this behind it. */
const slowBurst = /\.residency$/;

/**
 * The first span of a drill's trace, told by the id of the drill or of one of its bursts: so that agents can point to it
 * before the runner has written it out, which is when the drill is over.
 */
export function spanOfDrill(id: string): SpanIdentity {
  const digits = createHash('sha256')
    .update(`blackstart drill ${id.replace(slowBurst, '')}`)
    .digest('hex');
  return { traceId: digits.slice(0, 32), spanId: digits.slice(32, 48) };
}
