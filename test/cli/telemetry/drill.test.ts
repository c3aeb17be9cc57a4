import { afterEach, expect, test, vi } from 'vitest';
import { runDrill } from '../../../chaos/run.ts';
import { traceDrill } from '../../../cli/drill/trace.ts';
import type { Io } from '../../../cli/io.ts';
import { silent } from '../../../contract/log.ts';
import { spanOfDrill } from '../../../contract/tracing.ts';
import { drillWorld, inSimulatedTime } from '../../fakes/drill-world.ts';
import { otlpReceiver, valuesOf } from '../../fakes/otlp-receiver.ts';
import { clock } from '../../lab/waiting.ts';

afterEach(() => vi.unstubAllEnvs());

/** What the trace of a drill needs of the process. */
function io(env: Readonly<Record<string, string>>, warned: string[] = []): Io {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const log = { ...silent, warn: (_facts: object, message: string) => void warned.push(message) };
  return { env, clock, log } as unknown as Io;
}

test('a drill that is over is a trace whose first span everybody knows by the drill’s id', async () => {
  const world = await drillWorld();
  const outcome = await inSimulatedTime(world.clock, runDrill(world.options, world.deps));
  const receiver = await otlpReceiver();
  const otel = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
  await traceDrill(outcome, io(otel));
  receiver.close();
  const spans = receiver.spans.flatMap(({ items }) => items);
  const first = spans.filter(({ parentSpanId }) => (parentSpanId ?? '') === '');
  expect(first).toMatchObject([{ name: `drill ${outcome.report.name}`, ...spanOfDrill(outcome.report.id) }]);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
  const { spanId } = spanOfDrill(outcome.report.id);
  expect(new Set(spans.filter((one) => one !== first[0]).map(({ parentSpanId }) => parentSpanId))).toEqual(
    new Set([spanId]),
  );
  expect(valuesOf(first[0]?.attributes ?? [])).toMatchObject({ 'blackstart.drill.verdict': 'pass' });
  expect(receiver.spans[0]?.resource).toMatchObject({ 'service.name': 'blackstart-drill' });
});

test('a drill without evidence, or without a receiver, is over all the same', async () => {
  const world = await drillWorld();
  const outcome = await inSimulatedTime(world.clock, runDrill(world.options, world.deps));
  const warned: string[] = [];
  const nobody = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_EXPORTER_OTLP_TIMEOUT: '100' };
  await traceDrill({ ...outcome, evidence: null }, io(nobody, warned));
  expect(warned).toEqual([]);
  await traceDrill(outcome, io(nobody, warned));
  expect(warned).toEqual(['OTLP is not taken']);
  await traceDrill(outcome, io({}));
});
