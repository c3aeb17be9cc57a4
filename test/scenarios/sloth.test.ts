import { describe, expect, test } from 'vitest';
import { mistakesOf, objectivesOf, scenarioOf, sloth } from './imported.ts';

const errors = 'sum(rate(blackstart_probe_results_total{check="home",outcome="bad"}[{{.window}}]))';
const total = 'sum(rate(blackstart_probe_results_total{check="home",outcome=~"good|bad"}[{{.window}}]))';
const off = 'alerting: { page_alert: { disable: true }, ticket_alert: { disable: true } }';

function file(sli: string, more = ''): string {
  return `version: prometheus/v1\nservice: shop\nslos:\n  - name: up\n    objective: 99.5\n    ${off}\n    sli:\n${sli}\n${more}`;
}

describe('an SLO of Sloth', () => {
  test('is an objective over 30 days, as its command has it by default', () => {
    expect(objectivesOf({ 'slo.yml': sloth })).toEqual([
      {
        id: 'requests-availability',
        check: 'home',
        region: null,
        from: 'all',
        indicator: { kind: 'availability', target: 0.999 },
        windowMs: 30 * 86_400_000,
      },
    ]);
  });

  test('has the window that its import says', () => {
    expect(objectivesOf({ 'slo.yml': sloth }, [{ from: 'slo.yml', window: '28d' }])[0]?.windowMs).toBe(28 * 86_400_000);
  });

  test.each([
    ['as a share of errors', `      raw: { error_ratio_query: '${errors} / ${total}' }`],
    [
      'as one minus a share of successes',
      `      raw: { error_ratio_query: '1 - ${errors.replace('bad', 'good')} / ${total}' }`,
    ],
  ])('is read %s', (_, sli) => {
    expect(objectivesOf({ 'slo.yml': file(sli) })[0]?.indicator).toEqual({ kind: 'availability', target: 0.995 });
  });

  test('of a latency is a quantile of durations, or a share of all results', () => {
    const timed = (name: string): string => `sum(rate(blackstart_probe_duration_seconds_${name}[{{.window}}]))`;
    const within = timed('bucket{check="home",region="eu-west-1",le="0.25"}');
    const of = timed('count{check="home",region="eu-west-1"}');
    const all = total.replace('check="home"', 'check="home",region="eu-west-1"');
    const sli = (part: string, whole: string): string =>
      `      events:\n        error_query: |\n          ${part}\n        total_query: ${whole}`;
    expect(objectivesOf({ 'slo.yml': file(sli(`(${of}\n          -\n          ${within})`, of)) })[0]).toMatchObject({
      region: 'eu-west-1',
      from: 'all',
      indicator: { kind: 'latency', quantile: 0.995, targetMs: 250 },
    });
    expect(objectivesOf({ 'slo.yml': file(sli(`${all} - ${within}`, all)) })[0]).toMatchObject({
      indicator: { kind: 'latency-under', limitMs: 250, target: 0.995 },
    });
  });

  test('may say by labels what stands for its queries, for all SLOs or for one', () => {
    const plugin = '      plugin: { id: sloth-common/http, options: { a: b } }';
    const text = `labels: { blackstart_check: home }\n${file(plugin, '    labels: { blackstart_missing: bad, tier: 2 }')}`;
    const { objectives, notes } = scenarioOf({ 'slo.yml': text });
    expect(objectives[0]).toMatchObject({ id: 'up', check: 'home', missing: 'bad' });
    expect(notes).toEqual([
      'slo.yml:5:5 slos[0].name: its queries are not asked: results of the check home stand for them',
    ]);
  });

  test('says what is not taken over', () => {
    const text = sloth.replace(
      '    alerting:\n      page_alert: { disable: true }',
      '    interval: { all: 1m }\n    plugins: { chain: [] }\n    alerting:\n      name: High\n      page_alert: { labels: { severity: page } }',
    );
    expect(scenarioOf({ 'slo.yml': `slo_plugins: { chain: [{ id: x }] }\n${text}` }).notes).toEqual([
      'slo.yml:1:1 slo_plugins: plugins are not run',
      'slo.yml:12:5 slos[0].plugins: plugins are not run',
      'slo.yml:11:5 slos[0].interval: intervals of rules are not taken over',
      'slo.yml:13:5 slos[0].alerting: names, labels and routes of alerts are not taken over: burn rates of ours alert',
    ]);
  });
});

test.each<readonly [string, string, string, string]>([
  ['another version', 'prometheus/v1', 'prometheus/v2', '1:1 version: got "prometheus/v2", want prometheus/v1'],
  [
    'no service',
    'service: shop',
    'service: ""',
    '2:1 service: got "", want a name that begins and ends with a letter or digit, of these and ._-',
  ],
  [
    'a name with a space',
    'requests-availability',
    'all requests',
    '4:5 slos[0].name: got "all requests", want a name that begins and ends with a letter or digit, of these and ._-',
  ],
  [
    'a share as an objective of percent',
    '99.9',
    '"99.9%"',
    '5:5 slos[0].objective: got "99.9%", want percent over 0 and up to 100, such as 99.9',
  ],
  [
    'an objective of 100',
    '99.9',
    '100',
    '5:5 slos[0].objective: got "100%", want a share over 0% and under 100%, such as 99.9%: no number of samples can show that',
  ],
  [
    'a query without its window',
    'outcome="bad"}[{{.window}}]',
    'outcome="bad"}[5m]',
    '8:9 slos[0].sli.events.error_query: got "sum(rate(blackstart_probe_results_total{check=\\"home\\",outcome=\\"bad\\"}[5m]))", want a query with {{.window}} in its brackets: Sloth puts each window there',
  ],
  [
    'the same query twice',
    errors,
    total,
    '8:9 slos[0].sli.events.error_query: got the same query as total_query, want one of errors',
  ],
  [
    'two sorts of SLI',
    '      events:',
    '      plugin: { id: x }\n      events:',
    '6:5 slos[0].sli: got ["plugin","events"], want one of events, raw and plugin',
  ],
  [
    'a query that is camel-cased',
    'error_query',
    'errorQuery',
    '8:9 slos[0].sli.events.errorQuery: got the unknown key "errorQuery", want one of error_query, total_query (nearest: error_query)\n7:7 slos[0].sli.events.error_query: got nothing, want a query with {{.window}} in its brackets: Sloth puts each window there',
  ],
  [
    'alerts without a name',
    'page_alert: { disable: true }',
    'page_alert: {}',
    '10:5 slos[0].alerting.name: got nothing, want a name for its alerts, or both of them disabled',
  ],
  [
    'a label that is none',
    'service: shop',
    'service: shop\nlabels: { my-team: a }',
    '3:11 labels.my-team: got "my-team", want a label of letters, digits and underscores, such as team',
  ],
  [
    'queries over something else',
    'blackstart_probe_results_total{check="home",outcome="bad"}',
    'http_errors_total',
    '8:9 slos[0].sli.events.error_query: got "sum(rate(http_errors_total[{{.window}}]))" of "sum(rate(blackstart_probe_results_total{check=\\"home\\",outcome=~\\"good|bad\\"}[{{.window}}]))", want queries over results, or the check that stands for them (the label blackstart_check, or check or as where it is imported): http_errors_total is not a metric of results',
  ],
])('a file of Sloth with %s', (_, from, to, said) => {
  const text = sloth.replace(from, to);
  expect(text).not.toBe(sloth);
  expect(mistakesOf({ 'slo.yml': text })).toEqual(said.split('\n').map((line) => `slo.yml:${line}`));
});
