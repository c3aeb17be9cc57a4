/** OpenTelemetry's SDK, put together from the environment. Loaded only where something is written out. */
import { hostname } from 'node:os';
import { context, diag, metrics as metricsApi, trace } from '@opentelemetry/api';
import { defaultResource, envDetector, type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { sleep } from '../../contract/clock.ts';
import type { Log } from '../../contract/log.ts';
import type { Io } from '../io.ts';
import { metricsPush } from './metrics.ts';
import type { TelemetrySettings } from './settings.ts';
import type { Program, Telemetry } from './telemetry.ts';
import { idsFrom, tracingBy } from './traces.ts';

export type Running = Program & { readonly version: string };

/** So long what is left may take to be written out at the end. */
const stopMs = 3_000;

export async function startSdk(
  settings: TelemetrySettings,
  program: Running,
  io: Pick<Io, 'env' | 'clock' | 'log'>,
): Promise<Telemetry> {
  const { clock, log } = io;
  const bounded = async (work: Promise<unknown>): Promise<void> => {
    const over = new AbortController();
    await Promise.race([work.catch(() => undefined), sleep(clock, stopMs, over.signal).catch(() => undefined)]);
    over.abort();
  };
  const traces = settings.traces === null ? undefined : tracingBy(settings.traces, program.version, log);
  const push =
    settings.metrics === null ? undefined : metricsPush(settings.metrics, program.version, { clock, log, bounded });
  const sdk = new NodeSDK({
    resource: resourceOf(program),
    // The environment's attributes go before ours. A random id for each start would part the series of each start.
    resourceDetectors: [envDetector],
    metricReaders: push === undefined ? [] : [push.reader],
    logRecordProcessors: [],
    textMapPropagator: null,
    ...(traces === undefined ? { spanProcessors: [] } : { traceExporter: traces.exporter }),
    ...(program.first === undefined ? {} : { idGenerator: idsFrom(program.first) }),
  });
  quieten(io.env['OTEL_LOG_LEVEL'], log);
  sdk.start();
  return {
    tracing: traces?.tracing,
    push: push?.push,
    async stop() {
      await bounded(sdk.shutdown());
      for (const api of [trace, metricsApi, context]) api.disable();
    },
  };
}

function resourceOf({ service, instance, version, attributes }: Running): Resource {
  return defaultResource().merge(
    resourceFromAttributes({
      'service.name': service,
      'service.instance.id': instance,
      'service.version': version,
      'host.name': hostname(),
      ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, value as string])),
    }),
  );
}

/** The SDK would write to stdout, which is for documents. Failures to write out are told by ourselves, once. */
function quieten(level: string | undefined, log: Log): void {
  diag.disable();
  if (level === undefined || level === '') return;
  const say = (message: string, ...more: unknown[]): void => log.info({ more: more.map(String) }, message);
  diag.setLogger({ error: say, warn: say, info: say, debug: () => undefined, verbose: () => undefined });
}
