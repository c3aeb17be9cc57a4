/** Real receivers of remote write take all that an aggregator writes, and miss nothing when either side restarts. */
import { beforeAll, describe, expect, test } from 'vitest';
import { metric, workshop } from '../../cli/workshop.ts';
import type { Running } from '../../fakes/program.ts';
import { until } from '../../lab/waiting.ts';
import {
  hasVictoriaMetrics,
  prometheus,
  prometheus2,
  prometheus3,
  queried,
  type Server,
  victoriaMetrics,
} from './servers.ts';
import { type Fleet, fleet, type Watched } from './world.ts';

const withinMs = 60_000;
const natives = ['--enable-feature=native-histograms'];

type Receiver = {
  readonly name: string;
  readonly version: 1 | 2;
  readonly histograms: 'classic' | 'native';
  readonly path: string;
  /** How it may end without losing what it has acknowledged. */
  readonly ending: NodeJS.Signals;
  make(): Promise<Server>;
};

const all: readonly (Receiver | undefined)[] = [
  prometheus2 === undefined
    ? undefined
    : {
        name: 'prometheus-2',
        version: 1,
        histograms: 'classic',
        path: '/api/v1/write',
        ending: 'SIGKILL',
        make: () => prometheus(prometheus2 ?? ''),
      },
  prometheus2 === undefined
    ? undefined
    : {
        name: 'prometheus-2-native',
        version: 1,
        histograms: 'native',
        path: '/api/v1/write',
        ending: 'SIGTERM',
        make: () => prometheus(prometheus2 ?? '', { flags: natives }),
      },
  prometheus3 === undefined
    ? undefined
    : {
        name: 'prometheus-3',
        version: 2,
        histograms: 'native',
        path: '/api/v1/write',
        ending: 'SIGKILL',
        make: () => prometheus(prometheus3 ?? '', { flags: natives }),
      },
  // It keeps what it has taken in memory for a moment.
  hasVictoriaMetrics
    ? {
        name: 'victoria-metrics',
        version: 1,
        histograms: 'classic',
        path: '/api/v1/write',
        ending: 'SIGTERM',
        make: victoriaMetrics,
      }
    : undefined,
];
const receivers = all.filter((one) => one !== undefined);

const shop = workshop();
const servers = new Map<string, Server>();
let world: Fleet;
let aggregator: Watched;
let agent: Running;

beforeAll(async () => {
  for (const { name, make } of receivers) {
    const server = await make();
    await server.start();
    servers.set(name, server);
  }
  const remoteWrite = receivers.map(({ name, version, histograms, path }) => ({
    ...{ name, version, histograms, every: '1s' },
    url: `${servers.get(name)?.url}${path}`,
  }));
  world = await fleet(shop, 'writes', { remoteWrite });
  aggregator = await world.aggregator();
  agent = world.agent(aggregator);
});

/** In the last minutes, as it was written. */
async function samplesOf(name: string, series: string): Promise<readonly (readonly [number, string])[]> {
  const found = await queried(serverOf(name), `${series}[5m]`);
  expect(found.length, `${series} at ${name}`).toBeLessThanOrEqual(1);
  return found[0]?.values ?? [];
}

function serverOf(name: string): Server {
  const server = servers.get(name);
  if (server === undefined) throw new Error(`no server ${name}`);
  return server;
}

const results = 'blackstart_probe_results_total{check="home",vantage="here",outcome="good"}';

async function atLeast(
  name: string,
  series: string,
  wanted: number,
  after = 0,
): Promise<readonly (readonly [number, string])[]> {
  return until(withinMs, `${wanted} samples of ${series} at ${name}`, async () => {
    const values = await samplesOf(name, series);
    return values.filter(([at]) => at > after).length >= wanted ? values : undefined;
  });
}

/** Each at a step of its own, in order, and none of them less than the one before. */
function expectInOrder(values: readonly (readonly [number, string])[]): void {
  const times = values.map(([at]) => at);
  expect(times).toEqual([...new Set(times)].toSorted((one, other) => one - other));
  expect(times.every(Number.isInteger)).toBe(true);
  const counts = values.map(([, count]) => Number(count));
  expect(counts).toEqual(counts.toSorted((one, other) => one - other));
}

function expectNothingLost(): Promise<void> {
  return until(withinMs, 'all that waits to be taken', async () => {
    const pending = await metric(aggregator.url, /^blackstart_remote_write_pending_samples/);
    return pending === 0 ? true : undefined;
  }).then(async () => {
    expect(await metric(aggregator.url, /^blackstart_remote_write_(failed|dropped)_samples_total/)).toBe(0);
  });
}

describe.skipIf(receivers.length === 0).each(receivers)(
  '$name, by version $version',
  ({ name, histograms, ending }) => {
    test('takes what is written at each step, and refuses nothing', async () => {
      expectInOrder(await atLeast(name, results, 5));
      await expectNothingLost();
    });

    test(`has histograms that are ${histograms}`, async () => {
      const family = 'blackstart_probe_duration_seconds';
      const query =
        histograms === 'native' ? `histogram_count(${family}{check="home"})` : `${family}_count{check="home"}`;
      const [found] = await until(withinMs, query, async () => {
        const series = await queried(serverOf(name), query);
        return series.length > 0 ? series : undefined;
      });
      expect(Number(found?.value?.[1])).toBeGreaterThan(0);
      const rate = `rate(${family}${histograms === 'native' ? '' : '_bucket'}{check="home"}[1m])`;
      const [median] = await queried(serverOf(name), `histogram_quantile(0.5, sum by (le) (${rate}))`);
      expect(Number(median?.value?.[1])).toBeGreaterThan(0);
    });

    test('that is away for a while gets what was written meanwhile', async () => {
      const server = serverOf(name);
      await server.stop(ending);
      const from = Date.now() / 1_000;
      const waiting = new RegExp(`^blackstart_remote_write_pending_samples\\{.*"${name}"`);
      await until(withinMs, 'a step to wait for it', async () =>
        (await metric(aggregator.url, waiting)) > 0 ? true : undefined,
      );
      const to = Date.now() / 1_000;
      await server.start();
      const values = await atLeast(name, results, 3, to);
      expectInOrder(values);
      expect(values.filter(([at]) => at >= Math.floor(from) && at <= to)).not.toEqual([]);
      await expectNothingLost();
    });
  },
);

describe.skipIf(receivers.length === 0)('an aggregator', () => {
  test('that is killed goes on where it was, and no receiver refuses a sample', async () => {
    aggregator.program.kill('SIGKILL');
    await aggregator.program.ended;
    aggregator = await world.aggregator();
    agent.kill('SIGTERM');
    await agent.ended;
    agent = world.agent(aggregator);
    const from = Date.now() / 1_000;
    for (const { name } of receivers) {
      const values = await atLeast(name, results, 3, from);
      // Its agent's series may have ended meanwhile: an end is NaN.
      const counts = values.map(([, count]) => Number(count)).filter((count) => !Number.isNaN(count));
      // A counter begins anew with its process, once.
      const falls = counts.filter((count, index) => count < (counts[index - 1] ?? 0));
      expect(falls, name).toHaveLength(1);
    }
    await expectNothingLost();
  });

  test('whose agent is gone ends its series everywhere', async () => {
    agent.kill('SIGTERM');
    await agent.ended;
    for (const { name } of receivers) {
      await until(withinMs, `the series to end at ${name}`, async () =>
        (await queried(serverOf(name), results)).length === 0 ? true : undefined,
      );
      expect((await samplesOf(name, results)).length, name).toBeGreaterThan(0);
    }
    await expectNothingLost();
  });
});
