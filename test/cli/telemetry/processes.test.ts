/** Agent and aggregator as processes, with a receiver of OTLP, without one, and with one that is in trouble. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ResultsAnswer } from '../../../contract/api.ts';
import { type OtlpReceiver, otlpReceiver, type TakenSpan, valuesOf } from '../../fakes/otlp-receiver.ts';
import { type Running, run, start } from '../../fakes/program.ts';
import { until } from '../../lab/waiting.ts';
import { listeningUrl, metric, workshop, writeToken } from '../workshop.ts';

const withinMs = 60_000;
/** For a machine that is busy with other things. */
const limitMs = 120_000;
const shop = workshop();
const told: string[] = [];
const target = createServer((request, response) => {
  told.push(String(request.headers['traceparent']));
  response.end('ok');
});
const programs: Running[] = [];
const receivers: OtlpReceiver[] = [];
let files: { readonly scenario: string; readonly token: string };

beforeAll(async () => {
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  const at = `http://127.0.0.1:${(target.address() as AddressInfo).port}`;
  const scenario = {
    service: 'demo',
    entry: { api: at },
    regions: { here: { jurisdiction: 'US', endpoint: at, share: 100 } },
    checks: [{ name: 'home', kind: 'http', to: 'regions', path: '/', every: '100ms', timeout: '10s' }],
  };
  files = {
    scenario: shop.file('telemetry.json', JSON.stringify(scenario)),
    token: shop.file('telemetry-token', `${writeToken}\n`),
  };
});
afterAll(async () => {
  for (const program of programs) program.kill('SIGKILL');
  await Promise.all(programs.map(({ ended }) => ended));
  target.close();
  for (const receiver of receivers) receiver.close();
});

async function made(how: 'takes' | 'silent'): Promise<OtlpReceiver> {
  const receiver = await otlpReceiver(how);
  receivers.push(receiver);
  return receiver;
}

type Variables = Readonly<Record<string, string>>;

async function daemon(argv: readonly string[], env: Variables): Promise<{ program: Running; url: string }> {
  const program = start(argv, env);
  programs.push(program);
  return { program, url: await listeningUrl(program) };
}

const aggregator = (name: string, env: Variables) =>
  daemon(
    [
      ...['aggregator', '--listen=127.0.0.1:0', `--state=${join(shop.dir, name)}`],
      ...[`--token-file=${files.token}`, `--scenario=${files.scenario}`],
    ],
    env,
  );

const agent = (name: string, to: string, env: Variables) =>
  daemon(
    [
      ...['agent', '--vantage=v', '--region=here', `--aggregator=${to}`],
      ...[`--token-file=${files.token}`, `--state=${join(shop.dir, name)}`],
    ],
    env,
  );

/** Writes down what a program asks for of OpenTelemetry; its API alone is a part of the Prometheus client. */
function spied(name: string): { readonly env: Variables; readonly loaded: () => string } {
  const file = shop.file(`${name}-loads`, '');
  const spy = shop.file(
    `${name}.mjs`,
    `import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
registerHooks({ resolve(name, context, next) {
  if (/@opentelemetry\\/(?!api$)|telemetry\\/sdk/.test(name)) appendFileSync(${JSON.stringify(file)}, name + '\\n');
  return next(name, context);
} });\n`,
  );
  return { env: { NODE_OPTIONS: `--import=${spy}` }, loaded: () => readFileSync(file, 'utf8') };
}

async function results(url: string, atLeast: number): Promise<ResultsAnswer['results']> {
  return await until(withinMs, 'results', async () => {
    const answer = (await (await fetch(`${url}/api/v1/results?check=home`)).json()) as ResultsAnswer;
    return answer.results.length >= atLeast ? answer.results : undefined;
  });
}

test(
  'without a receiver nothing of OpenTelemetry is loaded, and the target is told nothing',
  async () => {
    const from = told.length;
    const [spy, other] = [spied('off-spy'), spied('off-other')];
    const { program: collecting, url } = await aggregator('off', spy.env);
    const { program: probing } = await agent('off-agent', url, other.env);
    const [result] = await results(url, 1);
    expect(result?.details.traceId).toBeUndefined();
    for (const program of [probing, collecting]) {
      program.kill('SIGTERM');
      expect((await program.ended).code).toBe(0);
    }
    expect([spy.loaded(), other.loaded()]).toEqual(['', '']);
    expect(told.length).toBeGreaterThan(from);
    expect(new Set(told.slice(from))).toEqual(new Set(['undefined']));
  },
  limitMs,
);

describe('with a receiver', () => {
  let receiver: OtlpReceiver;
  let from: number;
  const spy = spied('traced-spy');
  let found: ResultsAnswer['results'];
  let text: string;
  let counted: { readonly all: number; readonly good: number };

  /** Both programs run for a while and end. Nothing but their end has anything written out. */
  beforeAll(async () => {
    from = told.length;
    receiver = await made('takes');
    const otel = {
      ...{ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
      ...{ OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=shop', OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test' },
      ...{ OTEL_BSP_SCHEDULE_DELAY: '600000', OTEL_METRIC_EXPORT_INTERVAL: '600000' },
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    };
    const { url, program: collecting } = await aggregator('traced', { ...otel, OTEL_SERVICE_NAME: 'central' });
    const { program: probing } = await agent('traced-agent', url, { ...otel, ...spy.env });
    found = await until(withinMs, 'good results', async () => {
      const seen = await results(url, 3);
      return seen.some(({ outcome }) => outcome === 'good') ? seen : undefined;
    });
    probing.kill('SIGTERM');
    expect((await probing.ended).code).toBe(0);
    const accept = 'application/openmetrics-text;version=1.0.0';
    text = await (await fetch(`${url}/metrics`, { headers: { accept } })).text();
    counted = {
      all: await metric(url, /^blackstart_probe_results_total/),
      good: await metric(url, /^blackstart_probe_duration_seconds_count/),
    };
    collecting.kill('SIGTERM');
    expect((await collecting.ended).code).toBe(0);
  }, limitMs);

  test('its SDK is loaded', () => expect(spy.loaded()).toMatch(/@opentelemetry\/sdk-node/));

  test('every attempt is a span that the target was told, with the id of its result', () => {
    const spans = receiver.spans.flatMap(({ items }) => items);
    const headerOf = ({ traceId, spanId }: TakenSpan): string => `00-${traceId}-${spanId}-01`;
    const answered = spans.filter(({ attributes }) => 'http.response.status_code' in valuesOf(attributes));
    expect(answered.length).toBeGreaterThan(0);
    // An attempt that the end cut short is a span too, and may never have come to the target.
    expect(told.slice(from)).toEqual(expect.arrayContaining(answered.map(headerOf)));
    expect(spans.map(headerOf)).toEqual(expect.arrayContaining(told.slice(from)));
    const byTrace = new Map(spans.map((span) => [span.traceId, span]));
    // A round that never began, because the machine was busy, has no span.
    const attempts = found.filter(({ missing }) => missing !== 'shed');
    expect(attempts.length).toBeGreaterThan(0);
    for (const { agent: by, boot, seq, startMs, details } of attempts) {
      const span = byTrace.get(details.traceId ?? '');
      expect(valuesOf(span?.attributes ?? [])['blackstart.result.id']).toBe(`${by}/${boot}/${seq}`);
      expect(Number(span?.startTimeUnixNano) / 1e6).toBeCloseTo(startMs, 1);
    }
    expect(receiver.headers()['x-tenant']).toBe('shop');
    expect(receiver.spans[0]?.resource).toMatchObject({
      'service.name': 'blackstart-agent',
      'service.instance.id': 'v',
      'deployment.environment.name': 'test',
      'blackstart.vantage': 'v',
    });
  });

  test('an exemplar names the trace beside the result', () => {
    const [, traceId = '', id] = /# \{trace_id="([0-9a-f]{32})",id="([^"]+)"\}/.exec(text) ?? [];
    const span = receiver.spans.flatMap(({ items }) => items).find((one) => one.traceId === traceId);
    expect(valuesOf(span?.attributes ?? [])['blackstart.result.id']).toBe(id);
  });

  test('what the aggregator counts is pushed as it stands in its exposition', () => {
    expect(receiver.metrics[0]?.resource).toMatchObject({ 'service.name': 'central' });
    const pushed = new Map(receiver.metrics.flatMap(({ items }) => items).map((one) => [one.name, one]));
    const { sum } = pushed.get('blackstart_probe_results_total') ?? {};
    expect(sum?.isMonotonic).toBe(true);
    expect(sum?.dataPoints.reduce((all, { asDouble = 0 }) => all + asDouble, 0)).toBe(counted.all);
    const histogram = pushed.get('blackstart_probe_duration_seconds');
    expect(histogram).toMatchObject({ unit: 's' });
    expect(Number(histogram?.exponentialHistogram?.dataPoints[0]?.count)).toBe(counted.good);
  });
});

test(
  'a receiver in trouble delays nobody: it is counted, said once, and both programs go on and end in order',
  async () => {
    const { url: endpoint, requests } = await made('silent');
    const otel = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_TIMEOUT: '150' };
    const { url, program: collecting } = await aggregator('stuck', { ...otel, OTEL_METRIC_EXPORT_INTERVAL: '200' });
    const { url: own, program: probing } = await agent('stuck-agent', url, {
      ...{ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_BSP_MAX_QUEUE_SIZE: '4' },
      ...{ OTEL_BSP_SCHEDULE_DELAY: '50', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2' },
    });
    await until(withinMs, 'three failures and spans that found no room', async () => {
      const failed = await metric(url, /^blackstart_otlp_requests_total\{outcome="failed"\}/);
      return failed >= 3 && (await metric(own, /^blackstart_agent_spans_lost/)) > 0 ? true : undefined;
    });
    await probing.said(/spans come faster/);
    await results(url, 10);
    expect(requests()).toBeGreaterThanOrEqual(3);
    expect(await metric(url, /^blackstart_otlp_points_total\{outcome="failed"\}/)).toBeGreaterThan(0);
    expect(await metric(url, /^blackstart_otlp_points_total\{outcome="taken"\}/)).toBe(0);
    for (const program of [probing, collecting]) program.kill('SIGTERM');
    const [agentEnd, aggregatorEnd] = await Promise.all([probing.ended, collecting.ended]);
    expect([agentEnd.code, aggregatorEnd.code]).toEqual([0, 0]);
    expect(agentEnd.stderr.match(/spans come faster/g)).toEqual(['spans come faster']);
    expect(aggregatorEnd.stderr.match(/OTLP is not taken/g)).toEqual(['OTLP is not taken']);
  },
  limitMs,
);

test('a variable that says what cannot be done is refused by its name', async () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_EXPORTER_OTLP_PROTOCOL: 'thrift' };
  const argv = ['agent', '--vantage=v', '--region=here', '--aggregator=http://127.0.0.1:9', `--state=${shop.dir}`];
  const { code, stderr } = await run(argv, env);
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(
      'OTEL_EXPORTER_OTLP_PROTOCOL: got "thrift", want http/protobuf or http/json or grpc',
    ),
  });
});
