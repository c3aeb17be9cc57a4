/** What is looked at before anything is touched: whether there is a k6 for the drill, and a script that it can run. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { failureOf } from '../../../cli/exit.ts';
import type { Io } from '../../../cli/io.ts';
import { loadFor } from '../../../cli/load/k6.ts';
import { silent } from '../../../contract/log.ts';
import { seededRandom } from '../../../contract/random.ts';
import { parseScenario } from '../../../scenarios/define.ts';
import type { DrillPlan } from '../../../scenarios/scenario.ts';
import { fakeClock } from '../../fakes/clock.ts';
import { until } from '../../lab/waiting.ts';
import { type StandIn, standInK6 } from './stand-in.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'blackstart-load-test-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
});

const scenario = parseScenario(
  {
    service: 'shop',
    entry: { api: 'https://api.shop.example/' },
    regions: {
      east: {
        jurisdiction: 'US',
        share: 100,
        endpoint: 'https://east.shop.example',
        kubernetes: { context: 'east', namespace: 'shop', workloads: ['deployment/shop'] },
      },
      west: { jurisdiction: 'US', share: 0, endpoint: 'https://west.shop.example' },
    },
    drills: [
      {
        name: 'lose-east',
        fault: { 'scale-to-zero': 'east' },
        expect: [{ entry: 'api', servedBy: ['west'], within: '90s' }],
        load: { script: 'steady.ts', users: 100, rate: '50/s' },
      },
    ],
  },
  (path) => path,
);

function drillWith(load: Partial<NonNullable<DrillPlan['load']>> | null): DrillPlan {
  const { load: planned, ...drill } = scenario.drills[0] as DrillPlan;
  return load === null || planned === undefined ? drill : { ...drill, load: { ...planned, ...load } };
}

function ioWith(env: Readonly<Record<string, string>>): Io {
  const nowhere = { write: () => true };
  const common = { clock: fakeClock(), random: seededRandom(1), log: silent, colour: false };
  return {
    ...common,
    stdout: nowhere,
    stderr: nowhere,
    env,
    signal: new AbortController().signal,
    close: () => undefined,
  };
}

const told: string[] = [];

function looked(drill: DrillPlan, env: Readonly<Record<string, string>>) {
  told.length = 0;
  const where = { scenario, scenarioFile: join(dir, 'shop.yaml'), drill, tell: (text: string) => void told.push(text) };
  return loadFor(where, ioWith({ HOME: dir, XDG_CACHE_HOME: join(dir, 'cache'), ...env }));
}

async function failed(drill: DrillPlan, env: Readonly<Record<string, string>>) {
  const error: unknown = await looked(drill, env).catch((thrown: unknown) => thrown);
  return failureOf(error);
}

function on(path: StandIn): Record<string, string> {
  return { PATH: join(path.dir, 'bin') };
}

test('a drill without load asks for no k6', async () => {
  expect(await looked(drillWith(null), {})).toBeUndefined();
});

describe('without a k6', () => {
  test('it says in one sentence where it looked and how to get one, with exit 2', async () => {
    const failure = await failed(drillWith({}), { PATH: join(dir, 'bin') });
    expect(failure).toEqual({
      code: 2,
      text: `the drill runs under load, and there is no k6 (none on the PATH, and no ${join(dir, 'cache/blackstart/k6/k6')}): in a checkout of Blackstart "npm run build:k6" builds it with Go; K6_BIN names one that is somewhere else`,
    });
  });

  test('K6_BIN that names none is not passed over', async () => {
    const failure = await failed(drillWith({}), { ...on(standInK6({})), K6_BIN: '/nowhere/k6' });
    expect(failure?.code).toBe(2);
    expect(failure?.text).toContain('K6_BIN is /nowhere/k6, which is no program');
  });

  test('one that is older than 2 is none', async () => {
    const failure = await failed(drillWith({}), on(standInK6({ version: 'k6 v1.5.0 (go1.25, linux/amd64)' })));
    expect(failure?.code).toBe(2);
    expect(failure?.text).toContain('is k6 v1.5.0: the drill needs k6 2; in a checkout');
  });

  test('a program of that name that is something else is none', async () => {
    const failure = await failed(drillWith({}), on(standInK6({ version: 'k6, a game' })));
    expect(failure?.text).toContain('is no k6: the drill needs k6 2');
  });

  test('that can ask at a resolver, a load with one is refused', async () => {
    const failure = await failed(drillWith({ resolver: '127.0.0.53:53' }), on(standInK6({})));
    expect(failure?.code).toBe(2);
    expect(failure?.text).toContain('"load.resolver" needs the extension of deploy/k6');
  });
});

describe('k6 is found', () => {
  const extended =
    'k6 v2.2.0 (go1.26.8, linux/amd64)\nExtensions:\n  blackstart.dev/k6 v0.1.0, k6/x/blackstart-resolver [js]';

  test('on the PATH, by K6_BIN, and where our script builds it', async () => {
    const { file, dir: folder } = standInK6({});
    expect(await looked(drillWith({}), { PATH: join(folder, 'bin') })).toBeDefined();
    expect(await looked(drillWith({}), { K6_BIN: file })).toBeDefined();
    const cache = join(dir, 'cache/blackstart/k6');
    mkdirSync(cache, { recursive: true });
    writeFileSync(join(cache, 'k6'), `#!/bin/sh\nexec ${file} "$@"\n`, { mode: 0o755 });
    expect(await looked(drillWith({}), {})).toBeDefined();
  });

  test('as the first that can do what the load asks for', async () => {
    const [plain, able] = [standInK6({}), standInK6({ version: extended })];
    const path = { PATH: `${join(plain.dir, 'bin')}:${join(able.dir, 'bin')}` };
    expect(await looked(drillWith({ resolver: '127.0.0.53:53' }), path)).toBeDefined();
  });
});

describe('the script', () => {
  test('that is not there is a mistake', async () => {
    const failure = await failed(drillWith({ script: './mine.ts' }), on(standInK6({})));
    expect(failure?.code).toBe(2);
    expect(failure?.text).toContain(`load.script: got ${join(dir, 'mine.ts')}, which is not there`);
  });

  test('of a user is said to be unchecked where no TypeScript is beside it', async () => {
    writeFileSync(join(dir, 'mine.ts'), 'export default function (): void {}\n');
    await looked(drillWith({ script: './mine.ts' }), on(standInK6({})));
    expect(told).toEqual([
      `load: the types of ${join(dir, 'mine.ts')} are not checked: want typescript and @types/k6 in a node_modules above it`,
    ]);
  });

  test('that has thresholds of its own hides those of the drill, and is refused', async () => {
    const inspect = JSON.stringify({ thresholds: { checks: ['rate>0.9'] } });
    const thresholds = { http_req_failed: ['rate<0.05'] };
    const failure = await failed(drillWith({ thresholds }), on(standInK6({ inspect })));
    expect(failure?.code).toBe(2);
    expect(failure?.text).toContain('load.thresholds: got thresholds, and the script has its own: checks');
  });

  test('that k6 cannot read is a mistake, and nothing is left on the disk', async () => {
    const program = on(standInK6({ inspect: 'no JSON' }));
    vi.stubEnv('TMPDIR', dir);
    onTestFinished(() => void vi.unstubAllEnvs());
    const failure = await failed(drillWith({}), program);
    expect(failure?.code).toBe(2);
    expect(failure?.text).toContain('got no options, want a script that k6 can read');
    expect(readdirSync(dir)).toEqual([]);
  });
});

test('k6 is told what the drill says of its load, and nothing of our secrets', async () => {
  const run = `fs.writeFileSync(after('--summary-export'), JSON.stringify({ metrics: { iterations: { count: 1 } } })); fs.writeFileSync(process.env.TOLD, JSON.stringify({ argv, env: process.env, options: JSON.parse(fs.readFileSync(after('--config'), 'utf8')) }));`;
  const inspect = JSON.stringify({ thresholds: { http_req_failed: ['rate<0.05'] } });
  const version = 'k6 v2.2.0\nExtensions:\n  x, k6/x/blackstart-resolver [js]';
  const { file } = standInK6({ run, inspect, version });
  const toldFile = join(dir, 'told.json');
  const load = {
    ...{ path: '/cart', env: { TOLD: toldFile, API_VERSION: '2' }, thresholds: { http_req_failed: ['rate<0.05'] } },
    ...{ resolver: '127.0.0.53:5353', ca: 'ca.pem', sourceAddress: '127.1.0.10' },
  };
  const program = await looked(drillWith(load), { K6_BIN: file, AWS_SECRET_ACCESS_KEY: 'secret', PATH: '/usr/bin' });
  const running = program?.start();
  await until(20_000, 'its end', async () => running?.over() ?? undefined, 5);
  const { argv, env, options } = JSON.parse(readFileSync(toldFile, 'utf8'));
  expect(options).toEqual({ thresholds: { http_req_failed: ['rate<0.05'] } });
  expect(argv.join(' ')).toContain('--out json=-');
  expect(argv.join(' ')).toContain('--dns ttl=0 --local-ips 127.1.0.10');
  expect(argv.at(-1)).toMatch(/scenarios\/load\/steady\.ts$/);
  expect(env).toMatchObject({
    ...{ TARGET: 'https://api.shop.example', TARGET_PATH: '/cart', USERS: '100', RATE: '50', API_VERSION: '2' },
    ...{ BLACKSTART_RESOLVER: '127.0.0.53:5353', SSL_CERT_FILE: join(dir, 'ca.pem') },
    ...{ K6_AUTO_EXTENSION_RESOLUTION: 'false', K6_NO_USAGE_REPORT: 'true' },
    // Failover, hold and failback within their limits, and some.
    FOR: '420s',
  });
  expect(env['AWS_SECRET_ACCESS_KEY']).toBeUndefined();
  expect(told[0]).toBe('load: k6 v2.2.0 runs steady.ts, at most 100 users at https://api.shop.example/cart');
});
