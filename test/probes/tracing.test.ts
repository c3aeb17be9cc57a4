import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Check } from '../../contract/check.ts';
import type { Result } from '../../contract/result.ts';
import { spanOfDrill } from '../../contract/tracing.ts';
import { attempt } from '../../probes/attempt.ts';
import { type Planned, resultOf } from '../../probes/record.ts';
import { attemptTracing } from '../../probes/tracing.ts';
import { answerTo, dnsServer } from '../fakes/dns-server.ts';
import { dnsCheck, httpCheck, passingClock, probing } from '../fakes/probing.ts';
import { type KeptTracing, keptTracing } from '../fakes/tracing.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const from = { agent: 'us-1', boot: 'boot-1', vantage: 'us-east-1', region: 'us-east-1' };

async function target(status = 200): Promise<{ readonly at: string; readonly asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    response.writeHead(status, { 'x-region': 'eu-west-1' }).end('ok');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => server.close());
  return { at: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** One attempt as the agent makes it, numbered 7. */
async function traced(check: Check, tracing: KeptTracing, burst: string | null = null): Promise<Result> {
  const clock = passingClock();
  const planned: Planned = { check, everyMs: check.everyMs, client: 'fresh', burst };
  const attempts = attemptTracing(tracing, from);
  const startMs = clock.nowMs();
  const { traceparent, mark } = attempts.begin(planned, startMs);
  const seen = await attempt(check, { ...probing(clock), traceparent }, undefined);
  const quality = { lateMs: 0, loopDelayMs: 0 };
  const result = {
    ...mark(resultOf(planned, { round: 3, dueMs: startMs }, { startMs, quality }, seen)),
    seq: 7,
    boot: 'boot-1-a',
  };
  attempts.numbered([result]);
  return result;
}

describe('an http attempt', () => {
  test('tells the target the span that is written out, and the result has its trace', async () => {
    const { at, asked } = await target();
    const tracing = keptTracing();
    const result = await traced(httpCheck(`http://user:secret@${at}/health?deep=1`, { region: 'us-east-1' }), tracing);
    const [span] = tracing.spans;
    expect(asked[0]?.headers['traceparent']).toBe(`00-${span?.traceId}-${span?.spanId}-01`);
    expect(result.details.traceId).toBe(span?.traceId);
    const [host, port] = at.split(':');
    expect(span).toMatchObject({ name: 'GET /health', kind: 'client', startMs: result.startMs, error: null });
    expect(span?.endMs).toBe(result.startMs + result.durationMs);
    expect(span?.attributes).toEqual({
      'http.request.method': 'GET',
      'url.full': `http://REDACTED:REDACTED@${at}/health?deep=1`,
      'server.address': host,
      'server.port': Number(port),
      'network.protocol.name': 'http',
      'network.protocol.version': '1.1',
      'network.peer.address': host,
      'network.peer.port': Number(port),
      'http.response.status_code': 200,
      'blackstart.check': 'home',
      'blackstart.check.id': 'home/us-east-1',
      'blackstart.target': 'agent-api',
      'blackstart.vantage': 'us-east-1',
      'blackstart.region': 'us-east-1',
      'blackstart.served_by': 'eu-west-1',
      'blackstart.round': 3,
      'blackstart.client': 'fresh',
      'blackstart.outcome': 'good',
      'blackstart.result.id': 'us-1/boot-1-a/7',
    });
  });

  test('has an event at the end of each phase, the last at its own end', async () => {
    const { at } = await target();
    const tracing = keptTracing();
    await traced(httpCheck(`http://${at}/`), tracing);
    const [span] = tracing.spans;
    const names = span?.events.map(({ name }) => name.replace('blackstart.phase.', ''));
    expect(names).toEqual(['connect', 'firstByte', 'transfer']);
    expect(span?.events.at(-1)?.atMs).toBeCloseTo(span?.endMs ?? 0, 3);
  });

  test('never takes the place of a traceparent that the check gives itself', async () => {
    const { at, asked } = await target();
    const own = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
    await traced(httpCheck(`http://${at}/`, { headers: { TraceParent: own } }), keptTracing());
    expect(asked[0]?.headers['traceparent']).toBe(own);
    expect(asked[0]?.rawHeaders.filter((name) => name.toLowerCase() === 'traceparent')).toHaveLength(1);
  });

  test('that is not sampled says so to the target, and neither span nor trace stays', async () => {
    const { at, asked } = await target();
    const tracing = keptTracing({ sampled: false });
    const result = await traced(httpCheck(`http://${at}/`), tracing);
    expect(asked[0]?.headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(result.details.traceId).toBeUndefined();
    expect(tracing.spans).toEqual([]);
  });

  test('tells nothing where nothing is to be told', async () => {
    const { at, asked } = await target();
    await traced(httpCheck(`http://${at}/`), keptTracing({ propagates: false }));
    await attempt(httpCheck(`http://${at}/`), probing(passingClock()), undefined);
    expect(asked.map(({ headers }) => headers['traceparent'])).toEqual([undefined, undefined]);
  });

  test('that is bad has failed, by its status or by where it stopped', async () => {
    const { at } = await target(503);
    const tracing = keptTracing();
    await traced(httpCheck(`http://${at}/`), tracing);
    await traced(httpCheck('http://127.0.0.1:9/'), tracing);
    expect(tracing.spans.map(({ error }) => error)).toEqual([
      'status: got 503, want 200',
      expect.stringContaining('connection refused'),
    ]);
    expect(tracing.spans.map(({ attributes }) => attributes['error.type'])).toEqual(['503', 'connect']);
  });

  test('that is missing is no failure', async () => {
    const tracing = keptTracing();
    await traced(httpCheck('ftp://127.0.0.1/'), tracing);
    const [span] = tracing.spans;
    expect(span?.error).toBeNull();
    expect(span?.attributes).toMatchObject({ 'blackstart.outcome': 'missing', 'blackstart.missing': 'bad-sample' });
    expect(span?.attributes['error.type']).toBeUndefined();
  });

  test('of a burst points to the drill', async () => {
    const { at } = await target();
    const tracing = keptTracing();
    await traced(httpCheck(`http://${at}/`), tracing, 'lose-eu-1');
    expect(tracing.spans[0]?.links).toEqual([spanOfDrill('lose-eu-1')]);
  });
});

test('a dns attempt is a span too, with its question and its answers', async () => {
  const server = await dnsServer((query) =>
    answerTo(query, [{ type: 'A', name: 'api.agent.test', ttl: 5, data: '127.1.0.1' }]),
  );
  ends.push(() => server.close());
  const tracing = keptTracing();
  await traced(dnsCheck(server.at), tracing);
  const [span] = tracing.spans;
  expect(span).toMatchObject({ name: 'dns A', kind: 'client' });
  expect(span?.attributes).toMatchObject({
    'dns.question.name': 'api.agent.test',
    'dns.answers': ['127.1.0.1'],
    'server.address': server.at.host,
    'server.port': server.at.port,
    'blackstart.dns.question.type': 'A',
  });
  expect(span?.events.map(({ name }) => name)).toEqual(['blackstart.phase.resolve']);
});
