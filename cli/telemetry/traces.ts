import { randomBytes } from 'node:crypto';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, type TimeInput, TraceFlags, trace } from '@opentelemetry/api';
import { OTLPTraceExporter as OverGrpc } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as AsJson } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as AsProtobuf } from '@opentelemetry/exporter-trace-otlp-proto';
import type { NodeSDKConfiguration } from '@opentelemetry/sdk-node';
import { messageOf } from '../../contract/failure.ts';
import type { Log } from '../../contract/log.ts';
import type { OpenSpan, SpanIdentity, SpanStart, Tracing } from '../../contract/tracing.ts';
import { type Delivery, delivery } from './delivery.ts';
import type { Protocol, TracesSettings } from './settings.ts';

type TraceExporter = NodeSDKConfiguration['traceExporter'];
type IdGenerator = NodeSDKConfiguration['idGenerator'];

export type Traces = { readonly exporter: TraceExporter; readonly tracing: Tracing };

const exporters: { readonly [P in Protocol]: new () => TraceExporter } = {
  'http/protobuf': AsProtobuf,
  'http/json': AsJson,
  grpc: OverGrpc,
};
const kinds = { client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;

/** Spans by the SDK's tracer; what is written out goes through `exporter`. */
export function tracingBy(settings: TracesSettings, version: string, log: Log): Traces {
  const delivered = delivery('spans', log);
  const inner = new exporters[settings.protocol]();
  const exporter: TraceExporter = {
    export(spans, done) {
      inner.export(spans, (result) => {
        const isTaken = result.error === undefined && result.code === 0;
        delivered.note(spans.length, isTaken ? null : messageOf(result.error));
        done(result);
      });
    },
    forceFlush: async () => inner.forceFlush?.(),
    shutdown: () => inner.shutdown(),
  };
  return { exporter, tracing: tracingOf(settings, version, { delivered, log }) };
}

type Deliver = { readonly delivered: Delivery; readonly log: Log };

/** A receiver that is slow or gone costs a bounded queue, and nothing else: beyond it spans are dropped and counted. */
function tracingOf(settings: TracesSettings, version: string, { delivered, log }: Deliver): Tracing {
  let ended = 0;
  let dropped = 0;
  function hasRoom(): boolean {
    const waiting = ended + dropped - delivered.sent - delivered.lost;
    if (waiting < settings.maxWaiting) return true;
    if (dropped === 0) log.warn({ waiting }, 'spans come faster than they are taken; those without room are dropped');
    dropped += 1;
    delivered.drop(1);
    return false;
  }
  return {
    propagates: settings.propagates,
    counts: () => ({ sent: delivered.sent, lost: delivered.lost }),
    begin: (start) => {
      const span = begun(start, version);
      return {
        ...identityOf(span.spanContext()),
        end({ endMs, attributes, events, error }) {
          if (!span.isRecording() || !hasRoom()) return;
          ended += 1;
          for (const [name, value] of Object.entries(attributes)) span.setAttribute(name, value as string);
          for (const event of events)
            span.addEvent(event.name, event.attributes as Record<string, string>, timeOf(event.atMs));
          if (error !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
          span.end(timeOf(endMs));
        },
      };
    },
  };
}

function begun({ name, kind, startMs, parent, links }: SpanStart, version: string) {
  const within = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, contextOf(parent));
  const options = {
    kind: kinds[kind],
    startTime: timeOf(startMs),
    links: (links ?? []).map((link) => ({ context: contextOf({ ...link, sampled: true }) })),
  };
  return trace.getTracer('blackstart', version).startSpan(name, options, within);
}

function contextOf({ traceId, spanId, sampled }: Omit<OpenSpan, 'end'>) {
  return { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE };
}

function identityOf({ traceId, spanId, traceFlags }: { traceId: string; spanId: string; traceFlags: number }) {
  return { traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 };
}

/** In its own form: a number might be taken for one of the SDK's own clock. */
function timeOf(epochMs: number): TimeInput {
  const seconds = Math.floor(epochMs / 1_000);
  return [seconds, Math.min(999_999_999, Math.round((epochMs - seconds * 1_000) * 1_000_000))];
}

/** Gives the first span the identity that others know it by; all others get one by chance. */
export function idsFrom(first: SpanIdentity): IdGenerator {
  const given = { trace: false, span: false };
  const chance = (bytes: number): string => randomBytes(bytes).toString('hex');
  return {
    generateTraceId() {
      if (given.trace) return chance(16);
      given.trace = true;
      return first.traceId;
    },
    generateSpanId() {
      if (given.span) return chance(8);
      given.span = true;
      return first.spanId;
    },
  };
}
