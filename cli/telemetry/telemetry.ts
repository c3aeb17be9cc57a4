/** The way in to OpenTelemetry: its SDK is loaded only where the environment asks for it. */
import type { MetricsPush } from '../../aggregator/otlp/push.ts';
import type { SpanAttributes, SpanIdentity, Tracing } from '../../contract/tracing.ts';
import type { Io } from '../io.ts';
import { version } from '../version.ts';
import { type TelemetrySettings, telemetrySettings } from './settings.ts';

/** Which program writes out, and what of. */
export type Program = {
  /** `service.name`, unless the environment gives one. */
  readonly service: string;
  /** `service.instance.id`: the same after a restart, so that its series go on. */
  readonly instance: string;
  readonly attributes: SpanAttributes;
  readonly wants: { readonly traces: boolean; readonly metrics: boolean };
  /** The identity of the first span of the first trace, where others know it already. */
  readonly first?: SpanIdentity;
};

export type Telemetry = {
  readonly tracing: Tracing | undefined;
  readonly push: MetricsPush | undefined;
  /** Writes out what it has, for a bounded time. Never rejects. */
  stop(): Promise<void>;
};

const nothing: Telemetry = { tracing: undefined, push: undefined, stop: async () => undefined };

/** Throws `Mistakes` where the environment asks for what cannot be done. */
export async function startTelemetry(program: Program, io: Pick<Io, 'env' | 'clock' | 'log'>): Promise<Telemetry> {
  const found = telemetrySettings(io.env);
  const settings: TelemetrySettings = {
    traces: program.wants.traces ? found.traces : null,
    metrics: program.wants.metrics ? found.metrics : null,
  };
  if (settings.traces === null && settings.metrics === null) return nothing;
  const { startSdk } = await import('./sdk.ts');
  return await startSdk(settings, { ...program, version }, io);
}
