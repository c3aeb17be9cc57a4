/** What the environment says about OpenTelemetry, by the names that its specification gives. Needs nothing of its SDK. */
import { type Mistake, Mistakes } from '../../contract/mistake.ts';

export const protocols = ['http/protobuf', 'http/json', 'grpc'] as const;
export type Protocol = (typeof protocols)[number];

export type MetricsSettings = {
  readonly protocol: Protocol;
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** As exponential histograms, or in the classic buckets. */
  readonly histograms: 'exponential' | 'explicit';
};
export type TracesSettings = {
  readonly protocol: Protocol;
  /** Whether those who are asked get a `traceparent`. */
  readonly propagates: boolean;
  /** Spans that wait to be taken; beyond it new ones are dropped. */
  readonly maxWaiting: number;
};
export type TelemetrySettings = { readonly traces: TracesSettings | null; readonly metrics: MetricsSettings | null };

export type Environment = Readonly<Record<string, string | undefined>>;
type Signal = 'TRACES' | 'METRICS';

const defaults = { exportEveryMs: 60_000, exportTimeoutMs: 30_000, maxWaiting: 2_048 };
const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
];

/**
 * What is to be written out. `null` each where nothing asks for it: an address, or an exporter by name. Throws `Mistakes`
 * with all variables that say what cannot be done, where anything is to be written out at all.
 */
export function telemetrySettings(environment: Environment): TelemetrySettings {
  const mistakes: Mistake[] = [];
  const read = reader(environment, mistakes);
  if (read.text('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return { traces: null, metrics: null };
  const traces = asked(read, 'TRACES') ? tracesIn(read) : null;
  const metrics = asked(read, 'METRICS') ? metricsIn(read) : null;
  if ((traces !== null || metrics !== null) && mistakes.length > 0) throw new Mistakes(mistakes);
  return { traces, metrics };
}

function asked(read: Reader, signal: Signal): boolean {
  const exporter = read.oneOf(`OTEL_${signal}_EXPORTER`, ['otlp', 'none'] as const);
  if (exporter !== undefined) return exporter === 'otlp';
  return ['OTEL_EXPORTER_OTLP_ENDPOINT', `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`].some(
    (name) => read.text(name) !== undefined,
  );
}

function tracesIn(read: Reader): TracesSettings {
  read.oneOf('OTEL_TRACES_SAMPLER', samplers);
  read.number('OTEL_TRACES_SAMPLER_ARG', 'a number from 0 to 1', (value) => value >= 0 && value <= 1);
  const propagators = (read.text('OTEL_PROPAGATORS') ?? 'tracecontext').split(',').map((one) => one.trim());
  return {
    protocol: transportIn(read, 'TRACES'),
    propagates: propagators.includes('tracecontext'),
    maxWaiting: read.count('OTEL_BSP_MAX_QUEUE_SIZE') ?? defaults.maxWaiting,
  };
}

function metricsIn(read: Reader): MetricsSettings {
  // Ours count from when they came about: nothing here could say what was added since the last push.
  read.oneOf('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', ['cumulative']);
  const histograms = read.oneOf('OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION', [
    'base2_exponential_bucket_histogram',
    'explicit_bucket_histogram',
  ] as const);
  const everyMs = read.count('OTEL_METRIC_EXPORT_INTERVAL') ?? defaults.exportEveryMs;
  const timeoutMs = read.count('OTEL_METRIC_EXPORT_TIMEOUT') ?? defaults.exportTimeoutMs;
  return {
    protocol: transportIn(read, 'METRICS'),
    everyMs,
    timeoutMs: Math.min(timeoutMs, everyMs),
    histograms: histograms === 'explicit_bucket_histogram' ? 'explicit' : 'exponential',
  };
}

/** The signal's own variable goes before the common one. The address and the rest are read by the SDK itself. */
function transportIn(read: Reader, signal: Signal): Protocol {
  const named = (what: string): readonly [string, string] => [
    `OTEL_EXPORTER_OTLP_${signal}_${what}`,
    `OTEL_EXPORTER_OTLP_${what}`,
  ];
  for (const name of named('ENDPOINT')) read.url(name);
  for (const name of named('TIMEOUT')) read.count(name);
  for (const name of named('COMPRESSION')) read.oneOf(name, ['gzip', 'none']);
  const [own, common] = named('PROTOCOL').map((name) => read.oneOf(name, protocols));
  return own ?? common ?? 'http/protobuf';
}

type Reader = ReturnType<typeof reader>;

/** An empty variable is one that is not set, as the specification has it. */
function reader(environment: Environment, mistakes: Mistake[]) {
  const text = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const note = (place: string, got: string, want: string): void => {
    const isKnown = mistakes.some((mistake) => mistake.place === place);
    if (!isKnown) mistakes.push({ place, got: JSON.stringify(got), want });
  };
  const number = (name: string, want: string, holds: (value: number) => boolean): number | undefined => {
    const found = text(name);
    if (found === undefined) return undefined;
    if (!holds(Number(found))) note(name, found, want);
    return Number(found);
  };
  return {
    text,
    number,
    count: (name: string) =>
      number(name, 'a whole number from 1', (value) => Number.isSafeInteger(value) && value >= 1),
    oneOf<const Allowed extends string>(name: string, allowed: readonly Allowed[]): Allowed | undefined {
      const found = text(name);
      const known = allowed.find((one) => one === found?.toLowerCase());
      if (found !== undefined && known === undefined) note(name, found, allowed.join(' or '));
      return known;
    },
    url(name: string): void {
      const found = text(name);
      if (found !== undefined && !/^https?:$/.test(URL.parse(found)?.protocol ?? ''))
        note(name, found, 'an http:// or https:// URL');
    },
  };
}
