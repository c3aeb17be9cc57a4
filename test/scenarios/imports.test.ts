import { describe, expect, test } from 'vitest';
import { parseScenario } from '../../scenarios/define.ts';
import { mistakesOf, objectivesOf, openSlo, scenarioOf, sloth } from './imported.ts';
import { sound } from './sound.ts';

const annotated = (text: string): string =>
  openSlo.replace('  name: home-up', `  name: home-up\n  annotations:\n    ${text.split('\n').join('\n    ')}`);
const elsewhere = openSlo.replaceAll('blackstart_probe_results_total', 'http_requests_total');
const slo = { 'slo.yaml': openSlo };

describe('an SLO of OpenSLO', () => {
  test('is an objective', () => {
    expect(objectivesOf(slo)).toEqual([
      {
        id: 'home-up',
        check: 'home',
        region: null,
        from: 'all',
        indicator: { kind: 'availability', target: 0.999 },
        windowMs: 30 * 86_400_000,
      },
    ]);
  });

  test.each([
    ['1d', '2026-03-17 00:00:00', 'day'],
    ['7d', '2026-03-16 00:00:00', 'week'],
    ['1M', '2026-03-01 00:00:00', 'month'],
    ['3M', '2026-04-01 00:00:00', 'quarter'],
    ['1Q', '2026-01-01 00:00:00', 'quarter'],
    ['12M', '2026-01-01 00:00:00', 'year'],
  ])('over a calendar of %s from %s is over a %s', (duration, startTime, every) => {
    const window = `duration: ${duration}\n      calendar: { startTime: ${startTime}, timeZone: Europe/Berlin }`;
    const text = openSlo.replace('duration: 30d\n      isRolling: true', window);
    expect(objectivesOf({ 'slo.yaml': text })[0]?.calendar).toEqual({ every, timeZone: 'Europe/Berlin' });
  });

  test('by time slices has them in minutes or as a duration', () => {
    for (const window of ['5', '5m']) {
      const text = openSlo
        .replace('Occurrences', 'Timeslices')
        .replace(
          'target: 0.999',
          `targetPercent: 99.95\n      timeSliceTarget: 0.95\n      timeSliceWindow: ${window}`,
        );
      expect(objectivesOf({ 'slo.yaml': text })[0]).toMatchObject({
        indicator: { target: 0.9995 },
        timeSlices: { sliceMs: 300_000, target: 0.95 },
      });
    }
  });

  test('with several objectives is several, by their number', () => {
    const text = openSlo.replace('    - target: 0.999', '    - target: 0.999\n    - targetPercent: 95');
    const found = objectivesOf({ 'slo.yaml': text }).map(({ id, indicator }) => [id, indicator]);
    expect(found).toEqual([
      ['home-up-0', { kind: 'availability', target: 0.999 }],
      ['home-up-1', { kind: 'availability', target: 0.95 }],
    ]);
  });

  test('of a threshold is a latency under it, in seconds, where a check stands for it', () => {
    const metric = 'thresholdMetric: { metricSource: { type: Prometheus, spec: { query: probe_duration_seconds } } }';
    const text = annotated('blackstart.dev/check: home')
      .replace(/ratioMetric:[\s\S]*? {2}timeWindow/, `${metric}\n  timeWindow`)
      .replace('target: 0.999', 'target: 0.999\n      op: lt\n      value: 0.25');
    const { objectives, notes } = scenarioOf({ 'slo.yaml': text });
    expect(objectives[0]?.indicator).toEqual({ kind: 'latency-under', limitMs: 250, target: 0.999 });
    expect(notes).toEqual([
      'slo.yaml:20:7 spec.objectives[0].op: lt is taken for lte: a limit is good itself',
      'slo.yaml:4:3 metadata.name: its queries are not asked: results of the check home stand for them',
    ]);
    expect(mistakesOf({ 'slo.yaml': text.replace('op: lt', 'op: gte') })).toEqual([
      'slo.yaml:20:7 spec.objectives[0].op: got gte, want lte or lt: what has to be large is no latency',
    ]);
    expect(mistakesOf({ 'slo.yaml': text.replace('      op: lt\n', '') })).toEqual([
      'slo.yaml:19:7 spec.objectives[0].op: got nothing, want lte or lt, with a thresholdMetric',
    ]);
  });

  test('may say in annotations what OpenSLO cannot', () => {
    const text = annotated(`blackstart.dev/id: home.up
blackstart.dev/missing: hold
blackstart.dev/bursts: 5m
blackstart.dev/drills: apart
blackstart.dev/exclude: '[{ from: 2026-12-01T10:00:00Z, to: 2026-12-01T11:00:00Z, because: works }]'`);
    expect(objectivesOf({ 'slo.yaml': text })[0]).toMatchObject({
      id: 'home.up',
      missing: 'hold',
      burstMs: 300_000,
      drills: 'apart',
      exclusions: [{ because: 'works' }],
    });
  });
});

describe('documents that refer to each other', () => {
  const sli = `apiVersion: openslo/v1
kind: SLI
metadata: { name: home-good }
spec:
  ratioMetric:
    rawType: failure
    raw: { metricSource: { metricSourceRef: prometheus, spec: { query: '1 - sum(blackstart_probe_results_total{check="home",outcome="good"}) / sum(blackstart_probe_results_total{check="home",outcome!="missing"})' } } }
`;
  const byName = openSlo.replace(/ {2}indicator:[\s\S]*? {2}timeWindow/, '  indicatorRef: home-good\n  timeWindow');
  const others = `- apiVersion: openslo/v1
  kind: Service
  metadata: { name: shop }
  spec:
- apiVersion: openslo/v1
  kind: DataSource
  metadata: { name: prometheus }
  spec: { type: Prometheus, connectionDetails: { url: http://prometheus:9090 } }
`;

  test('are found in one file or in files that are imported together', () => {
    const found = objectivesOf({ 'a.yaml': byName, 'b.yaml': `${sli}---\n${others}` }, [
      { from: ['a.yaml', 'b.yaml'] },
    ]);
    expect(found).toEqual(objectivesOf(slo));
    expect(objectivesOf({ 'all.yaml': `${byName}---\n${sli}` })).toEqual(objectivesOf(slo));
  });

  test('have to be there where they are needed, and not twice', () => {
    expect(mistakesOf({ 'a.yaml': byName, 'b.yaml': sli })).toEqual([
      'a.yaml:7:3 spec.indicatorRef: got "home-good", want the name of a document of kind SLI in the files that are imported together',
    ]);
    expect(mistakesOf({ 'a.yaml': `${byName.replace('-good', '-god')}---\n${sli}---\n${sli}` })).toEqual([
      'a.yaml:25:13 metadata.name: got the SLI "home-good" a second time, want a name that no other of its kind has',
      'a.yaml:7:3 spec.indicatorRef: got "home-god", want home-good',
    ]);
    expect(
      mistakesOf({ 'a.yaml': `${byName.replace('service: shop', 'service: shp')}---\n${sli}---\n${others}` }),
    ).toEqual(['a.yaml:6:3 spec.service: got "shp", want shop']);
  });

  test('of alerts are read strictly, and it is said that they are not taken over', () => {
    const condition = 'condition: { kind: burnrate, op: lte, threshold: 2, lookbackWindow: 1h, alertAfter: 5m }';
    const alerts = `apiVersion: openslo/v1
kind: AlertPolicy
metadata: { name: fast }
spec:
  alertWhenBreaching: true
  conditions: [{ conditionRef: burns }]
  notificationTargets: [{ targetRef: mail }]
---
apiVersion: openslo/v1
kind: AlertCondition
metadata: { name: burns }
spec: { severity: page, ${condition} }
---
apiVersion: openslo/v1
kind: AlertNotificationTarget
metadata: { name: mail }
spec: { target: email }
`;
    const text = `${openSlo}  alertPolicies: [{ alertPolicyRef: fast }]\n---\n${alerts}`;
    expect(scenarioOf({ 'a.yaml': text }).notes).toEqual([
      'a.yaml:29:3 spec.alertPolicies: alert policies are not taken over: burn rates of ours alert',
      'a.yaml:42:54 spec.condition.op: this condition holds while the service is well, and not while its budget burns',
    ]);
    expect(mistakesOf({ 'a.yaml': text.replace('targetRef: mail', 'targetRef: fax') })).toEqual([
      'a.yaml:37:27 spec.notificationTargets[0].targetRef: got "fax", want mail',
    ]);
  });
});

describe('an import', () => {
  test('says which check stands for queries over other metrics, for all of them or one by one', () => {
    const { objectives, notes } = scenarioOf({ 'slo.yaml': elsewhere }, [{ from: 'slo.yaml', check: 'home' }]);
    expect(objectives).toEqual(objectivesOf(slo));
    expect(notes).toEqual([
      'slo.yaml:4:3 metadata.name: its queries are not asked: results of the check home stand for them',
    ]);
    const as = {
      'home-up': { check: 'home', id: 'latency', indicator: { latency: 'p95' }, target: '250ms', drills: 'excluded' },
    };
    expect(objectivesOf({ 'slo.yaml': elsewhere }, [{ from: 'slo.yaml', as }])[0]).toMatchObject({
      id: 'latency',
      indicator: { kind: 'latency', quantile: 0.95, targetMs: 250 },
      windowMs: 30 * 86_400_000,
      drills: 'excluded',
    });
  });

  test('of another check than the queries are over is said', () => {
    const { objectives, notes } = scenarioOf(slo, [{ from: 'slo.yaml', as: { 'home-up': { check: 'geo' } } }]);
    expect(objectives[0]?.check).toBe('geo');
    expect(notes).toEqual([
      'slo.yaml:4:3 metadata.name: its queries are over the check home: results of geo stand for them',
    ]);
  });

  test('leaves out what is skipped by name', () => {
    expect(
      objectivesOf({ 'slo.yaml': elsewhere, 'b.yml': sloth }, [{ from: ['slo.yaml', 'b.yml'], skip: ['home-up'] }]),
    ).toHaveLength(1);
  });

  test('does not read what is skipped: it may be what no objective can be', () => {
    const mean = openSlo.replace('Occurrences', 'RatioTimeslices').replace('home-up', 'mean');
    const one = sloth.replace('disable: true', 'disable: false');
    const files = {
      'slo.yaml': `${openSlo}---\n${mean}`,
      'b.yml': one.replace('page_alert', 'name: a\n      page_alert'),
    };
    const { objectives, notes } = scenarioOf(files, [
      { from: ['slo.yaml', 'b.yml'], skip: ['mean', 'requests-availability'] },
    ]);
    expect(objectives.map(({ id }) => id)).toEqual(['home-up']);
    expect(notes).toBeUndefined();
  });

  test('of an id that there is already is a mistake', () => {
    expect(mistakesOf({ 'a.yaml': openSlo, 'b.yaml': openSlo })).toEqual([
      'b.yaml:4:3 metadata.name: got "home-up" a second time, want a id that no other has',
    ]);
  });

  test('gives drills objectives that they may stop by', () => {
    const [drill] = sound()['drills'] as object[];
    const drills = [{ ...drill, stop: { objectives: ['home-up'] } }];
    const source = { ...sound(), objectives: [], drills, imports: ['slo.yaml'] };
    const found = parseScenario(source, undefined, (file) => ({ file, text: openSlo }));
    expect(found.drills[0]?.stop.objectives).toEqual(['home-up']);
  });

  test('in a scenario that is in no file is a mistake', () => {
    expect(() => parseScenario({ ...sound(), imports: ['slo.yaml'] })).toThrow(
      'imports[0]: got "slo.yaml", want a file that can be read (this scenario was not read from a file)',
    );
  });

  test.each<readonly [string, unknown, string]>([
    ['no list', 'slo.yaml', 'imports: got "slo.yaml", want a list'],
    [
      'a file that is not there',
      ['none.yaml'],
      'imports[0]: got "none.yaml", want a file that can be read (no such file)',
    ],
    [
      'a name that its file does not have',
      [{ from: 'slo.yaml', as: { home: { check: 'home' } } }],
      'imports[0].as.home: got "home", want home-up',
    ],
    [
      'a skipped name that its file does not have',
      [{ from: 'slo.yaml', skip: ['home'] }],
      'imports[0].skip[0]: got "home", want home-up',
    ],
    [
      'a value that no objective has',
      [{ from: 'slo.yaml', as: { 'home-up': { bursts: 'long' } } }],
      'imports[0].as.home-up.bursts: got "long", want a duration with a unit, such as 250ms, 30s, 4m, 1h30m or 30d',
    ],
    [
      'a window that is none',
      [{ from: 'slo.yaml', window: 'long' }],
      'imports[0].window: got "long", want a duration with a unit, such as 250ms, 30s, 4m, 1h30m or 30d',
    ],
    [
      'a key of its own that is none',
      [{ from: 'slo.yaml', chek: 'home' }],
      'imports[0].chek: got the unknown key "chek", want one of from, window, check, as, skip (nearest: check)',
    ],
  ])('with %s is refused', (_, imports, said) => {
    expect(mistakesOf(slo, imports)).toEqual([said]);
  });

  test('with a key that no objective has is refused', () => {
    const said = /^imports\[0\]\.as\.home-up\.burst: got the unknown key "burst", want .*\(nearest: bursts\)$/;
    const imports = [{ from: 'slo.yaml', as: { 'home-up': { burst: '5m' } } }];
    expect(mistakesOf(slo, imports)).toEqual([expect.stringMatching(said)]);
  });

  test('of a file in neither language, or an empty one, is refused', () => {
    expect(mistakesOf({ 'a.yaml': 'groups: []\n', 'b.yaml': '# nothing\n' })).toEqual([
      'a.yaml:1:1: got {"groups":[]}, want apiVersion: openslo/v1, or version: prometheus/v1 (Sloth)',
      'imports[1]: got "b.yaml", which is empty, want a file of OpenSLO or Sloth',
    ]);
  });
});
