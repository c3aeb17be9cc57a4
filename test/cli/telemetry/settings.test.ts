import { describe, expect, test } from 'vitest';
import { telemetrySettings } from '../../../cli/telemetry/settings.ts';
import { Mistakes } from '../../../contract/mistake.ts';

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

function mistakesIn(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    telemetrySettings(environment);
  } catch (error) {
    if (error instanceof Mistakes) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('nothing is written out', () => {
  test.each([
    ['where nothing is said', {}],
    ['where the SDK is switched off', { ...endpoint, OTEL_SDK_DISABLED: 'true' }],
    ['where no exporter is wanted', { ...endpoint, OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' }],
    ['where the address is empty', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }],
    ['where only other things are said', { OTEL_SERVICE_NAME: 'shop', OTEL_TRACES_SAMPLER: 'of another program' }],
  ])('%s', (_when, environment) => {
    expect(telemetrySettings(environment)).toEqual({ traces: null, metrics: null });
  });
});

test('an address is enough for both, with the defaults of the specification', () => {
  expect(telemetrySettings(endpoint)).toEqual({
    traces: { protocol: 'http/protobuf', propagates: true, maxWaiting: 2_048 },
    metrics: { protocol: 'http/protobuf', everyMs: 60_000, timeoutMs: 30_000, histograms: 'exponential' },
  });
});

test('a signal’s own variables go before the common ones', () => {
  const { traces, metrics } = telemetrySettings({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://otel.example/v1/traces',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc',
    OTEL_METRICS_EXPORTER: 'otlp',
  });
  expect(traces?.protocol).toBe('grpc');
  expect(metrics?.protocol).toBe('http/json');
  expect(telemetrySettings({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://127.0.0.1:1/' }).traces).toBeNull();
});

test('classic buckets, a shorter interval and no propagation can be asked for', () => {
  const { traces, metrics } = telemetrySettings({
    ...endpoint,
    OTEL_METRIC_EXPORT_INTERVAL: '5000',
    OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'explicit_bucket_histogram',
    OTEL_PROPAGATORS: 'b3,baggage',
    OTEL_BSP_MAX_QUEUE_SIZE: '100',
  });
  expect(metrics).toMatchObject({ everyMs: 5_000, timeoutMs: 5_000, histograms: 'explicit' });
  expect(traces).toMatchObject({ propagates: false, maxWaiting: 100 });
});

test('everything that cannot be done is said at once, each once', () => {
  expect(
    mistakesIn({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'thrift',
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
      OTEL_TRACES_SAMPLER: 'sometimes',
      OTEL_TRACES_SAMPLER_ARG: '2',
      OTEL_METRIC_EXPORT_INTERVAL: '0',
      OTEL_BSP_MAX_QUEUE_SIZE: '-1',
    }),
  ).toEqual([
    expect.stringMatching(/^OTEL_TRACES_SAMPLER: got "sometimes", want always_on or /),
    'OTEL_TRACES_SAMPLER_ARG: got "2", want a number from 0 to 1',
    'OTEL_EXPORTER_OTLP_ENDPOINT: got "collector:4318", want an http:// or https:// URL',
    'OTEL_EXPORTER_OTLP_PROTOCOL: got "thrift", want http/protobuf or http/json or grpc',
    'OTEL_BSP_MAX_QUEUE_SIZE: got "-1", want a whole number from 1',
    'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: got "delta", want cumulative',
    'OTEL_METRIC_EXPORT_INTERVAL: got "0", want a whole number from 1',
  ]);
});

test('an exporter that there is none of is a mistake', () => {
  expect(mistakesIn({ ...endpoint, OTEL_TRACES_EXPORTER: 'zipkin' })).toEqual([
    'OTEL_TRACES_EXPORTER: got "zipkin", want otlp or none',
  ]);
});
