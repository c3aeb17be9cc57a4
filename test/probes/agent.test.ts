import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Assignment } from '../../contract/check.ts';
import { systemClock } from '../../contract/clock.ts';
import { silent } from '../../contract/log.ts';
import { Mistakes } from '../../contract/mistake.ts';
import { seededRandom } from '../../contract/random.ts';
import { closeCodes, type FromAgent, type Hello, type Mark, type ResultsFrame } from '../../contract/wire.ts';
import { type AgentOptions, type RunningAgent, startAgent } from '../../probes/agent.ts';
import { type AggregatorLink, aggregatorLink, type LinkOptions, welcomeWith } from '../fakes/aggregator-link.ts';
import { httpCheck } from '../fakes/probing.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function target(): Promise<{ url: string; requests: () => number; server: Server }> {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    response.writeHead(200, { 'x-region': 'us-east-1' }).end('ok');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  ends.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, requests: () => requests, server };
}

async function link(options: LinkOptions = {}): Promise<AggregatorLink> {
  const made = await aggregatorLink(options);
  ends.push(() => made.close());
  return made;
}

function stateDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-agent-'));
  ends.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function agent(options: Partial<AgentOptions>): Promise<RunningAgent> {
  const started = await startAgent(
    {
      agent: 'a1',
      vantage: 'us-east-1',
      region: 'us-east-1',
      version: '0.1.0',
      aggregator: null,
      token: null,
      ca: null,
      resolver: { host: '127.0.0.1', port: 9 },
      sourceAddress: null,
      stateDir: options.stateDir ?? stateDir(),
      listen: null,
      ledgerFile: null,
      ...options,
    },
    { clock: systemClock(), random: seededRandom(1), log: silent },
  );
  ends.push(() => started.stop());
  return started;
}

function assignmentOf(url: string, everyMs = 100): Assignment {
  const check = httpCheck(url, { id: 'home/us-east-1', region: 'us-east-1', everyMs });
  return { version: 1, checks: [check], regions: { 'us-east-1': ['127.0.0.1'] }, references: [] };
}

const isHello = (frame: FromAgent): frame is Hello => frame.type === 'hello';
const isMark = (frame: FromAgent): frame is Mark => frame.type === 'mark';
const isResults = (frame: FromAgent): frame is ResultsFrame => frame.type === 'results';
const resultsTo =
  (seq: number) =>
  (frame: FromAgent): frame is ResultsFrame =>
    frame.type === 'results' && frame.fromSeq + frame.results.length > seq;

describe('an agent', () => {
  test('probes in several threads what it is assigned, and numbers the results of all in one row', async () => {
    const at = await target();
    const assignment = assignmentOf(at.url);
    const checks = Array.from({ length: 6 }, (_, index) => httpCheck(at.url, { id: `home/${index}`, everyMs: 100 }));
    const aggregator = await link({ welcome: () => welcomeWith({ ...assignment, checks }) });
    await agent({ aggregator: aggregator.url, threads: 2 });
    await aggregator.seen(resultsTo(30));
    const results = aggregator.frames.filter(isResults).flatMap((frame) => frame.results);
    expect(results.map((result) => result.seq)).toEqual(results.map((_result, index) => index + 1));
    expect(new Set(results.map(({ check }) => check)).size).toBe(6);
  });

  test('says hello, probes what it is assigned, numbers its results from 1, and marks behind them', async () => {
    const at = await target();
    const aggregator = await link({ welcome: () => welcomeWith(assignmentOf(at.url)) });
    await agent({ aggregator: aggregator.url });
    await aggregator.seen(resultsTo(3));
    await aggregator.seen((frame): frame is Mark => isMark(frame) && frame.seq > 0);
    const results = aggregator.frames.filter(isResults).flatMap((frame) => frame.results);
    expect(results.map((result) => result.seq)).toEqual(results.map((_result, index) => index + 1));
    for (const result of results)
      expect(result).toMatchObject({ check: 'home/us-east-1', region: 'us-east-1', burst: null });
    // A machine that is busy may miss a round, and says so.
    expect([...new Set(results.map(({ outcome }) => outcome).filter((outcome) => outcome !== 'missing'))]).toEqual([
      'good',
    ]);
    expect(new Set(results.map((result) => result.round)).size).toBe(results.length);
    expect(aggregator.hellos[0]).toMatchObject({ agent: 'a1', vantage: 'us-east-1', region: 'us-east-1' });
  });

  test('every result is in the ledger before it is sent', async () => {
    const at = await target();
    const dir = stateDir();
    const aggregator = await link({ welcome: () => welcomeWith(assignmentOf(at.url)) });
    await agent({ aggregator: aggregator.url, stateDir: dir, ledgerFile: join(dir, 'ledger.jsonl') });
    const frame = await aggregator.seen(resultsTo(3));
    const lines = readFileSync(join(dir, 'ledger.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const { seq, check, outcome, round, startMs } of frame.results) {
      expect(lines).toContainEqual({ boot: frame.boot, seq, check, outcome, round, startMs });
    }
  });

  test('what was not acknowledged is sent after a restart, under the boot that made it', async () => {
    const at = await target();
    const dir = stateDir();
    const deaf = await link({ welcome: () => welcomeWith(assignmentOf(at.url)), acknowledges: false });
    const first = await agent({ aggregator: deaf.url, stateDir: dir });
    const sent = await deaf.seen(resultsTo(2));
    await first.stop();
    const aggregator = await link({ welcome: () => welcomeWith(assignmentOf(at.url)) });
    await agent({ aggregator: aggregator.url, stateDir: dir });
    const old = await aggregator.seen((frame): frame is ResultsFrame => isResults(frame) && frame.boot === sent.boot);
    expect(old.fromSeq).toBe(1);
    await aggregator.seen((frame): frame is ResultsFrame => isResults(frame) && frame.boot !== sent.boot);
    expect(aggregator.hellos[0]?.boot).not.toBe(sent.boot);
  });

  test('goes on with the last assignment while the aggregator is away', async () => {
    const at = await target();
    const dir = stateDir();
    const aggregator = await link({ welcome: () => welcomeWith(assignmentOf(at.url)) });
    const first = await agent({ aggregator: aggregator.url, stateDir: dir });
    await aggregator.seen(isResults);
    await first.stop();
    const before = at.requests();
    await agent({ aggregator: null, stateDir: dir });
    await new Promise((resolve) => at.server.once('request', resolve));
    expect(at.requests()).toBeGreaterThan(before);
  });

  test('a burst runs fresh and pooled side by side, over one kept connection, and ends when told to', async () => {
    const at = await target();
    const aggregator = await link();
    await agent({ aggregator: aggregator.url });
    const [check] = assignmentOf(at.url, 10_000).checks;
    if (check === undefined) throw new Error('no check');
    await aggregator.seen((frame): frame is Extract<FromAgent, { type: 'ping' }> => frame.type === 'ping');
    const burst = {
      type: 'burst',
      id: 'b1',
      checks: [check],
      everyMs: 100,
      untilMs: 0,
      forMs: 60_000,
      pooled: true,
    } as const;
    aggregator.send(burst);
    await aggregator.seen(resultsTo(8));
    aggregator.send({ ...burst, forMs: 0 });
    const results = aggregator.frames.filter(isResults).flatMap((frame) => frame.results);
    const pooled = results.filter(({ client, outcome }) => client === 'pooled' && outcome === 'good');
    expect(results.every((result) => result.burst === 'b1')).toBe(true);
    expect(results.some((result) => result.client === 'fresh')).toBe(true);
    expect(new Set(pooled.map((result) => result.details.connection))).toEqual(new Set([1]));
    expect(pooled.slice(1).every((result) => result.phases.connect === undefined)).toBe(true);
  });

  test('comes back after the aggregator has gone away', async () => {
    const aggregator = await link();
    await agent({ aggregator: aggregator.url });
    await aggregator.seen(isHello);
    aggregator.closeWith(closeCodes.overloaded, 'come back');
    await aggregator.seen((frame): frame is Hello => isHello(frame) && aggregator.hellos.length > 1);
    expect(aggregator.hellos[1]?.boot).toBe(aggregator.hellos[0]?.boot);
  });

  test('closes with 1001 when it is stopped', async () => {
    const aggregator = await link();
    const started = await agent({ aggregator: aggregator.url });
    await aggregator.seen(isHello);
    const closed = aggregator.agentClosed();
    await started.stop();
    expect(await closed).toBe(closeCodes.goingAway);
    await started.ended;
  });

  test('a wrong token ends it with a sentence', async () => {
    const aggregator = await link({ token: 'right' });
    const started = await agent({ aggregator: aggregator.url, token: 'wrong' });
    await expect(started.ended).rejects.toThrow(/does not allow this agent.*token/);
  });

  test.each([
    [closeCodes.notAllowed, 'not you', /does not allow this agent \(not you\)/],
    [closeCodes.version, 'version: got 1, want 2', /another version.*want 2/],
  ])('a close with %i ends it with a sentence', async (code, reason, sentence) => {
    const aggregator = await link({ welcome: null });
    const started = await agent({ aggregator: aggregator.url });
    await aggregator.seen(isHello);
    aggregator.closeWith(code, reason);
    await expect(started.ended).rejects.toThrow(sentence);
  });

  test('answers for its health and its own metrics', async () => {
    const aggregator = await link({ welcome: () => welcomeWith(assignmentOf('http://127.0.0.1:9/', 60_000)) });
    const started = await agent({ aggregator: aggregator.url, listen: { host: '127.0.0.1', port: 0 } });
    await aggregator.seen(isMark);
    expect((await fetch(`${started.url}/-/healthy`)).status).toBe(200);
    expect((await fetch(`${started.url}/-/ready`)).status).toBe(200);
    const metrics = await (await fetch(`${started.url}/metrics`)).text();
    expect(metrics).toContain('blackstart_agent_connected 1');
    expect(metrics).toContain('process_resident_memory_bytes');
  });

  test('names all that is wrong with its options at once, and starts nothing', async () => {
    const wrong = agent({
      sourceAddress: '192.0.2.77',
      ca: 'not a certificate',
      resolver: { host: 'dns.example', port: 53 },
    });
    const error = await wrong.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Mistakes);
    expect((error as Mistakes).mistakes.map((mistake) => mistake.place)).toEqual([
      '--resolver',
      '--ca',
      '--source-address',
    ]);
  });

  test('a second agent on the same state directory is refused', async () => {
    const dir = stateDir();
    await agent({ stateDir: dir });
    await expect(agent({ stateDir: dir })).rejects.toThrow('another agent runs with this state directory');
  });

  test('a port in use is a mistake of whoever chose it, and leaves nothing running', async () => {
    const at = await target();
    const { port } = new URL(at.url);
    const dir = stateDir();
    await expect(agent({ stateDir: dir, listen: { host: '127.0.0.1', port: Number(port) } })).rejects.toThrow('in use');
    await agent({ stateDir: dir });
  });
});
