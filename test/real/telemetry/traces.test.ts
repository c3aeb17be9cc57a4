/** A real OpenTelemetry collector takes what an agent writes out, and the spans are those that the target was told. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listeningUrl, workshop, writeToken } from '../../cli/workshop.ts';
import { start } from '../../fakes/program.ts';
import { until } from '../../lab/waiting.ts';
import { type Collector, collector, collectorBuilt, spansIn } from './collector.ts';

const withinMs = 60_000;
const shop = workshop();
const built = collectorBuilt();

describe.skipIf(!built)('a collector', () => {
  const told = new Set<string>();
  let answers = 0;
  const target = createServer((request, response) => {
    told.add(String(request.headers['traceparent']));
    answers += 1;
    response.writeHead(answers % 5 === 0 ? 503 : 200).end('ok');
  });
  let taker: Collector;

  beforeAll(async () => {
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    taker = await collector('127.0.0.97');
  });
  afterAll(async () => {
    target.close();
    await taker?.stop();
  });

  test.each([
    ['http/protobuf', () => taker.http],
    ['grpc', () => taker.grpc],
  ])('takes every attempt over %s as the span that the target was told', async (protocol, endpoint) => {
    told.clear();
    const from = taker.printed().length;
    const name = protocol.replace('/', '-');
    const at = `http://127.0.0.1:${(target.address() as AddressInfo).port}`;
    const checks = [{ name: 'home', kind: 'http', to: 'regions', path: '/', every: '200ms', timeout: '10s' }];
    const regions = { here: { jurisdiction: 'US', endpoint: at, share: 100 } };
    const file = shop.file(`${name}.json`, JSON.stringify({ service: 'demo', entry: { api: at }, regions, checks }));
    const token = shop.file(`${name}-token`, `${writeToken}\n`);
    const state = (who: string): string => `--state=${join(shop.dir, `${name}-${who}`)}`;
    const collecting = shop.start([
      ...['aggregator', '--listen=127.0.0.1:0', state('aggregator')],
      ...[`--token-file=${token}`, `--scenario=${file}`],
    ]);
    const url = await listeningUrl(collecting);
    const probing = start(
      ['agent', '--vantage=v', '--region=here', `--aggregator=${url}`, `--token-file=${token}`, state('agent')],
      { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint(), OTEL_EXPORTER_OTLP_PROTOCOL: protocol },
    );
    await until(withinMs, 'ten attempts', async () => (told.size >= 10 ? true : undefined));
    probing.kill('SIGTERM');
    expect((await probing.ended).code).toBe(0);
    collecting.kill('SIGTERM');

    const spans = await until(withinMs, 'all spans', async () => {
      const printed = spansIn(taker.printed().slice(from));
      return printed.length >= told.size ? printed : undefined;
    });
    expect(new Set(spans.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`))).toEqual(told);
    expect(new Set(spans.map((span) => span.name))).toEqual(new Set(['GET /']));
    const bad = spans.filter(({ attributes }) => attributes['error.type'] === '503');
    expect(bad.length).toBeGreaterThan(0);
    expect(new Set(bad.map(({ attributes }) => attributes['http.response.status_code']))).toEqual(new Set(['503']));
    expect(taker.printed()).toContain('service.name: Str(blackstart-agent)');
  });
});
