/** Spans that are kept in memory, with identities that count up. */
import type { OpenSpan, SpanEnd, SpanStart, Tracing } from '../../contract/tracing.ts';

export type KeptSpan = SpanStart & SpanEnd & { readonly traceId: string; readonly spanId: string };

export type KeptTracing = Tracing & {
  /** Those that have ended, in that order. */
  readonly spans: KeptSpan[];
  readonly begun: () => number;
};

export function keptTracing(options: { readonly sampled?: boolean; readonly propagates?: boolean } = {}): KeptTracing {
  const { sampled = true, propagates = true } = options;
  const spans: KeptSpan[] = [];
  let begun = 0;
  return {
    propagates,
    spans,
    begun: () => begun,
    counts: () => ({ sent: spans.length, lost: 0 }),
    begin(start): OpenSpan {
      begun += 1;
      const traceId = start.parent?.traceId ?? begun.toString(16).padStart(32, '0');
      const spanId = begun.toString(16).padStart(16, '0');
      return { traceId, spanId, sampled, end: (how) => void spans.push({ ...start, ...how, traceId, spanId }) };
    },
  };
}
