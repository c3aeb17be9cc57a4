/** What the probes saw: success and latency from each vantage to each region, and where the time went. */
import { PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units';
import { catalogue } from '../../../../contract/catalogue.ts';
import type { DashboardOptions } from '../../options.ts';
import { colours, coloursOf, meaning } from '../colours.ts';
import type { Row } from '../layout.ts';
import { cloud, lines, matrix, type Placed } from '../panels.ts';
import { chosen, increase, is, quantile, rate, select, share, total } from '../promql.ts';

const wants = { region: chosen('region'), vantage: chosen('vantage'), check: chosen('check') };
const pair = ['vantage', 'region'];

export function probesRow(options: DashboardOptions): Row {
  return { title: 'Probes, from each vantage to each region', panels: [...matrices(), ...overTime(options)] };
}

function matrices(): readonly Placed[] {
  const good = total(pair, increase(select(catalogue.probeResults, { ...wants, outcome: is('good') })));
  const all = total(pair, increase(select(catalogue.probeResults, wants)));
  const half = { width: 12, height: 7, rows: 'vantage', columns: 'region' };
  return [
    matrix({
      title: 'Success: vantage × region',
      description: 'Share of good results over what the dashboard shows. Rows are vantages, columns the regions asked.',
      queries: [{ expr: share(good, all), instant: true }],
      steps: [
        [0, meaning.bad],
        [0.99, meaning.unsure],
        [0.999, meaning.good],
      ],
      ...{ ...half, unit: PercentUnit, decimals: 2 },
    }),
    matrix({
      title: 'Latency (p95): vantage × region',
      description: '95th percentile of good results over what the dashboard shows.',
      queries: [
        { expr: quantile(0.95, catalogue.probeDuration, { by: pair, wants, window: '$__range' }), instant: true },
      ],
      ...{ ...half, unit: Seconds, decimals: 0 },
    }),
  ];
}

function overTime({ regions }: DashboardOptions): readonly Placed[] {
  const window = '$__rate_interval';
  const good = total(pair, rate(select(catalogue.probeResults, { ...wants, outcome: is('good') })));
  const all = total(pair, rate(select(catalogue.probeResults, wants)));
  const phases = ['phase'];
  const durations = catalogue.probeDuration;
  return [
    lines({
      title: 'Success over time',
      description: 'Share of good results, a line for each vantage and region.',
      queries: [{ expr: share(good, all), legend: '{{vantage}} → {{region}}' }],
      colours: coloursOf(regions),
      ...{ width: 12, height: 8, unit: PercentUnit, min: 0, max: 1 },
    }),
    cloud({
      title: 'Durations',
      description:
        'How long good attempts took. From native histograms where Prometheus scrapes protobuf, otherwise from classic buckets. Dots are exemplars: each names a result.',
      queries: [
        { expr: `sum(${rate(select(durations, wants))})` },
        { expr: total(['le'], rate(select(durations, wants, '_bucket'))), buckets: true, exemplars: true },
      ],
      ...{ width: 12, height: 8, unit: Seconds },
    }),
    lines({
      title: 'Latency of each region: p50, p95, p99',
      description: 'Over all vantages and checks that are chosen; narrow them down to compare like with like.',
      queries: [0.5, 0.95, 0.99].map((q) => ({
        expr: quantile(q, durations, { by: ['region'], wants, window }),
        legend: `p${q * 100} {{region}}`,
        exemplars: q === 0.99,
      })),
      colours: coloursOf(regions),
      ...{ width: 12, height: 8, unit: Seconds, min: 0 },
    }),
    lines({
      title: 'Where the time goes',
      description:
        'Mean length of each phase of all attempts, also failed ones, stacked. A phase not reached is not in it.',
      queries: [
        {
          expr: `${total(phases, rate(select(catalogue.probePhase, wants, '_sum')))} / ${total(phases, rate(select(catalogue.probePhase, wants, '_count')))}`,
          legend: '{{phase}}',
        },
      ],
      stacked: 'sum',
      colours: {
        resolve: colours.purple,
        connect: colours.sky,
        tls: colours.green,
        firstByte: colours.orange,
        transfer: colours.blue,
      },
      ...{ width: 12, height: 8, unit: Seconds, min: 0 },
    }),
  ];
}
