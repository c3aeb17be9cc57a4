/** Real Prometheus servers scrape what we expose in each format, and federate from us; and we read them. */
import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, test } from 'vitest';
import { metric, workshop } from '../../cli/workshop.ts';
import { until } from '../../lab/waiting.ts';
import { present } from '../programs.ts';
import { prometheus, prometheus2, prometheus3, queried, type Server } from './servers.ts';
import { type Fleet, fleet, type Watched } from './world.ts';

const withinMs = 60_000;
const natives = ['--enable-feature=native-histograms'];
const shop = workshop();
const count = 'blackstart_probe_duration_seconds_count{check="home"}';
let world: Fleet;
let aggregator: Watched;

beforeAll(async () => {
  world = await fleet(shop, 'scraped', {});
  aggregator = await world.aggregator();
  world.agent(aggregator);
  await until(withinMs, 'results', async () =>
    (await metric(aggregator.url, /^blackstart_probe_duration_seconds_count/)) > 0 ? true : undefined,
  );
});

function has(server: Server, query: string) {
  return until(withinMs, query, async () => {
    const series = await queried(server, query);
    return series.length > 0 ? series : undefined;
  });
}

type Scraper = {
  readonly name: string;
  readonly program: string | undefined;
  readonly flags: readonly string[];
  readonly job?: object;
};
const scrapers: readonly Scraper[] = [
  { name: 'Prometheus 2, as OpenMetrics', program: prometheus2, flags: [] },
  { name: 'Prometheus 2, as protobuf', program: prometheus2, flags: natives },
  { name: 'Prometheus 3, as OpenMetrics', program: prometheus3, flags: [] },
  { name: 'Prometheus 3, as protobuf', program: prometheus3, flags: [], job: { scrape_native_histograms: true } },
];

describe.each(scrapers)('$name', ({ program, flags, job: wish }) => {
  async function scraping(path: string, more: object = {}): Promise<Server> {
    const { host } = new URL(aggregator.url);
    const job = { job_name: 'blackstart', metrics_path: path, static_configs: [{ targets: [host] }], ...wish, ...more };
    const server = await prometheus(program ?? '', { flags, scrape: job });
    await server.start();
    return server;
  }

  test.skipIf(program === undefined)('takes all of /metrics', async () => {
    const server = await scraping('/metrics');
    await has(server, 'up{job="blackstart"} == 1');
    const isNative = flags.length > 0 || wish !== undefined;
    const query = isNative ? 'histogram_count(blackstart_probe_duration_seconds{check="home"})' : count;
    const [found] = await has(server, query);
    expect(Number(found?.value?.[1])).toBeGreaterThan(0);
    const [scraped] = await has(server, 'scrape_samples_post_metric_relabeling');
    expect(Number(scraped?.value?.[1])).toBeGreaterThan(50);
    const targets = (await (await fetch(`${server.url}/api/v1/targets`)).json()) as {
      readonly data: { readonly activeTargets: readonly { readonly lastError: string }[] };
    };
    expect(targets.data.activeTargets.map(({ lastError }) => lastError)).toEqual(['']);
    const { data } = (await (
      await fetch(`${server.url}/api/v1/metadata?metric=blackstart_probe_duration_seconds`)
    ).json()) as {
      readonly data: Readonly<Record<string, readonly { readonly type: string; readonly help: string }[]>>;
    };
    expect(data['blackstart_probe_duration_seconds']).toMatchObject([{ type: 'histogram' }]);
  });

  test.skipIf(program === undefined)('federates what it selects, with honor_labels', async () => {
    const params = { 'match[]': ['{__name__=~"blackstart_probe_.+"}', "{__name__='blackstart_build_info'}"] };
    const server = await scraping('/federate', { honor_labels: true, params });
    const [found] = await has(server, 'blackstart_probe_results_total{check="home",outcome="good"}');
    expect(found?.metric).toMatchObject({ vantage: 'here', job: 'blackstart' });
    expect(found?.metric).not.toHaveProperty('instance');
    await has(server, 'up{job="blackstart"} == 1');
    expect(await queried(server, '{__name__=~"blackstart_link.+"}')).toEqual([]);
  });
});

const hasPromtool = present('promtool', ['--version']);
test.skipIf(!hasPromtool)('promtool finds nothing wrong with /metrics', async () => {
  const text = await (await fetch(`${aggregator.url}/metrics`)).text();
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  expect({ status, said: `${stdout}${stderr}` }).toEqual({ status: 0, said: '' });
});

describe.skipIf(prometheus2 === undefined)('an aggregator that reads a Prometheus', () => {
  test('passes on what it selects, and says how fresh that is; one that dies delays nobody', async () => {
    const { host } = new URL(aggregator.url);
    const job = { job_name: 'region', static_configs: [{ targets: [host] }] };
    const region = await prometheus(prometheus2 ?? '', { scrape: job });
    await region.start();
    await has(region, count);
    const federate = [
      {
        name: 'region',
        url: `${region.url}/federate`,
        region: 'here',
        honorLabels: true,
        match: ['{job="region",__name__=~"blackstart_probe.+|up"}'],
        every: '1s',
      },
      { name: 'dead', url: 'http://127.0.0.1:9/federate', match: ['up'], every: '1s', timeout: '1s' },
    ];
    const central = await (await fleet(shop, 'central', { federate })).aggregator();
    await until(withinMs, 'the region’s series', async () =>
      (await metric(central.url, /^blackstart_probe_duration_seconds_count\{.*job="region"/)) > 0 ? true : undefined,
    );
    expect(await metric(central.url, /^blackstart_federate_up\{.*source="region"/)).toBe(1);
    expect(await metric(central.url, /^blackstart_federate_up\{.*source="dead"/)).toBe(0);
    expect(await metric(central.url, /^up\{.*job="region"/)).toBe(1);
    await region.stop('SIGKILL');
    await until(withinMs, 'that it is gone to be said', async () =>
      (await metric(central.url, /^blackstart_federate_up\{.*source="region"/)) === 0 ? true : undefined,
    );
    expect((await fetch(`${central.url}/-/healthy`)).status).toBe(200);
  });
});
