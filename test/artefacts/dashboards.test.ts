import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { colours } from '../../aggregator/artefacts/dashboards/colours.ts';
import { dashboardArtefacts } from '../../aggregator/artefacts/dashboards.ts';
import type { DashboardOptions } from '../../aggregator/artefacts/options.ts';
import { aliasMetrics, catalogue, type MetricEntry } from '../../contract/catalogue.ts';
import { type DashboardModel, panelsOf, queriesOf } from './panels.ts';
import { askingOf } from './promql.ts';

const options: DashboardOptions = {
  service: 'agent-api',
  prefix: 'agent',
  regions: ['us-east-1', 'eu-west-1', 'ap-southeast-1'],
  dnsChecks: ['geo', 'draws'],
  hasResidency: true,
  objectives: [
    { kind: 'availability', target: 0.999 } as const,
    { kind: 'latency', quantile: 0.95, targetMs: 100 } as const,
  ].map((indicator) => ({
    ...{ id: indicator.kind, check: 'home', region: null, from: 'all' as const, windowMs: 60_000 },
    indicator,
  })),
  requests: 'agent_region_requests_total',
  aggregatorUrl: 'https://blackstart.example:9400/',
  prometheusUrl: 'http://prometheus:9090',
};

function modelsOf(wish: DashboardOptions = options): readonly DashboardModel[] {
  return dashboardArtefacts(wish)
    .filter(({ path }) => path.endsWith('.json'))
    .map(({ text }) => JSON.parse(text) as DashboardModel);
}

const models = modelsOf();
const [fleet, drill] = models as readonly [DashboardModel, DashboardModel];

const requests: MetricEntry = { ...catalogue.probeResults, name: 'agent_region_requests_total', labels: ['region'] };
const entries: readonly MetricEntry[] = [
  ...Object.values(catalogue),
  ...Object.values(aliasMetrics(options.prefix)),
  requests,
];
const parts = { histogram: ['', '_bucket', '_sum', '_count'], summary: ['_sum', '_count'], counter: [''], gauge: [''] };

function familyOf(metric: string): { readonly entry: MetricEntry; readonly labels: readonly string[] } | undefined {
  for (const entry of entries)
    for (const part of parts[entry.type])
      if (`${entry.name}${part}` === metric)
        return { entry, labels: part === '_bucket' ? [...entry.labels, 'le'] : entry.labels };
  return undefined;
}

/** With annotations and variables. */
function everyQueryOf(model: DashboardModel): readonly { readonly where: string; readonly expr: string }[] {
  const variables = model.templating.list.flatMap(({ name, definition }) => {
    const expr = /^(?:label_values\((.+), \w+\)|query_result\((.+)\))$/.exec(definition ?? '');
    return expr === null ? [] : [{ where: `$${name}`, expr: expr[1] ?? expr[2] ?? '' }];
  });
  const annotations = model.annotations.list.map(({ name, expr }) => ({ where: name, expr }));
  return [...queriesOf(model), ...annotations, ...variables];
}

describe('queries', () => {
  test('ask for nothing that the catalogue does not have, and by no label that a metric does not have', () => {
    const wrong = models.flatMap(everyQueryOf).flatMap(({ where, expr }) => {
      const { selectors, groupings } = askingOf(expr);
      const known = selectors.map(({ metric }) => familyOf(metric)?.labels ?? []);
      return [
        ...selectors.flatMap(({ metric, labels }) => {
          const family = familyOf(metric);
          if (family === undefined) return [`${where}: no metric ${metric}`];
          return labels
            .filter((label) => !family.labels.includes(label))
            .map((label) => `${where}: ${metric}: ${label}`);
        }),
        ...groupings
          .filter((label) => !known.some((labels) => labels.includes(label)))
          .map((label) => `${where}: by ${label}`),
        ...(selectors.length === 0 ? [`${where}: asks for nothing`] : []),
      ];
    });
    expect(wrong).toEqual([]);
  });

  test('group by every label that their legend shows', () => {
    const wrong = models.flatMap(queriesOf).flatMap(({ where, expr, legend }) => {
      const { groupings } = askingOf(expr);
      return legend.filter((label) => !groupings.includes(label)).map((label) => `${where}: ${label}`);
    });
    expect(wrong).toEqual([]);
  });

  test('use only variables that the dashboard has, or Grafana', () => {
    for (const model of models) {
      const known = [...model.templating.list.map(({ name }) => name), '__range', '__rate_interval', '__interval'];
      const used = everyQueryOf(model).flatMap(({ expr }) => [...expr.matchAll(/\$(\w+)/g)].map(([, name]) => name));
      expect(used.filter((name) => !known.includes(name ?? ''))).toEqual([]);
    }
  });
});

/** Not on a dashboard, and why. */
const leftOut: readonly (readonly [names: RegExp, because: string])[] = [
  [/^blackstart_stream_lost_total$/, 'a reader of the stream is told so itself, over the stream'],
  [/^blackstart_(counted_|agent_seen_)/, 'for the engine that several aggregators write to, not for people'],
  [
    /^blackstart_slo_window_results$/,
    'for the rules that generate rules makes, whose records dashboards for Sloth show',
  ],
  [/^blackstart_alert/, 'Alertmanager shows alerts, and says itself what it took'],
  [/^blackstart_otlp_/, 'the receiver says itself what it took'],
  [/^blackstart_http_refused_total$/, 'whoever is refused is told so'],
];

test('every metric of the catalogue is on a dashboard, or is left out for a reason', () => {
  const asked = new Set(
    models
      .flatMap(everyQueryOf)
      .flatMap(({ expr }) => askingOf(expr).selectors.map(({ metric }) => familyOf(metric)?.entry.name)),
  );
  const absent = Object.values<MetricEntry>(catalogue)
    .map(({ name }) => name)
    .filter((name) => !asked.has(name) && !leftOut.some(([names]) => names.test(name)));
  expect(absent).toEqual([]);
  for (const { name } of Object.values(aliasMetrics(options.prefix))) expect(asked).toContain(name);
});

describe('a dashboard', () => {
  test('hides no link in a menu', () => {
    expect(JSON.stringify(models).includes('inControlsMenu')).toBe(false);
  });

  test('is the same bytes every time', () => {
    expect(dashboardArtefacts(options)).toEqual(dashboardArtefacts(options));
  });

  test.each(models.map((model) => [model.uid, model] as const))(
    '%s: panels say what they show, with a unit',
    (_, model) => {
      for (const { title, description, fieldConfig } of panelsOf(model)) {
        expect(description?.length, title).toBeGreaterThan(20);
        expect(fieldConfig?.defaults.unit, title).toEqual(expect.any(String));
      }
      expect(new Set(model.panels.map(({ id }) => id)).size).toBe(model.panels.length);
      const titles = panelsOf(model).map(({ title }) => title);
      expect(titles).toEqual([...new Set(titles)]);
    },
  );

  test.each(models.map((model) => [model.uid, model] as const))(
    '%s: panels lie on the grid, and none over another',
    (_, model) => {
      const cells = model.panels.flatMap(({ title, gridPos: { x, y, w, h } }) => {
        expect(x + w, title).toBeLessThanOrEqual(24);
        return Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`);
      });
      expect(new Set(cells).size).toBe(cells.length);
    },
  );

  test('has only colours that everybody can tell apart', () => {
    const text = JSON.stringify(models);
    const used = new Set(text.match(/#[0-9a-fA-F]{6}\b/g));
    expect([...used].filter((colour) => !Object.values<string>(colours).includes(colour))).toEqual([]);
    expect(text).not.toMatch(/"(fixedColor|color|iconColor)":"(red|green|orange|yellow|blue|purple)/);
  });

  test('begins with what is broken, since when, and who is blamed', () => {
    const [row, ...rest] = fleet.panels;
    expect(row?.title).toBe('What is broken, since when, and who is blamed');
    expect(rest.slice(0, 6).map(({ type }) => type)).toEqual(Array(6).fill('stat'));
    expect(rest.slice(6, 10).map(({ title }) => title)).toEqual([
      'Regions',
      'Time since it was last well',
      'Bad results by who is blamed',
      'Blamed most',
    ]);
  });

  test('leads to the other one, to the aggregator and to the report of a drill', () => {
    expect(fleet.links.map(({ url }) => url)).toEqual([`/d/${drill.uid}`, 'https://blackstart.example:9400/']);
    const report = 'https://blackstart.example:9400/api/v1/drills/$drill/report.html';
    expect(drill.links.map(({ url }) => url)).toEqual([`/d/${fleet.uid}`, 'https://blackstart.example:9400/', report]);
    const [lonely] = modelsOf({ ...options, aggregatorUrl: null });
    expect(lonely?.links.map(({ url }) => url)).toEqual([`/d/${drill.uid}`]);
  });

  test('keeps its uid for a service, within what Grafana takes, and shares it with no other', () => {
    const uid = (service: string): string => modelsOf({ ...options, service })[0]?.uid ?? '';
    expect(uid('agent-api')).toBe('blackstart-fleet-agent-api');
    const long = 'a-service-with-a-very-long-name-indeed';
    const uids = ['Shop', 'shop', 'shop!', 'лавка', long, `${long}-2`].map(uid);
    expect(new Set(uids).size).toBe(uids.length);
    for (const one of uids) expect(one).toMatch(/^[a-zA-Z0-9_-]{1,40}$/);
  });

  test('leaves out what a scenario has nothing of', () => {
    const bare = { ...options, dnsChecks: [], hasResidency: false, objectives: [], requests: null };
    const text = JSON.stringify(modelsOf(bare));
    for (const name of ['blackstart_residency', 'blackstart_slo', 'agent_region_requests_total', 'geo|draws'])
      expect(text.includes(name), name).toBe(false);
  });
});

describe('names of checks', () => {
  test('with signs of regular expressions are meant as they are', () => {
    const [model] = modelsOf({ ...options, dnsChecks: ['a.b', 'c"d'] });
    expect(JSON.stringify(model)).toContain(JSON.stringify('check=~"a\\\\.b|c\\"d"').slice(1, -1));
  });
});

test('deploy/grafana is what the generator makes of the scenario in deploy/kubernetes', async () => {
  const { generatedFor } = await import('./deployed.ts');
  const root = join(import.meta.dirname, '../..');
  for (const { path, text } of await generatedFor(join(root, 'deploy/kubernetes/regions/us-east-1/scenario.yaml')))
    expect(readFileSync(join(root, 'deploy/grafana', path), 'utf8'), path).toBe(text);
});
