/** A region that is down, agents that are gone, and verdicts that nobody gives any more. */
import { aliasMetrics, catalogue } from '../../../../contract/catalogue.ts';
import type { RulesOptions } from '../../options.ts';
import { fleetGroup } from '../alerting.ts';
import { asking } from '../queries.ts';
import { type Expected, inputOf, type Labels, type Series, type UnitTest } from './format.ts';

type Options = Omit<RulesOptions, 'version'>;

export function fleetTests(options: Options): readonly UnitTest[] {
  const { rules } = fleetGroup(options, asking(options.job));
  const job: Labels = options.job === null ? {} : { job: options.job };
  const expected: Expect = (alertname, labels, value = '') =>
    rules.flatMap((rule) => {
      if (!('alert' in rule) || rule.alert !== alertname) return [];
      const filled = Object.entries(rule.annotations).map(([name, text]) => [
        name,
        text.replace('{{ $labels.region }}', labels['region'] ?? '').replace('{{ $value }}', value),
      ]);
      return [{ exp_labels: { ...rule.labels, ...labels }, exp_annotations: Object.fromEntries(filled) as Labels }];
    });
  return [
    ...regionDown(options, job, expected),
    ...nobodyProbes(options, job, expected),
    ...verdictsMissing(options, job, expected),
  ];
}

/** `value`: as the annotations show it. */
type Expect = (alertname: string, labels: Labels, value?: string) => readonly Expected[];

function regionDown({ regions, prefix }: Options, job: Labels, expected: Expect): readonly UnitTest[] {
  const [region] = regions;
  if (region === undefined) return [];
  const { health } = aliasMetrics(prefix);
  const alertname = 'BlackstartRegionDown';
  return [
    {
      name: 'a region that is down, and comes back',
      interval: '1m',
      input_series: regions.map((name) =>
        inputOf(health, { region: name, ...job }, { values: name === region ? [1, 0, 1] : [1, 1, 1] }),
      ),
      alert_rule_test: [
        { eval_time: '2m', alertname, exp_alerts: [] },
        { eval_time: '3m', alertname, exp_alerts: expected(alertname, { region }) },
        { eval_time: '4m', alertname, exp_alerts: [] },
      ],
    },
  ];
}

function nobodyProbes({ objectives }: Options, job: Labels, expected: Expect): readonly UnitTest[] {
  const alertname = 'BlackstartNobodyProbes';
  const [objective] = objectives;
  const agent = (name: string, values: readonly number[], ends = false): Series =>
    inputOf(catalogue.agentConnected, { agent: name, vantage: name, region: 'r', ...job }, { values, ends });
  // An agent that says of itself that it is connected, to whatever it takes for an aggregator.
  const itself = inputOf(catalogue.agentConnected, { instance: 'agent', ...job }, { values: [1, 1, 1, 1] });
  const gone: UnitTest = {
    name: 'agents that are all gone, and one that comes back',
    interval: '1m',
    input_series: [itself, agent('a', [1, 0, 0, 1]), agent('b', [0, 0, 0, 0])],
    alert_rule_test: [
      { eval_time: '3m', alertname, exp_alerts: [] },
      { eval_time: '4m', alertname, exp_alerts: expected(alertname, {}) },
      { eval_time: '6m', alertname, exp_alerts: [] },
    ],
  };
  if (objective === undefined) {
    const silent: UnitTest = {
      name: 'aggregators that are silent, and nothing that would be judged',
      interval: '1m',
      input_series: [itself, agent('a', [1, 1, 1], true)],
      alert_rule_test: [
        { eval_time: '11m', alertname, exp_alerts: [] },
        { eval_time: '14m', alertname, exp_alerts: expected(alertname, {}) },
      ],
    };
    return [gone, silent];
  }
  const status = { objective: objective.id, status: 'inconclusive', ...job };
  const never: UnitTest = {
    name: 'an aggregator to which no agent ever came, and one that is away itself',
    interval: '1m',
    input_series: [inputOf(catalogue.sloStatus, status, { values: [1, 1, 1], ends: true })],
    alert_rule_test: [
      { eval_time: '1m', alertname, exp_alerts: [] },
      { eval_time: '3m', alertname, exp_alerts: expected(alertname, {}) },
      { eval_time: '15m', alertname, exp_alerts: [] },
    ],
  };
  return [gone, never];
}

function verdictsMissing({ objectives }: Options, job: Labels, expected: Expect): readonly UnitTest[] {
  const [objective, ...others] = objectives;
  if (objective === undefined) return [];
  const alertname = 'BlackstartVerdictsMissing';
  const series = (id: string, ends: boolean): Series =>
    inputOf(
      catalogue.sloStatus,
      { objective: id, status: 'pass', ...job },
      { values: ends ? [1] : [1, 1, 1, 1, 1, 1], ends },
    );
  const test = (name: string, ending: readonly string[]): UnitTest => ({
    name,
    interval: '1m',
    input_series: objectives.map(({ id }) => series(id, ending.includes(id))),
    alert_rule_test: [
      { eval_time: '7m', alertname, exp_alerts: [] },
      { eval_time: '10m', alertname, exp_alerts: expected(alertname, {}, String(ending.length)) },
    ],
  });
  const all = objectives.map(({ id }) => id);
  return [
    test('verdicts that nobody gives any more', all),
    ...(others.length === 0 ? [] : [test('one verdict that nobody gives any more', [objective.id])]),
  ];
}
