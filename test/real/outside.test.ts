/** A kept lab, looked at by programs that know nothing of it but `world.json`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DrillReport } from '../../contract/drill.ts';
import type { WorldFile } from '../../lab/world-file.ts';
import type { Running } from '../fakes/program.ts';
import { operatorEnvironment } from '../lab/kept-lab.ts';
import { leftIn, newPlace, processesOf, removePlace, startAt } from '../lab/place.ts';
import { bounded, clock, pause, until } from '../lab/waiting.ts';
import { aws } from './aws.ts';
import { curl, dig, kubectl, present } from './programs.ts';

const hasKubectl = present('kubectl', ['version', '--client']);
const hasDig = present('dig', ['-v']);
const hasCurl = present('curl', ['--version']);

const home = 'us-east-1';
const standby = 'eu-west-1';
const place = newPlace();
let lab: Running;
let world: WorldFile;
let route53: ReturnType<typeof aws>;

beforeAll(async () => {
  lab = startAt(place, ['lab', '--keep', '--drill', 'lose-us-east-1', '--seed', '11', '--out', place.outDir]);
  await bounded(110_000, 'the lab to have made its drill', lab.said(/the world goes on until Ctrl-C/));
  world = JSON.parse(readFileSync(join(place.outDir, 'world.json'), 'utf8')) as WorldFile;
  route53 = aws(world);
});

afterAll(async () => {
  route53?.close();
  lab.kill('SIGINT');
  await bounded(30_000, 'the lab to end', lab.ended);
  expect(processesOf(place)).toEqual([]);
  expect(leftIn(place).filter((name) => !['kubectl', 'token', 'evidence'].includes(name))).toEqual([]);
  removePlace(place);
});

function addressOf(region: string): string {
  return world.regions[region]?.address ?? '';
}

async function healthCheckOf(region: string): Promise<string> {
  const { HealthChecks = [] } = await route53.healthChecks();
  return HealthChecks.find(({ HealthCheckConfig: config }) => config?.IPAddress === addressOf(region))?.Id ?? '';
}

describe.skipIf(!hasDig)('dig', () => {
  const routing = { 'new-york': 'us-east-1', london: 'eu-west-1', singapore: 'ap-southeast-1' };

  test('is led by each name server as the routing rows say, for users of each place', async () => {
    for (const server of world.nameservers) {
      for (const [where, region] of Object.entries(routing)) {
        const subnet = world.geography[where]?.subnet;
        expect(await dig(server, world.names.entry, subnet), `${server} ${where}`).toEqual([addressOf(region)]);
      }
    }
  });

  test('is led by each vantage’s resolver to the region next to it', async () => {
    for (const [region, resolver] of Object.entries(world.resolvers)) {
      expect(await dig(resolver, world.names.entry), region).toEqual([addressOf(region)]);
      expect(await dig(resolver, world.names.standby), region).toEqual([addressOf(home)]);
    }
  });
});

describe.skipIf(!hasCurl)('curl', () => {
  test('finds each region healthy, over TLS that it trusts by the lab’s authority alone', async () => {
    for (const region of Object.keys(world.regions)) {
      const { status, headers } = await curl(world, region, '/health');
      expect([region, status]).toEqual([region, 200]);
      expect(headers).toContain(`x-region: ${region}`);
    }
  });

  test('is refused with 451 for a user of Germany in the United States, and served in Europe', async () => {
    const record = ['-X', 'POST', '-H', 'x-user-country: DE', '-H', 'content-type: application/json', '-d', '{}'];
    expect((await curl(world, home, '/v1/records', record)).status).toBe(451);
    const served = await curl(world, standby, '/v1/records', record);
    expect(served.status).toBe(201);
    expect(served.headers).toContain(`x-stored-in: ${standby}`);
  });
});

test('the AWS SDK reads the zone, its records, its health checks and 16 observations of each', async () => {
  const zone = await route53.zone();
  expect(zone.HostedZone?.Name).toBe('agent.test.');
  expect(zone.DelegationSet?.NameServers).toHaveLength(4);
  const { ResourceRecordSets = [], IsTruncated } = await route53.records();
  expect(IsTruncated).toBe(false);
  const names = new Set(ResourceRecordSets.map(({ Name }) => Name));
  for (const name of Object.values(world.names)) expect(names).toContain(`${name}.`);
  expect(ResourceRecordSets.filter(({ GeoLocation }) => GeoLocation !== undefined).length).toBeGreaterThan(2);
  for (const region of Object.keys(world.regions)) {
    const { healthy, all } = await until(20_000, `${region} to be healthy`, async () => {
      const seen = await route53.look(await healthCheckOf(region));
      return seen.healthy === seen.all ? seen : undefined;
    });
    expect([region, healthy, all]).toEqual([region, 16, 16]);
  }
});

type Observed = DrillReport & { readonly exit: number };

describe.skipIf(!hasKubectl)('kubectl takes a region away and puts it back while drill observe holds the watch', () => {
  let report: Observed;
  let code: number | null;
  const asked = { dark: { fromMs: 0, toMs: 0 }, back: { fromMs: 0, toMs: 0 } };
  let followed: ReturnType<ReturnType<typeof aws>['follow']>;
  const whileDark: { answers: (readonly string[])[]; health: number | null } = { answers: [], health: null };

  beforeAll(async () => {
    const cacheDir = join(place.dir, 'kubectl');
    mkdirSync(cacheDir);
    const region = kubectl(world, home, cacheDir);
    const replicas = await region('get', 'deployment/agent-api', '-o', 'jsonpath={.spec.replicas}');
    followed = route53.follow(await healthCheckOf(home));
    const observing = observe();
    await bounded(20_000, 'the watch to start', observing.said(/baseline/));
    await pause(2_000);
    asked.dark = await timed(() => region('scale', 'deployment/agent-api', '--replicas=0'));
    await bounded(20_000, 'the region to be dark', observing.said(/failing-over/));
    await until(20_000, 'everybody to be led elsewhere', async () => {
      if (!hasDig) return followed.looks.at(-1)?.healthy === 0 ? true : undefined;
      const servers = [...world.nameservers, ...Object.values(world.resolvers)];
      whileDark.answers = await Promise.all(servers.map((server) => dig(server, world.names.standby)));
      return whileDark.answers.every(([first]) => first === addressOf(standby)) ? true : undefined;
    });
    whileDark.health = hasCurl ? (await curl(world, home, '/health')).status : null;
    // Names move with the fourteenth of sixteen.
    await until(20_000, 'every checker to have turned', async () =>
      followed.looks.at(-1)?.healthy === 0 ? true : undefined,
    );
    await pause(3_000);
    asked.back = await timed(() => region('scale', 'deployment/agent-api', `--replicas=${replicas}`));
    const ended = await bounded(60_000, 'the watch to end', observing.ended);
    code = ended.code;
    report = JSON.parse(ended.stdout) as Observed;
    const ready = await region('get', 'deployment/agent-api', '-o', 'jsonpath={.status.readyReplicas}');
    expect(ready).toBe(replicas);
    await until(20_000, 'the checkers to be content', async () =>
      followed.looks.at(-1)?.healthy === 16 ? true : undefined,
    );
    followed.stop();
  });

  function observe(): Running {
    const token = join(place.dir, 'token');
    writeFileSync(token, world.aggregator.writeToken, { mode: 0o600 });
    const where = ['--scenario', world.scenario, '--aggregator', world.aggregator.url, '--token-file', token];
    const argv = ['drill', 'observe', 'lose-us-east-1', ...where, '--evidence', join(place.dir, 'evidence'), '--json'];
    return startAt(place, argv, operatorEnvironment(world));
  }

  async function timed(act: () => Promise<unknown>) {
    const fromMs = clock.nowMs();
    await act();
    return { fromMs, toMs: clock.nowMs() };
  }

  test('its watch starts and ends at the moments of the two scales', () => {
    // The pods take 300 ms to go and 400 ms to come, and three attempts 100 ms apart make a change.
    const slackMs = 1_500;
    expect(report.t0?.upperMs).toBeGreaterThan(asked.dark.fromMs);
    expect(report.t0?.lowerMs).toBeLessThan(asked.dark.toMs + slackMs);
    expect(report.restoreCalled?.upperMs).toBeGreaterThan(asked.back.fromMs);
    expect(report.restoreCalled?.lowerMs).toBeLessThan(asked.back.toMs + slackMs);
  });

  test('the lab’s own truth lies within the bounds of its start', () => {
    const lines = readFileSync(world.truth, 'utf8').trim().split('\n');
    const truth = lines.map((line) => JSON.parse(line) as { what: string; region: string; atMs: number; to: unknown });
    const gone = truth.find((one) => {
      return one.what === 'ready' && one.region === home && one.to === 0 && one.atMs > asked.dark.fromMs;
    });
    expect(gone?.atMs).toBeGreaterThanOrEqual(report.t0?.lowerMs ?? Number.NaN);
    expect(gone?.atMs).toBeLessThanOrEqual(report.t0?.upperMs ?? Number.NaN);
  });

  test('it ends with the code of its verdict, and the failover held', () => {
    expect(report.verdict).toMatchObject({ status: 'pass' });
    expect([code, report.exit]).toEqual([0, 0]);
    expect(report.left).toEqual([]);
  });

  test.skipIf(!hasDig)('dig was led to the standby by every name server and resolver, as the drill reported', () => {
    expect(whileDark.answers).toHaveLength(7);
    const entry = report.entries.find((one) => one.entry === 'standby');
    for (const passage of entry?.failover.passages ?? []) {
      if (passage.client === 'fresh') expect(passage.servedBy, passage.vantage).toEqual([standby]);
    }
  });

  test.skipIf(!hasCurl)('curl found the region’s health at 503 while it was dark', () => {
    expect(whileDark.health).toBe(503);
  });

  test('the AWS SDK saw the checkers turn when the drill says, and turn back', () => {
    const { looks } = followed;
    expect(new Set(looks.map(({ all }) => all))).toEqual(new Set([16]));
    const isHealthy = (healthy: number): boolean => healthy > 16 * 0.18;
    const turned = looks.findIndex(({ healthy }) => !isHealthy(healthy));
    const [before, after] = [looks[turned - 1], looks[turned]];
    const detect = report.stages[home]?.fresh?.['detect'];
    for (const known of [before, after, detect, report.t0]) expect(known).toBeTruthy();
    const earliestMs = (report.t0?.lowerMs ?? 0) + (detect?.lowerMs ?? 0);
    const latestMs = (report.t0?.upperMs ?? 0) + (detect?.upperMs ?? 0);
    // What we saw between two looks and what the drill says between its bounds have a moment in common.
    expect(before?.fromMs).toBeLessThan(latestMs);
    expect(after?.toMs).toBeGreaterThan(earliestMs);
    for (const { healthy, toMs } of looks) {
      if (toMs < asked.dark.fromMs) expect(healthy).toBe(16);
    }
    expect(Math.min(...looks.map(({ healthy }) => healthy))).toBe(0);
    expect(looks.at(-1)?.healthy).toBe(16);
  });
});
