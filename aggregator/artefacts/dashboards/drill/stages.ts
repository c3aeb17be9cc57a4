/** How failover and failback went, stage by stage, each as the bounds that hold it. */
import { Seconds } from '@grafana/grafana-foundation-sdk/units';
import { catalogue, type MetricEntry } from '../../../../contract/catalogue.ts';
import { colours } from '../colours.ts';
import type { Row } from '../layout.ts';
import { cells, lines, type Placed, type Query } from '../panels.ts';
import { chosen, highest, is, select, type Wants } from '../promql.ts';
import { drill } from './verdict.ts';

const wants = { ...drill, vantage: chosen('vantage'), client: chosen('client') };

export function stagesRow(): Row {
  return { title: 'Stages, per vantage', panels: [failover(), predicted(), outage(), failback(), ...overTime()] };
}

function failover(): Placed {
  return bounded({
    title: 'Failover, after t0',
    description:
      'drain: last ready endpoint gone; last-served: last answer from the region; detect: health checkers agree; authority and resolver: answers lead elsewhere; first-good: first of the good answers that stayed. A stage not observed has no row.',
    entry: catalogue.drillStage,
    wants,
    by: ['vantage', 'client', 'stage'],
    ...{ width: 12, height: 11 },
  });
}

function predicted(): Placed {
  const names = ['p5', 'p50', 'p95'];
  return cells({
    title: 'Predicted before anything was touched',
    description: 'From health-check settings, TTLs and replicas as they were: when each stage was to come.',
    queries: names.map((bound): Query => {
      const of = highest(['stage'], select(catalogue.drillPredicted, { ...drill, bound: is(bound) }));
      return { expr: of, instant: true };
    }),
    headings: Object.fromEntries(names.map((name, index) => [`Value #${'ABC'[index]}`, name])),
    ...{ width: 12, height: 11, unit: Seconds, decimals: 1 },
  });
}

function outage(): Placed {
  return bounded({
    title: 'Outage of each entry name',
    description: 'How long users at a vantage were in the dark. Without an upper bound it was still open at the cut.',
    entry: catalogue.drillOutage,
    wants,
    by: ['entry', 'vantage', 'client'],
    ...{ width: 12, height: 9 },
  });
}

function failback(): Placed {
  return bounded({
    title: 'Failback, after the call of restore',
    description:
      'capacity: all endpoints ready again; first-good: served by the region again; residual: the last answer from one that stood in.',
    entry: catalogue.drillFailback,
    wants,
    by: ['vantage', 'client', 'stage'],
    ...{ width: 12, height: 9 },
  });
}

type Bounded = {
  readonly title: string;
  readonly description: string;
  readonly entry: MetricEntry;
  readonly wants: Wants;
  readonly by: readonly string[];
  readonly width: number;
  readonly height: number;
};

function bounded({ entry, wants: chosenOnes, by, ...rest }: Bounded): Placed {
  const bound = (name: string): Query => ({
    expr: highest(by, select(entry, { ...chosenOnes, bound: is(name) })),
    instant: true,
  });
  return cells({
    ...rest,
    queries: [bound('lower'), bound('upper')],
    headings: { 'Value #A': 'at least', 'Value #B': 'at most' },
    unit: Seconds,
    decimals: 2,
  });
}

/** As the drill goes on: bounds narrow, and stages come in. */
function overTime(): readonly Placed[] {
  const upper = { ...drill, bound: is('upper') };
  return [
    lines({
      title: 'Measured against predicted',
      description: 'Upper bound of each stage, the latest over all vantages, beside its predicted p95.',
      queries: [
        { expr: highest(['stage'], select(catalogue.drillStage, upper)), legend: 'measured {{stage}}' },
        {
          expr: highest(['stage'], select(catalogue.drillPredicted, { ...drill, bound: is('p95') })),
          legend: 'predicted {{stage}}',
        },
      ],
      colours: {
        drain: colours.grey,
        'last-served': colours.purple,
        detect: colours.sky,
        authority: colours.green,
        resolver: colours.orange,
        'first-good': colours.blue,
        'last-bad': colours.vermillion,
      },
      ...{ width: 24, height: 8, unit: Seconds, min: 0 },
    }),
  ];
}
