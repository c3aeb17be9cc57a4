/** The k6 that our script builds does what our code takes it to do. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { loadVerdict } from '../../../chaos/load.ts';
import { failureOf } from '../../../cli/exit.ts';
import type { Io } from '../../../cli/io.ts';
import { loadFor } from '../../../cli/load/k6.ts';
import { systemClock } from '../../../contract/clock.ts';
import type { LoadFacts } from '../../../contract/load.ts';
import { silent } from '../../../contract/log.ts';
import { seededRandom } from '../../../contract/random.ts';
import type { LoadPlan } from '../../../scenarios/load-plan.ts';
import type { DrillPlan, Scenario } from '../../../scenarios/scenario.ts';
import { dnsServer } from '../../fakes/dns-server.ts';
import { root, running } from '../../fakes/program.ts';
import { bounded, until } from '../../lab/waiting.ts';
import { k6Program } from './program.ts';

const k6 = k6Program();
const limitMs = 60_000;

type Server = {
  readonly port: number;
  readonly seen: { connections: number; requests: number; closing: number };
  close(): void;
};

async function server(status = 200): Promise<Server> {
  const seen = { connections: 0, requests: 0, closing: 0 };
  const http = createServer((request, response) => {
    seen.requests += 1;
    if (request.headers.connection === 'close') seen.closing += 1;
    response.writeHead(status).end('well');
  });
  http.on('connection', () => {
    seen.connections += 1;
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    http.closeAllConnections();
    http.close();
  };
  return { port: (http.address() as AddressInfo).port, seen, close };
}

describe.skipIf(k6 === null)('k6', () => {
  let dir: string;
  let service: Server;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'blackstart-real-k6-'));
    service = await server();
  });
  afterAll(() => {
    service.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const io: Io = {
    ...{ stdout: { write: () => true }, stderr: { write: () => true }, log: silent, colour: false },
    ...{ clock: systemClock(), random: seededRandom(1), signal: new AbortController().signal, close: () => undefined },
    env: { K6_BIN: k6 ?? '', PATH: process.env['PATH'], HOME: tmpdir() },
  };

  async function started(load: Partial<LoadPlan>, target = `http://127.0.0.1:${service.port}`) {
    const plan: LoadPlan = {
      ...{ script: 'steady.ts', entry: 'api', path: '/', users: 6, ratePerSecond: 20, forMs: null, env: {} },
      ...{ thresholds: {}, resolver: null, ca: null, sourceAddress: null },
      ...load,
    };
    const expect = [{ entry: 'api', servedBy: [], withinMs: 60_000, failbackMs: 60_000, residency: null }];
    const drill = { name: 'd', expect, holdMs: 0, deadlineMs: null, load: plan } as unknown as DrillPlan;
    const scenario = { entry: { api: target } } as unknown as Scenario;
    const program = await loadFor({ scenario, scenarioFile: join(dir, 'shop.yaml'), drill, tell: () => undefined }, io);
    if (program === undefined) throw new Error('no load');
    return program.start();
  }

  function script(name: string, text: string): string {
    writeFileSync(join(dir, name), text);
    return name;
  }

  /** Runs it to its own end. */
  async function ended(name: string, text: string): Promise<LoadFacts> {
    const load = await started({ script: script(name, text) });
    return until(limitMs, `${name} to end`, async () => load.over() ?? undefined);
  }

  test('opens a connection for each request of fresh users, and keeps those of pooled ones', async () => {
    const before = { ...service.seen };
    const load = await started({});
    await until(limitMs, 'requests', async () => (service.seen.requests - before.requests >= 40 ? true : undefined));
    const facts = await load.end();
    const [fresh, pooled] = ['fresh', 'pooled'].map((users) =>
      facts.buckets.filter((one) => one.users === users).reduce((sum, { requests }) => sum + requests, 0),
    );
    expect(facts).toMatchObject({ exitCode: 105, ended: 'asked', thrown: 0 });
    expect(fresh).toBeGreaterThan(10);
    expect(pooled).toBeGreaterThan(10);
    const closing = service.seen.closing - before.closing;
    const kept = service.seen.connections - before.connections - closing;
    // Three users are pooled.
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThanOrEqual(3);
    expect(facts.summary?.requests).toBe((fresh ?? 0) + (pooled ?? 0));
  });

  test.each(['spike.ts', 'thousand-users.ts'])('runs %s', async (name) => {
    const load = await started({ script: name, users: 10, ratePerSecond: 60 });
    await until(limitMs, 'requests', async () => (load.began() ? true : undefined));
    const facts = await load.end();
    expect(facts.said.filter((sentence) => !sentence.includes('interrupt'))).toEqual([]);
    expect(facts).toMatchObject({ exitCode: 105, thrown: 0 });
  });

  test('asks the name server that it was told for each new connection', async () => {
    const names = await dnsServer(({ packet }) => ({
      type: 'response',
      id: packet.id ?? 0,
      questions: packet.questions ?? [],
      answers: (packet.questions ?? []).flatMap(({ name, type }) =>
        type === 'A' ? [{ type: 'A' as const, name, ttl: 300, data: '127.0.0.1' }] : [],
      ),
    }));
    onTestFinished(() => names.close());
    const resolver = `${names.at.host}:${names.at.port}`;
    const before = { ...service.seen };
    const load = await started({ resolver }, `http://shop.blackstart.test:${service.port}`);
    await until(limitMs, 'requests', async () => (service.seen.requests - before.requests >= 20 ? true : undefined));
    const { summary } = await load.end();
    expect(summary?.failed).toBe(0);
    const asked = names.queries.filter(({ packet }) => packet.questions?.[0]?.type === 'A').length;
    expect(asked).toBeGreaterThanOrEqual(service.seen.closing - before.closing);
  });

  describe('ends as its exit codes are read:', () => {
    test('0, though every iteration throws', async () => {
      const text = `export const options = { vus: 1, iterations: 4 };\nexport default function () { throw new Error('no good'); }\n`;
      const facts = await ended('throws.js', text);
      expect(facts).toMatchObject({ exitCode: 0, thrown: 4, summary: { iterations: 4 } });
      expect(loadVerdict(facts)).toMatchObject({ status: 'fail', because: expect.stringContaining('Error: no good') });
    });

    test('107 for an exception in setup', async () => {
      const text = `export function setup() { throw new Error('no good'); }\nexport default function () {}\n`;
      const facts = await ended('setup.js', text);
      expect(facts).toMatchObject({ exitCode: 107, thrown: 0 });
      expect(loadVerdict(facts)).toMatchObject({ wrong: true, because: expect.stringContaining('Error: no good') });
    });

    test('108 and 110 for a script that ends or fails the test', async () => {
      const head = `import exec from 'k6/execution';\nexport const options = { vus: 1, iterations: 1 };\n`;
      const aborted = await ended('abort.js', `${head}export default function () { exec.test.abort('enough'); }\n`);
      const failed = await ended('fail.js', `${head}export default function () { exec.test.fail('bad'); }\n`);
      expect([aborted.exitCode, failed.exitCode]).toEqual([108, 110]);
      expect([aborted, failed].map((facts) => loadVerdict(facts).status)).toEqual(['fail', 'fail']);
    });

    test('99 for thresholds of a script that ends by itself', async () => {
      const text = `export const options = { vus: 1, iterations: 2, thresholds: { iterations: ['count>5'] } };\nexport default function () {}\n`;
      const facts = await ended('threshold.js', text);
      expect(facts.exitCode).toBe(99);
      expect(loadVerdict(facts).because).toBe('thresholds were crossed: iterations count>5');
    });

    test('105 where it was asked to end, also when the drill’s thresholds were crossed: its summary has them', async () => {
      const thresholds = { http_req_duration: ['p(95)<0.0001'], http_req_failed: ['rate<0.5'] };
      const load = await started({ thresholds });
      await until(limitMs, 'requests', async () => (load.began() ? true : undefined));
      const facts = await load.end();
      expect(facts.exitCode).toBe(105);
      expect(loadVerdict(facts)).toMatchObject({
        status: 'fail',
        because: 'thresholds were crossed: http_req_duration p(95)<0.0001',
      });
    });

    test('an answer that is no 200 is a failed request', async () => {
      const sick = await server(503);
      onTestFinished(() => sick.close());
      const load = await started({}, `http://127.0.0.1:${sick.port}`);
      await until(limitMs, 'requests', async () => (sick.seen.requests > 5 ? true : undefined));
      const { buckets, summary } = await load.end();
      expect(buckets.every(({ requests, failed }) => requests === failed)).toBe(true);
      expect(summary?.failed).toBe(summary?.requests);
    });
  });

  test('ends when it is asked to in the middle of an iteration that never does', async () => {
    const text = `import http from 'k6/http';\nexport const options = { vus: 1, duration: '1h' };\nexport default function () { http.get(__ENV.TARGET); for (;;) {} }\n`;
    const load = await started({ script: script('spin.js', text) });
    await until(limitMs, 'a request', async () => (load.began() ? true : undefined));
    expect(await load.end()).toMatchObject({ exitCode: 105, ended: 'asked' });
  });

  test('says before anything is touched that it cannot read a script', async () => {
    const error: unknown = await started({ script: script('torn.ts', 'export default function ( {') }).catch(
      (thrown) => thrown,
    );
    expect(failureOf(error)).toMatchObject({ code: 2, text: expect.stringContaining('Line 1:') });
  });

  test('reads a file of options only for a script without thresholds of its own, which is told before', async () => {
    const own = `export const options = { thresholds: { checks: ['rate>0.9'] } };\nexport default function () {}\n`;
    const load = { script: script('own.js', own), thresholds: { http_req_failed: ['rate<0.5'] } };
    const error: unknown = await started(load).catch((thrown) => thrown);
    expect(failureOf(error)).toMatchObject({
      code: 2,
      text: expect.stringContaining('the script has its own: checks'),
    });
  });

  test('does not outlive a runner that is killed', async () => {
    const mark = join(dir, 'mark');
    const argv = [join(root, 'test/real/k6/runner.ts'), k6 ?? '', join(root, 'scenarios/load/steady.ts'), mark];
    const env = {
      PATH: process.env['PATH'] ?? '',
      MARK: mark,
      TARGET: `http://127.0.0.1:${service.port}`,
      FOR: '600s',
    };
    const runner = running(spawn(process.execPath, argv, { env, stdio: ['ignore', 'pipe', 'pipe'] }));
    await bounded(limitMs, 'the load to begin', runner.said(/began/));
    expect(marked(mark).length).toBeGreaterThanOrEqual(2);
    runner.kill('SIGKILL');
    await runner.ended;
    await until(limitMs, 'k6 to end', async () => (marked(mark).length === 0 ? true : undefined));
  });

  test('archives with the arguments of the manifest, as the operator does first', () => {
    const archive = join(dir, 'steady.tar');
    const options = join(dir, 'options.json');
    writeFileSync(options, '{"thresholds":{"http_req_failed":["rate<0.5"]}}');
    const env = { PATH: process.env['PATH'] ?? '', HOME: dir, TARGET: 'http://127.0.0.1:9', FOR: '60s' };
    const argv = [
      'archive',
      join(root, 'scenarios/load/steady.ts'),
      '-O',
      archive,
      '--include-system-env-vars',
      '--config',
      options,
    ];
    expect(spawnSync(k6 ?? '', argv, { env, encoding: 'utf8' })).toMatchObject({ status: 0 });
    expect(existsSync(archive)).toBe(true);
    const read = spawnSync(k6 ?? '', ['inspect', '--execution-requirements', archive], {
      env: { HOME: dir },
      encoding: 'utf8',
    });
    expect(JSON.parse(read.stdout)).toMatchObject({ thresholds: { http_req_failed: ['rate<0.5'] }, maxVUs: 10 });
  });
});

/** Processes with a mark in their environment. */
function marked(mark: string): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(`MARK=${mark}`);
    } catch {
      return false;
    }
  });
}
