import { expect, test } from 'vitest';
import { mistakesOf, openSlo } from './imported.ts';

/** One line of a sound SLO changed, and everything that is said of it: line, column, key, what is there, what should be. */
const rows: readonly (readonly [string, string | RegExp, string, string])[] = [
  ['another version', 'openslo/v1', 'openslo/v2alpha', '1:1 apiVersion: got "openslo/v2alpha", want openslo/v1'],
  [
    'a kind that is none',
    'kind: SLO',
    'kind: SL0',
    '2:1 kind: got "SL0", want one of SLO, SLI, DataSource, Service, AlertPolicy, AlertCondition, AlertNotificationTarget (nearest: SLO)',
  ],
  [
    'an unknown key',
    '  service: shop',
    '  servce: shop',
    '6:3 spec.servce: got the unknown key "servce", want one of description, service, indicator, indicatorRef, timeWindow, budgetingMethod, objectives, alertPolicies (nearest: service)\n5:1 spec.service: got nothing, want the name of a service',
  ],
  [
    'a name in capitals',
    'name: home-up',
    'name: HomeUp',
    '4:3 metadata.name: got "HomeUp", want a name of lower-case letters, digits, - and dots, such as homeup',
  ],
  [
    'a name that begins with a dash',
    'name: home-up',
    'name: -home',
    '4:3 metadata.name: got "-home", want a name of lower-case letters, digits, - and dots, such as home',
  ],
  [
    'an annotation whose key is none',
    '  name: home-up',
    '  name: home-up\n  annotations: { "a/b/c": x }',
    '5:18 metadata.annotations["a/b/c"]: got "a/b/c", want a key of at most 63 letters, digits, dots, dashes and underscores, behind a domain and / where it has one',
  ],
  [
    'a label that is a number',
    '  name: home-up',
    '  name: home-up\n  labels: { team: 1 }',
    '5:13 metadata.labels.team: got 1, want a text, in quotes where it looks like anything else',
  ],
  [
    'an annotation with a wrong value',
    '  name: home-up',
    '  name: home-up\n  annotations: { blackstart.dev/missing: maybe }',
    '5:18 metadata.annotations["blackstart.dev/missing"]: got "maybe", want one of exclude, bad, hold',
  ],
  [
    'no indicator',
    'indicator:',
    'indicatr:',
    '7:3 spec.indicatr: got the unknown key "indicatr", want one of description, service, indicator, indicatorRef, timeWindow, budgetingMethod, objectives, alertPolicies (nearest: indicator)\n5:1 spec.indicator: got nothing, want indicator or indicatorRef',
  ],
  [
    'an indicator by a name that is nowhere',
    '  indicator:\n',
    '  indicatorRef: nowhere\n  indicator_:\n',
    '8:3 spec.indicator_: got the unknown key "indicator_", want one of description, service, indicator, indicatorRef, timeWindow, budgetingMethod, objectives, alertPolicies (nearest: indicator)\n7:3 spec.indicatorRef: got "nowhere", want the name of a document of kind SLI in the files that are imported together',
  ],
  [
    'good and bad',
    '        good:',
    '        bad: { metricSource: { type: A, spec: { query: x } } }\n        good:',
    '13:9 spec.indicator.spec.ratioMetric.bad: got good and bad, want one of the two, with total',
  ],
  [
    'no total',
    '        total:',
    '        totl:',
    '18:9 spec.indicator.spec.ratioMetric.totl: got the unknown key "totl", want one of counter, good, bad, total, rawType, raw (nearest: total)\n11:7 spec.indicator.spec.ratioMetric.total: got nothing, want total with good or bad, or raw',
  ],
  [
    'raw beside good',
    '        counter: true',
    '        raw: { metricSource: { type: A, spec: { query: x } } }',
    '12:9 spec.indicator.spec.ratioMetric.raw: got raw beside good, bad or total, want one of the two',
  ],
  [
    'rawType without raw',
    '        counter: true',
    '        rawType: success',
    '12:9 spec.indicator.spec.ratioMetric.rawType: got "success", want nothing: it belongs to raw',
  ],
  [
    'a counter that is a text',
    'counter: true',
    'counter: "yes"',
    '12:9 spec.indicator.spec.ratioMetric.counter: got "yes", want true or false',
  ],
  [
    'a source without a type',
    '            type: Prometheus\n            spec:\n              query: sum(blackstart_probe_results_total{check="home",outcome="good"})',
    '            spec:\n              query: x',
    '14:11 spec.indicator.spec.ratioMetric.good.metricSource.type: got nothing, want a type, such as Prometheus, or metricSourceRef',
  ],
  [
    'a source without a spec',
    '            spec:\n              query: sum(blackstart_probe_results_total{check="home",outcome="good"})',
    '            spec: {}',
    '16:13 spec.indicator.spec.ratioMetric.good.metricSource.spec: got {}, want a mapping with what the source is asked, such as query',
  ],
  [
    'queries over something else',
    'sum(blackstart_probe_results_total{check="home",outcome="good"})',
    'sum(http_requests_total{code="200"})',
    '17:15 spec.indicator.spec.ratioMetric.good.metricSource.spec.query: got "sum(http_requests_total{code=\\"200\\"})" of "sum(blackstart_probe_results_total{check=\\"home\\",outcome=~\\"good|bad\\"})", want queries over results, or the check that stands for them (the annotation blackstart.dev/check, or check or as where it is imported): http_requests_total is not a metric of results',
  ],
  [
    'a check that is not there',
    /home",outcome/g,
    'hom",outcome',
    '17:15 spec.indicator.spec.ratioMetric.good.metricSource.spec.query: got "hom", want one of home, geo, write (nearest: home)',
  ],
];

test.each(rows)('%s', (_, from, to, said) => {
  const text = openSlo.replace(from, to);
  expect(text).not.toBe(openSlo);
  expect(mistakesOf({ 'slo.yaml': text })).toEqual(said.split('\n').map((line) => `slo.yaml:${line}`));
});

test('the SLO that these rows break is sound', () => {
  expect(mistakesOf({ 'slo.yaml': openSlo })).toEqual([]);
});

test('every mistake of every file is said at once', () => {
  const other = openSlo
    .replace('home-up', 'Home')
    .replace('30d', '30D')
    .replace('0.999', '99.9')
    .replace('Occurrences', 'Often');
  const first = openSlo.replace('target: 0.999', 'target: 2');
  expect(mistakesOf({ 'a.yaml': first, 'b.yaml': other }).map((line) => line.split(' ')[0])).toEqual([
    'a.yaml:28:7',
    'b.yaml:4:3',
    'b.yaml:24:7',
    'b.yaml:26:3',
    'b.yaml:28:7',
  ]);
});

test('an annotation of ours that is none is said with those that there are', () => {
  const text = openSlo.replace('  name: home-up', '  name: home-up\n  annotations: { blackstart.dev/chek: home }');
  const said =
    /^slo\.yaml:5:18 metadata\.annotations\["blackstart\.dev\/chek"\]: got .*\(nearest: blackstart\.dev\/check\)$/;
  expect(mistakesOf({ 'slo.yaml': text })).toEqual([expect.stringMatching(said)]);
});
