/** Every query of the generated dashboards is run by a real Prometheus that watched a whole lab, and gives an answer. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Asked, alternativesOf, type DashboardModel, filledIn, queriesOf } from '../../artefacts/panels.ts';
import { run } from '../../fakes/program.ts';
import { until } from '../../lab/waiting.ts';
import { atEnd } from '../at-end.ts';
import { centralAggregator, eventfulLab, rudeAgent } from './eventful-lab.ts';
import { prometheus, prometheus2, prometheus3, queried, type Server } from './servers.ts';

const withinMs = 60_000;
const scrapeSeconds = 1;
const exemplarStorage = '--enable-feature=exemplar-storage';

type Watcher = {
  readonly name: string;
  readonly program: string | undefined;
  readonly flags: readonly string[];
  readonly histograms: 'classic' | 'native';
};
const older = prometheus2 ?? prometheus3;
const newer = prometheus3 ?? prometheus2;
const watchers: readonly Watcher[] = [
  { name: 'text, classic buckets', program: older, flags: [exemplarStorage], histograms: 'classic' },
  {
    name: 'protobuf, native histograms',
    program: newer,
    flags: [`${exemplarStorage}${newer === prometheus2 ? ',native-histograms' : ''}`],
    histograms: 'native',
  },
];

type Series = {
  readonly metric: Readonly<Record<string, string>>;
  readonly values?: readonly (readonly [number, string])[];
  readonly histograms?: readonly unknown[];
};

const servers = new Map<string, Server>();
const dashboards: DashboardModel[] = [];
let range = { from: 0, to: 0 };
let drill = '';

describe.skipIf(older === undefined)('a real Prometheus that watched a lab', () => {
  beforeAll(async () => {
    const lab = await eventfulLab();
    range = { ...range, from: Math.floor(Date.now() / 1_000) };
    const receiver = await prometheus(older ?? '');
    await receiver.start();
    const central = await centralAggregator(lab.world.aggregator.url, `${receiver.url}/api/v1/write`);
    const targets = [lab.world.aggregator.url, central.url].map((url) => new URL(url).host);
    for (const { name, program, flags, histograms } of watchers) {
      const job = { job_name: 'blackstart', static_configs: [{ targets }] };
      const native = program === prometheus3 && histograms === 'native' ? { scrape_native_histograms: true } : {};
      const server = await prometheus(program ?? '', { flags, scrape: { ...job, ...native } });
      await server.start();
      servers.set(name, server);
    }
    dashboards.push(...(await generated(lab.world.scenario)));
    await lab.drilled();
    await rudeAgent(lab.world, () => seenByAll('blackstart_agent_clock_restarts_total{vantage="rude"}'));
    await seenByAll('blackstart_agent_connected{agent="rude"} == 0');
    await seenByAll('blackstart_remote_write_dropped_samples_total');
    range = { ...range, to: Math.ceil(Date.now() / 1_000) };
    drill = (await optionsOf('drill'))[0] ?? '';
  }, 800_000);

  test('has a drill to show, the newest first', () => {
    expect(drill).toMatch(/lose-us-east-1/);
  });

  test('offers values for every variable', async () => {
    for (const { templating } of dashboards)
      for (const { name, type } of templating.list) {
        if (type !== 'query') continue;
        expect((await optionsOf(name)).length, name).toBeGreaterThan(0);
      }
  });

  describe.each(watchers)('$name', ({ name, histograms }) => {
    test('answers every query of every panel', async () => {
      const silent: string[] = [];
      for (const asked of dashboards.flatMap(queriesOf)) {
        for (const expr of alternativesOf(asked.expr)) {
          if (isForOthers(expr, histograms)) continue;
          const found = await overTime(name, expr, asked.everySeconds);
          if (!found.some(hasNumber)) silent.push(`${asked.where}: ${expr}`);
          silent.push(...withoutLegend(asked, found));
        }
      }
      expect(silent).toEqual([]);
    });

    test('knows the moments of the drill, at times when it watched', async () => {
      for (const { annotations } of dashboards)
        for (const { name: moment, expr } of annotations.list) {
          const [found] = await overTime(name, expr);
          const atMs = Number(found?.values?.at(-1)?.[1]);
          expect(atMs, moment).toBeGreaterThan(range.from * 1_000 - 60_000);
          expect(atMs, moment).toBeLessThan(range.to * 1_000);
        }
    });

    test('has exemplars where panels show them', async () => {
      const wanted = dashboards.flatMap(queriesOf).filter(({ exemplars }) => exemplars);
      expect(wanted.length).toBeGreaterThan(0);
      for (const { where, expr } of wanted) {
        const own = alternativesOf(expr).filter((one) => !isForOthers(one, histograms));
        const found = (await Promise.all(own.map((one) => exemplarsOf(name, one)))).flat();
        if (own.length > 0) expect(found.length, where).toBeGreaterThan(0);
      }
    });
  });
});

/** As a user writes them, from the lab's own scenario. */
async function generated(scenario: string): Promise<readonly DashboardModel[]> {
  const out = mkdtempSync(join(tmpdir(), 'blackstart-dashboards-'));
  atEnd(() => rmSync(out, { recursive: true, force: true }));
  const { code, stderr } = await run(['generate', 'dashboards', '--scenario', scenario, '--out', out]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const dir = join(out, 'dashboards');
  return readdirSync(dir).map((file) => JSON.parse(readFileSync(join(dir, file), 'utf8')) as DashboardModel);
}

/** Where a query has a part for native histograms and one for classic ones, each server has what is for it. */
function isForOthers(expr: string, histograms: Watcher['histograms']): boolean {
  const classic = expr.includes('blackstart_probe_duration_seconds_bucket');
  const native = /blackstart_probe_duration_seconds[{[]/.test(expr);
  return histograms === 'native' ? classic : native;
}

async function seenByAll(expr: string): Promise<void> {
  for (const server of servers.values())
    await until(withinMs, `${expr} to be scraped four times`, async () =>
      (await queried(server, `count_over_time((${expr})[1m:1s]) >= 4`)).length > 0 ? true : undefined,
    );
}

/** By the query of the variable, as Grafana puts it. */
async function optionsOf(name: string): Promise<readonly string[]> {
  const variable = dashboards.flatMap(({ templating }) => templating.list).find((one) => one.name === name);
  const [, series = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(variable?.definition ?? '') ?? [];
  const [server] = servers.values();
  const url = server?.url ?? '';
  if (series !== '') {
    const match = encodeURIComponent(series);
    const answer = await fetch(
      `${url}/api/v1/label/${label}/values?match[]=${match}&start=${range.from}&end=${range.to}`,
    );
    return ((await answer.json()) as { readonly data: readonly string[] }).data;
  }
  const [, query = ''] = /^query_result\((.+)\)$/.exec(variable?.definition ?? '') ?? [];
  const [, pattern = ''] = /^\/(.+)\/$/.exec(variable?.regex ?? '') ?? [];
  const found = await queried({ url }, query);
  return found.map(({ metric, value }) => {
    const labels = Object.entries(metric).map(([key, text]) => `${key}="${text}"`);
    return new RegExp(pattern).exec(`{${labels.join(',')}} ${value?.[1]}`)?.[1] ?? '';
  });
}

function filled(expr: string, stepSeconds: number): string {
  const all = Object.fromEntries(['region', 'vantage', 'check', 'client'].map((name) => [name, '.*']));
  return filledIn(expr, { ...all, drill }, { rangeSeconds: range.to - range.from, scrapeSeconds, stepSeconds });
}

/** All that it gives while the lab was watched: what is shown now is empty at times, as it should. */
async function overTime(name: string, expr: string, everySeconds = 0): Promise<readonly Series[]> {
  const stepSeconds = Math.max(everySeconds, scrapeSeconds);
  const { data, error } = await asked<{ readonly result: readonly Series[] }>(name, 'query_range', expr, stepSeconds);
  if (data === undefined) throw new Error(`${error}: ${expr}`);
  return data.result;
}

async function exemplarsOf(name: string, expr: string): Promise<readonly unknown[]> {
  return (await asked<readonly unknown[]>(name, 'query_exemplars', expr)).data ?? [];
}

async function asked<T>(name: string, what: string, expr: string, stepSeconds = scrapeSeconds) {
  const { from, to } = range;
  const body = new URLSearchParams({
    query: filled(expr, stepSeconds),
    start: `${from}`,
    end: `${to}`,
    step: `${stepSeconds}`,
  });
  const answer = await fetch(`${servers.get(name)?.url}/api/v1/${what}`, { method: 'POST', body });
  return (await answer.json()) as { readonly data?: T; readonly error?: string };
}

function hasNumber({ values = [], histograms = [] }: Series): boolean {
  return histograms.length > 0 || values.some(([, value]) => Number.isFinite(Number(value)));
}

/** Labels that the legend names and no series has. */
function withoutLegend({ where, legend }: Asked, found: readonly Series[]): readonly string[] {
  const absent = legend.filter((label) => found.length > 0 && found.every(({ metric }) => metric[label] === undefined));
  return absent.map((label) => `${where}: no series has the label ${label} of its legend`);
}
