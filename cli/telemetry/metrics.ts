import { OTLPMetricExporter as OverGrpc } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as AsJson } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as AsProtobuf } from '@opentelemetry/exporter-metrics-otlp-proto';
import { defaultResource } from '@opentelemetry/resources';
import {
  type CollectionResult,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import type { Cut } from '../../aggregator/metrics/cut.ts';
import { metricDataOf } from '../../aggregator/otlp/metric-data.ts';
import type { MetricsPush } from '../../aggregator/otlp/push.ts';
import type { Clock } from '../../contract/clock.ts';
import { messageOf } from '../../contract/failure.ts';
import type { Log } from '../../contract/log.ts';
import { type Delivery, delivery } from './delivery.ts';
import type { MetricsSettings, Protocol } from './settings.ts';

export type PushDeps = {
  readonly clock: Clock;
  readonly log: Log;
  /** Waits no longer than the end of a program may take. */
  bounded(work: Promise<unknown>): Promise<void>;
};

const exporters: { readonly [P in Protocol]: new () => PushMetricExporter } = {
  'http/protobuf': AsProtobuf,
  'http/json': AsJson,
  grpc: OverGrpc,
};
/** In one request: the SDK writes it down in one go, which takes several milliseconds for so many. */
const pointsPerRequest = 1_000;

/** One cut: what of it was not taken makes the rest not worth trying. */
type Round = { failed: boolean };

export function metricsPush(settings: MetricsSettings, version: string, deps: PushDeps) {
  const delivered = delivery('metrics', deps.log);
  const round: Round = { failed: false };
  let cut: (() => Promise<Cut>) | undefined;

  async function collect(): Promise<CollectionResult> {
    round.failed = false;
    const metrics = cut === undefined ? [] : await metricDataOf(await cut(), settings.histograms, deps.clock);
    const scopeMetrics = metrics.length === 0 ? [] : [{ scope: { name: 'blackstart', version }, metrics }];
    return { resourceMetrics: { resource: defaultResource(), scopeMetrics }, errors: [] };
  }

  const reader = new PeriodicExportingMetricReader({
    exporter: watched(new exporters[settings.protocol](), delivered, round),
    exportIntervalMillis: settings.everyMs,
    exportTimeoutMillis: settings.timeoutMs,
    maxExportBatchSize: pointsPerRequest,
    metricProducers: [{ collect }],
  });
  const push: MetricsPush = {
    begin(from) {
      cut = from;
    },
    counts: () => ({
      requests: { taken: delivered.taken, failed: delivered.failed },
      points: { taken: delivered.sent, failed: delivered.lost },
    }),
    async stop() {
      await deps.bounded(reader.forceFlush());
      cut = undefined;
    },
  };
  return { reader, push };
}

function watched(inner: PushMetricExporter, delivered: Delivery, round: Round): PushMetricExporter {
  return {
    export(batch, done) {
      const points = pointsIn(batch);
      if (round.failed) {
        delivered.drop(points);
        return done({ code: 1, error: new Error('left out: what came before it was not taken') });
      }
      inner.export(batch, (result) => {
        const isTaken = result.error === undefined && result.code === 0;
        if (!isTaken) round.failed = true;
        delivered.note(points, isTaken ? null : messageOf(result.error));
        done(result);
      });
    },
    forceFlush: () => inner.forceFlush(),
    shutdown: () => inner.shutdown(),
  };
}

function pointsIn({ scopeMetrics }: ResourceMetrics): number {
  return scopeMetrics.reduce(
    (sum, { metrics }) => sum + metrics.reduce((inner, { dataPoints }) => inner + dataPoints.length, 0),
    0,
  );
}
