/** What the service went through meanwhile: replicas, who served, errors, and latency. */
import { Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { aliasMetrics, catalogue, type MetricEntry } from '../../../../contract/catalogue.ts';
import type { DashboardOptions } from '../../options.ts';
import { colours, coloursOf, meaning } from '../colours.ts';
import type { Row } from '../layout.ts';
import { lines, type Placed, states } from '../panels.ts';
import { chosen, highest, is, isNot, quantile, rate, select, total } from '../promql.ts';
import { drill } from './verdict.ts';

/** The regions' own metrics are read every 5 s. */
const readEvery = '15s';

const wants = { vantage: chosen('vantage') };

export function serviceRow(options: DashboardOptions): Row {
  return { title: 'The service meanwhile', panels: [...regions(options), ...served(options), ...answers(options)] };
}

function regions({ prefix }: DashboardOptions): readonly Placed[] {
  const { health } = aliasMetrics(prefix);
  return [
    lines({
      title: 'Replicas of the region taken away',
      description: 'What the workloads ask for, and how many are ready, at the runner’s looks while the drill runs.',
      queries: [{ expr: highest(['state'], select(catalogue.drillReplicas, drill)), legend: '{{state}}' }],
      colours: { wanted: colours.grey, ready: colours.blue },
      ...{ width: 12, height: 8, unit: Short, min: 0, decimals: 0 },
    }),
    states({
      title: 'Regions',
      description: 'Whether each region answers as expected, seen from its own vantage where it has one.',
      queries: [{ expr: highest(['region'], select(health)), legend: '{{region}}' }],
      states: [
        { value: 0, word: 'not well', colour: meaning.bad },
        { value: 1, word: 'well', colour: meaning.good },
      ],
      ...{ width: 12, height: 8, unit: Short },
    }),
  ];
}

function served({ regions: names, requests }: DashboardOptions): readonly Placed[] {
  const good = { ...wants, outcome: is('good'), served_by: isNot('') };
  const byProbes = lines({
    title: 'Who answered the probes',
    description: 'Good answers by the region that says it answered.',
    queries: [{ expr: total(['served_by'], rate(select(catalogue.probeResults, good))), legend: '{{served_by}}' }],
    stacked: 'share',
    colours: coloursOf(names),
    ...{ width: 12, height: 8, unit: 'cps' },
  });
  if (requests === null) return [byProbes];
  const own: MetricEntry = { name: requests, help: '', unit: null, type: 'counter', labels: ['region'] };
  const byUsers = lines({
    title: 'Share of the requests that each region served',
    description: `${requests}, which the regions count themselves: all traffic, not probes alone.`,
    queries: [{ expr: total(['region'], rate(select(own))), legend: '{{region}}', every: readEvery }],
    stacked: 'share',
    colours: coloursOf(names),
    ...{ width: 12, height: 8, unit: 'reqps' },
  });
  return [byProbes, byUsers];
}

function answers({ regions: names }: DashboardOptions): readonly Placed[] {
  const bursts = select(catalogue.burstResults, { ...wants, client: chosen('client') });
  const window = '$__rate_interval';
  return [
    lines({
      title: 'Burst results',
      description:
        'Attempts per second of the drill’s own bursts, by kind of client and outcome. Objectives do not count them.',
      queries: [{ expr: total(['client', 'outcome'], rate(bursts)), legend: '{{client}} {{outcome}}' }],
      colours: { good: meaning.good, bad: meaning.bad, missing: meaning.unknown },
      ...{ width: 12, height: 8, unit: 'cps', min: 0 },
    }),
    lines({
      title: 'Bad results by who is blamed',
      description: 'Of the ordinary rounds, which go on through the drill.',
      queries: [
        {
          expr: total(['blame', 'region'], rate(select(catalogue.probeResults, { ...wants, outcome: is('bad') }))),
          legend: '{{blame}}: {{region}}',
        },
      ],
      stacked: 'sum',
      colours: coloursOf(names),
      ...{ width: 12, height: 8, unit: 'cps', min: 0 },
    }),
    lines({
      title: 'Latency by who answered (p95)',
      description: 'Good answers of the ordinary rounds. Dots are exemplars: each names a result, as the API has it.',
      queries: [
        {
          expr: quantile(0.95, catalogue.probeDuration, { by: ['served_by'], wants, window }),
          legend: '{{served_by}}',
          exemplars: true,
        },
      ],
      colours: coloursOf(names),
      ...{ width: 24, height: 8, unit: Seconds, min: 0 },
    }),
  ];
}
