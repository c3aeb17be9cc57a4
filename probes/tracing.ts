/** Every attempt as a span: begun before it, so that it can be told to the target, and ended when its result has a number. */
import { type OpenSpan, spanOfDrill, type Tracing, traceparentOf } from '../contract/tracing.ts';
import type { Planned, Unnumbered } from './record.ts';
import type { Numbered } from './spool.ts';
import { describeAttempt, type From, nameOfSpan } from './tracing/describe.ts';

export type TracedAttempt = {
  /** What the target is told; `undefined` when it is told nothing. */
  readonly traceparent: string | undefined;
  /** The result with the trace that it is in. */
  mark(result: Unnumbered): Unnumbered;
};

export type AttemptTracing = {
  begin(planned: Planned, startMs: number): TracedAttempt;
  /** Ends the spans of results that have their numbers now. */
  numbered(results: readonly Numbered[]): void;
  counts: Tracing['counts'];
};

/** Attempts whose results wait for a number; beyond it the oldest are ended without. */
const maxOpen = 20_000;

export function attemptTracing(tracing: Tracing, from: From): AttemptTracing {
  const open = new Map<string, { readonly span: OpenSpan; readonly planned: Planned; readonly result: Unnumbered }>();

  function dropOldest(): void {
    const [oldest] = open;
    if (oldest === undefined) return;
    const [traceId, { span, planned, result }] = oldest;
    open.delete(traceId);
    span.end(describeAttempt(planned, result, from));
  }

  return {
    begin(planned, startMs) {
      const links = planned.burst === null ? [] : [spanOfDrill(planned.burst)];
      const span = tracing.begin({ name: nameOfSpan(planned.check), kind: 'client', startMs, links });
      return {
        traceparent: tracing.propagates ? traceparentOf(span) : undefined,
        mark(result) {
          if (!span.sampled) return result;
          const { traceId } = span;
          const marked = { ...result, details: { ...result.details, traceId } };
          open.set(traceId, { span, planned, result: marked });
          if (open.size > maxOpen) dropOldest();
          return marked;
        },
      };
    },
    numbered(results) {
      for (const result of results) {
        const { traceId } = result.details;
        const waiting = traceId === undefined ? undefined : open.get(traceId);
        if (traceId === undefined || waiting === undefined) continue;
        open.delete(traceId);
        waiting.span.end(describeAttempt(waiting.planned, result, { ...from, boot: result.boot }));
      }
    },
    counts: tracing.counts,
  };
}
