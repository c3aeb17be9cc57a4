/** A region that is down, and verdicts that nobody gives any more. */
import { aliasMetrics, catalogue } from '../../../../contract/catalogue.ts';
import type { RulesOptions } from '../../options.ts';
import { fleetGroup } from '../alerting.ts';
import { asking } from '../queries.ts';
import { type Expected, inputOf, type Labels, type UnitTest } from './format.ts';

type Options = Omit<RulesOptions, 'version'>;

export function fleetTests(options: Options): readonly UnitTest[] {
  const { rules } = fleetGroup(options, asking(options.job));
  const job: Labels = options.job === null ? {} : { job: options.job };
  const expected = (alertname: string, labels: Labels): readonly Expected[] =>
    rules.flatMap((rule) => {
      if (!('alert' in rule) || rule.alert !== alertname) return [];
      const filled = Object.entries(rule.annotations).map(([name, text]) => [
        name,
        text.replace('{{ $labels.region }}', labels['region'] ?? ''),
      ]);
      return [{ exp_labels: { ...rule.labels, ...labels }, exp_annotations: Object.fromEntries(filled) as Labels }];
    });
  return [...regionDown(options, job, expected), ...verdictsMissing(options, job, expected)];
}

type Expect = (alertname: string, labels: Labels) => readonly Expected[];

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

function verdictsMissing({ objectives }: Options, job: Labels, expected: Expect): readonly UnitTest[] {
  const [objective] = objectives;
  if (objective === undefined) return [];
  const alertname = 'BlackstartVerdictsMissing';
  const labels = { objective: objective.id, status: 'pass', ...job };
  return [
    {
      name: 'verdicts that nobody gives any more',
      interval: '1m',
      input_series: [inputOf(catalogue.sloStatus, labels, { values: [1], ends: true })],
      alert_rule_test: [
        { eval_time: '7m', alertname, exp_alerts: [] },
        { eval_time: '10m', alertname, exp_alerts: expected(alertname, job) },
      ],
    },
  ];
}
