/** A real Prometheus takes what an aggregator pushes by OTLP, under the names and with the numbers of its exposition. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listeningUrl, metric, workshop } from '../../cli/workshop.ts';
import { type Running, start } from '../../fakes/program.ts';
import { until } from '../../lab/waiting.ts';
import { prometheus, prometheus3, queried, type Server } from '../metrics/servers.ts';
import { fleet } from '../metrics/world.ts';

const withinMs = 60_000;
const shop = workshop();

async function numberOf(server: Server, query: string): Promise<number> {
  const [found] = await queried(server, query);
  return Number(found?.value?.[1] ?? Number.NaN);
}

test.skipIf(prometheus3 === undefined)(
  'Prometheus 3 takes the OTLP metrics of an aggregator, and answers as its exposition does',
  async () => {
    const pushed = await prometheus(prometheus3 ?? '', { flags: ['--web.enable-otlp-receiver'] });
    await pushed.start();
    const world = await fleet(shop, 'pushed', {});
    const { program, url } = await pushing(pushed.url);
    const scraped = await prometheus(prometheus3 ?? '', {
      scrape: {
        job_name: 'blackstart',
        scrape_native_histograms: true,
        static_configs: [{ targets: [new URL(url).host] }],
      },
    });
    await scraped.start();
    const agent = world.agent({ program, url });
    await until(withinMs, 'results', async () =>
      (await metric(url, /^blackstart_probe_duration_seconds_count/)) >= 10 ? true : undefined,
    );
    // What is only there while an agent is, both have to have seen before it goes.
    for (const server of [pushed, scraped])
      await until(withinMs, `the agent in ${server.url}`, async () =>
        (await queried(server, 'blackstart_agent_clock_offset_seconds')).length > 0 ? true : undefined,
      );
    agent.kill('SIGTERM');
    await agent.ended;
    const counted = await metric(url, /^blackstart_probe_duration_seconds_count/);
    const count = 'sum(histogram_count(blackstart_probe_duration_seconds))';
    for (const server of [pushed, scraped])
      await until(withinMs, `${count} of ${server.url}`, async () =>
        (await numberOf(server, count)) === counted ? true : undefined,
      );

    const same = [
      'sum by (outcome) (blackstart_probe_results_total)',
      'sum by (phase) (blackstart_probe_phase_seconds_count)',
      'sum by (phase) (blackstart_probe_phase_seconds_sum)',
      'sum(histogram_sum(blackstart_probe_duration_seconds))',
      'histogram_quantile(0.5, sum(blackstart_probe_duration_seconds))',
      'histogram_quantile(0.95, sum(blackstart_probe_duration_seconds))',
      'histogram_fraction(0, 0.01, sum(blackstart_probe_duration_seconds))',
      'sum(blackstart_results_committed_total)',
    ];
    for (const query of same) expect([query, await rows(pushed, query)]).toEqual([query, await rows(scraped, query)]);
    expect(await namesOf(pushed)).toEqual(await namesOf(scraped));
    const [target] = await queried(pushed, 'target_info');
    expect(target?.metric).toMatchObject({ job: 'blackstart-aggregator', blackstart_scenario: 'demo' });
    program.kill('SIGTERM');
    expect((await program.ended).code).toBe(0);
  },
);

async function rows(server: Server, query: string): Promise<readonly string[]> {
  const series = await queried(server, query);
  return series.map(({ metric: labels, value }) => `${JSON.stringify(labels)} ${value?.[1]}`).toSorted();
}

/** The aggregator's metrics, without what either way of bringing them adds: summaries come as buckets of one. */
async function namesOf({ url }: Server): Promise<readonly string[]> {
  const response = await fetch(`${url}/api/v1/label/__name__/values`);
  const { data } = (await response.json()) as { readonly data: readonly string[] };
  return data.filter((name) => name.startsWith('blackstart_') && !name.endsWith('_bucket')).toSorted();
}

/** An aggregator that pushes every half second. */
async function pushing(server: string): Promise<{ readonly program: Running; readonly url: string }> {
  const files = [`--token-file=${join(shop.dir, 'pushed-token')}`, `--scenario=${join(shop.dir, 'pushed.json')}`];
  const program = start(
    ['aggregator', '--listen=127.0.0.1:0', `--state=${join(shop.dir, 'pushed-aggregator')}`, ...files],
    {
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${server}/api/v1/otlp/v1/metrics`,
      OTEL_METRIC_EXPORT_INTERVAL: '500',
    },
  );
  return { program, url: await listeningUrl(program) };
}
