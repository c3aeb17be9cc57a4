import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { runbookPages } from '../../aggregator/artefacts/rules/alerting.ts';
import { isProven } from '../../aggregator/artefacts/rules/proof.ts';
import { rulesArtefacts } from '../../aggregator/artefacts/rules.ts';
import { burnAlpha, burnPairs, leastToFire } from '../../aggregator/slo/burn.ts';
import { aliasMetrics, catalogue, type MetricEntry } from '../../contract/catalogue.ts';
import { binomialTail } from '../../contract/statistics.ts';
import { root } from '../fakes/program.ts';
import { askingOf } from './promql.ts';
import { allRules, everyKindOptions, rulesFor } from './ruled.ts';

type Rule = {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};
type RuleFile = { readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[] };

const made = rulesArtefacts(everyKindOptions);
const [file] = made.files;
const { groups } = parse(file?.text ?? '') as RuleFile;
const rules = groups.flatMap((group) => group.rules);
const of = (slo: string): readonly Rule[] => rules.filter(({ labels }) => labels?.['sloth_slo'] === slo);

describe('queries', () => {
  const entries: readonly MetricEntry[] = [
    ...Object.values(catalogue),
    ...Object.values(aliasMetrics(everyKindOptions.prefix)),
  ];
  const sloth = ['sloth_id', 'sloth_service', 'sloth_slo', 'sloth_window'];
  const recorded = new Set(rules.flatMap(({ record }) => record ?? []));

  function labelsOf(metric: string): readonly string[] | undefined {
    // By remote write the aggregator says its name.
    const entry = entries.find(({ name }) => name === metric);
    return entry === undefined ? (recorded.has(metric) ? sloth : undefined) : [...entry.labels, 'aggregator'];
  }

  test('ask for nothing that the catalogue or another rule does not have, and by no label that it does not have', () => {
    const wrong = rules.flatMap(({ record, alert, expr }) => {
      const { selectors, groupings } = askingOf(expr);
      const known = new Set(selectors.flatMap(({ metric }) => labelsOf(metric) ?? []));
      return [
        ...selectors.flatMap(({ metric, labels }) => {
          const has = labelsOf(metric);
          if (has === undefined) return [`${record ?? alert}: no metric ${metric}`];
          return labels
            .filter((label) => !has.includes(label))
            .map((label) => `${record ?? alert}: ${metric}: ${label}`);
        }),
        ...groupings.filter((label) => !known.has(label)).map((label) => `${record ?? alert}: by ${label}`),
      ];
    });
    expect(wrong).toEqual([]);
  });

  test('of a job ask for that job alone', () => {
    const [ofJob] = rulesArtefacts({ ...everyKindOptions, job: 'shop' }).files;
    const asked = [...(ofJob?.text ?? '').matchAll(/\b(?:blackstart|shop)_\w+\{[^}]*\}/g)].map(([text]) => text);
    expect(asked.length).toBeGreaterThan(50);
    expect(asked.filter((text) => !/,job=\\?"shop\\?"\}$/.test(text))).toEqual([]);
  });
});

describe('records', () => {
  test("have Sloth's names, groups and labels", () => {
    const sli = ['5m', '30m', '1h', '2h', '6h', '1d', '3d', '30d'].map((window) => `slo:sli_error:ratio_rate${window}`);
    const meta = ['objective:ratio', 'error_budget:ratio', 'time_period:days', 'current_burn_rate:ratio'];
    const period = ['period_burn_rate:ratio', 'period_error_budget_remaining:ratio'];
    const names = of('up').flatMap(({ record }) => record ?? []);
    const foreign = names.filter((name) => !name.startsWith('blackstart:'));
    expect(foreign).toEqual([...sli, ...[...meta, ...period].map((name) => `slo:${name}`), 'sloth_slo_info']);
    expect(groups.slice(0, 3).map(({ name }) => name)).toEqual(
      ['slo-sli-recordings', 'slo-meta-recordings', 'slo-alerts'].map((name) => `sloth-${name}-corner.shop-up`),
    );
    expect(of('up').find(({ record }) => record === 'slo:sli_error:ratio_rate1h')?.labels).toEqual({
      ...{ sloth_id: 'corner.shop-up', sloth_service: 'corner.shop', sloth_slo: 'up', sloth_window: '1h' },
    });
  });

  test('no two are alike', () => {
    const keys = rules.flatMap(({ record, labels }) =>
      record === undefined ? [] : [JSON.stringify([record, labels])],
    );
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('alerts', () => {
  const alerts = rules.filter(({ alert }) => alert !== undefined);

  test('name check, region and what is left of the budget', () => {
    const north = of('up.north').filter(({ alert }) => alert !== undefined);
    expect(north.map(({ labels }) => [labels?.['sloth_severity'], labels?.['severity'], labels?.['region']])).toEqual([
      ['page', 'critical', 'north'],
      ['ticket', 'warning', 'north'],
    ]);
    expect(north[0]?.annotations?.['description']).toMatch(
      /^Check home, region north: .*; by what 4w has measured, .* % of it is left\.$/,
    );
    expect(of('up').find(({ alert }) => alert !== undefined)?.labels).not.toHaveProperty('region');
  });

  test('have runbooks that exist, in the sources or where the pages are read', () => {
    for (const page of Object.values(runbookPages))
      expect(existsSync(join(root, 'docs/runbooks', page)), page).toBe(true);
    for (const { annotations } of alerts) expect(existsSync(join(root, annotations?.['runbook'] ?? ''))).toBe(true);
    const [there] = rulesArtefacts({ ...everyKindOptions, runbooksUrl: 'https://wiki.example/b/' }).files;
    expect(there?.text).toContain('runbook_url: https://wiki.example/b/budget-burn.md');
  });

  test('lead to the pages of the aggregator that its own alerts lead to, where people can reach it', () => {
    const told = rulesArtefacts({ ...everyKindOptions, aggregatorUrl: 'https://b.example/' });
    const links = (text = ''): readonly string[] =>
      [...text.matchAll(/aggregator_url: (\S+)/g)].map(([, url = '']) => url);
    const [rules, tests] = told.files.map(({ text }) => links(text));
    expect(new Set(rules)).toContain('https://b.example/api/v1/verdicts/up');
    expect(rules).toContain('https://b.example/');
    expect(new Set(tests)).toContain('https://b.example/api/v1/verdicts/up');
    expect(rulesArtefacts(everyKindOptions).files.flatMap(({ text }) => links(text))).toEqual([]);
  });

  test('what has none is said, with the reason', () => {
    expect(made.without).toEqual([
      { id: 'loose', because: 'no alert at 14.4 times over 1h, more than everything would have to fail' },
      { id: 'day', because: 'no alerts, a window of 1d is too short for burn rates' },
      { id: 'moment', because: 'no alerts, a window of 10s is too short for burn rates' },
      { id: 'p95', because: 'no rules, a quantile has no error budget' },
      { id: 'failover', because: 'no rules, drills are too few for burn rates' },
    ]);
    for (const { id, because } of made.without) expect(file?.text).toContain(`# ${id}: ${because}.\n`);
  });
});

describe('the test of burn rates as PromQL has it', () => {
  /** As they are worked out of targets and windows: a hair beside the number meant. */
  const ofPairs = [7, 28, 30, 90].flatMap((days) =>
    [0.8, 0.9, 0.95, 0.975, 0.99, 0.995, 0.999, 0.9999].flatMap((target) =>
      burnPairs(days * 86_400_000).map(({ factor }) => factor * (1 - target)),
    ),
  );
  const realLimits = [...new Set(ofPairs)].filter((limit) => limit < 1);
  const limits = [
    ...[0.0001, 0.00036, 0.001, 0.00144, 0.003, 0.006, 0.0144, 0.03, 0.06, 0.144, 0.3, 0.6, 0.9, 0.99, 0.9999],
    ...realLimits.filter((_, index) => index % 5 === 0),
  ];
  const numbers = [...Array.from({ length: 400 }, (_, index) => index + 1)];
  for (let n = 401; n < 100_000; n = Math.ceil(n * 1.03)) numbers.push(n);

  test('fires at the same number of failures, but where the tail is next to 0.01', () => {
    let differing = 0;
    for (const limit of limits) {
      for (const n of numbers) {
        const least = leastToFire(n, { factor: limit }, 0);
        const fires = (bad: number): boolean => bad >= 1 && bad <= n && isProven(bad, n, limit);
        if (least === null ? !fires(n) : fires(least) && !fires(least - 1)) continue;
        differing += 1;
        const at = least === null ? n : fires(least) ? least - 1 : least;
        const near = at === n ? 0.0004 : 0.0001;
        expect(Math.abs(binomialTail(at, n, limit) - burnAlpha), `${at} of ${n} at ${limit}`).toBeLessThan(near);
      }
    }
    expect(differing / (limits.length * numbers.length)).toBeLessThan(0.001);
  });

  test('proves nothing by half a result more than the limit allows, where it would divide rounding by rounding', () => {
    let looked = 0;
    for (const limit of realLimits)
      for (let n = 1; n <= 20_000; n += 1) {
        const bad = Math.round(n * limit + 0.5);
        if (bad < 2 || bad > n || Math.abs(bad - 0.5 - n * limit) > 1e-9) continue;
        looked += 1;
        expect(isProven(bad, n, limit), `${bad} of ${n} at ${limit}`).toBe(false);
      }
    expect(looked).toBeGreaterThan(10_000);
  });

  test('loses no proof to being near the limit', () => {
    const least = limits.flatMap((limit) =>
      numbers.flatMap((n) => {
        const fires = leastToFire(n, { factor: limit }, 0);
        return fires === null || fires < 2 ? [] : [fires - 0.5 - n * limit];
      }),
    );
    expect(Math.min(...least)).toBeGreaterThan(1.2);
  });

  test('goes on firing with more failures', () => {
    for (const limit of limits)
      for (const n of [1, 2, 3, 10, 60, 144, 355, 1_440]) {
        const fires = Array.from({ length: n + 1 }, (_, bad) => isProven(bad, n, limit));
        expect(fires.slice(fires.indexOf(true) === -1 ? n + 1 : fires.indexOf(true))).not.toContain(false);
      }
  });
});

test('silence is told where there is something to judge, and where there is nothing', () => {
  const alertsOf = (objectives: typeof everyKindOptions.objectives): ReadonlyMap<string, string> => {
    const [made] = rulesArtefacts({ ...everyKindOptions, objectives }).files;
    const rules = (parse(made?.text ?? '') as RuleFile).groups.flatMap((group) => group.rules);
    return new Map(rules.flatMap(({ alert, expr }) => (alert === undefined ? [] : [[alert, expr]])));
  };
  const judged = alertsOf(everyKindOptions.objectives);
  expect(judged.get('BlackstartNobodyProbes')).toMatch(/absent_over_time\(.*\[5m\]\)\) and on \(\) count/);
  expect(judged.get('BlackstartVerdictsMissing')).toContain('or vector(0)');
  const unjudged = alertsOf([]);
  expect([...unjudged.keys()]).toEqual(['BlackstartRegionDown', 'BlackstartNobodyProbes']);
  expect(unjudged.get('BlackstartNobodyProbes')).toMatch(
    / == 0\nor\nmax\(absent_over_time\(blackstart_agent_connected\{agent!=""\}\[5m\]\)\)$/,
  );
});

test('every file is the same bytes every time, and YAML', () => {
  expect(rulesArtefacts(everyKindOptions)).toEqual(made);
  for (const { files } of allRules().values()) for (const { text } of files) expect(parse(text)).toBeTypeOf('object');
});

test('deploy/prometheus is what the generator makes of the scenario in it', async () => {
  const folder = join(root, 'deploy/prometheus');
  for (const { path, text } of (await rulesFor(join(folder, 'scenario.yaml'))).files)
    expect(readFileSync(join(folder, path), 'utf8'), path).toBe(text);
});
