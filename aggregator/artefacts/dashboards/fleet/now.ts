/** The first row: is anything broken, since when, and who is blamed. */
import { PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { aliasMetrics, catalogue } from '../../../../contract/catalogue.ts';
import type { DashboardOptions } from '../../options.ts';
import { colours, coloursOf, meaning } from '../colours.ts';
import { linkTo, uidOf } from '../frame.ts';
import type { Row } from '../layout.ts';
import { cells, figure, lines, type Placed, states } from '../panels.ts';
import { chosen, highest, increase, is, isNot, orZero, rate, select, total } from '../promql.ts';

const anyIsBad = [[1, meaning.bad]] as const;

export function nowRow(options: DashboardOptions): Row {
  return {
    title: 'What is broken, since when, and who is blamed',
    panels: [...figures(options), ...overTime(options)],
  };
}

function figures(options: DashboardOptions): readonly Placed[] {
  const { health } = aliasMetrics(options.prefix);
  const common = { width: 4, height: 4, unit: Short, steps: anyIsBad };
  const drills = linkTo('Open the drill', `/d/${uidOf('drill', options.service)}`);
  return [
    figure({
      ...common,
      title: 'Regions not well',
      description: 'Regions that do not answer as expected, seen from their own vantage where they have one.',
      queries: [{ expr: orZero(`count(${highest(['region'], select(health))} == 0)`) }],
    }),
    ...(options.objectives.length === 0 ? [] : [failing(common)]),
    ...(options.hasResidency ? [violations(common)] : []),
    figure({
      ...common,
      title: 'Agents gone',
      description: 'Agents that are known and not connected. What they should have measured is missing, not good.',
      queries: [{ expr: orZero(`count(${highest(['agent'], select(catalogue.agentConnected))} == 0)`) }],
    }),
    figure({
      ...common,
      title: 'Sources that cannot be read',
      description: "Regions' own metrics and other servers whose last reading failed.",
      queries: [
        { expr: orZero(`count(${highest(['region'], select(catalogue.sourceUp))} == 0)`), legend: 'regions' },
        { expr: orZero(`count(${highest(['source'], select(catalogue.federateUp))} == 0)`), legend: 'servers' },
      ],
    }),
    figure({
      ...common,
      steps: [[1, colours.purple]],
      title: 'Drills that run',
      description: 'Drills that are not over. A region that is dark because of one is dark on purpose.',
      queries: [{ expr: orZero(`sum(${highest(['drill'], select(catalogue.drillPhase, { phase: isNot('over') }))})`) }],
      links: [drills],
    }),
  ];
}

type Common = Pick<Parameters<typeof figure>[0], 'width' | 'height' | 'unit' | 'steps'>;

function failing(common: Common): Placed {
  return figure({
    ...common,
    title: 'Objectives that fail',
    description: 'Objectives whose verdict is fail as of now. Inconclusive ones are below: too few samples is no pass.',
    queries: [{ expr: total(['status'], select(catalogue.sloStatus, { status: is('fail') })) }],
    otherwise: 'no objectives',
  });
}

function violations(common: Common): Placed {
  return figure({
    ...common,
    title: 'Residency violations',
    description:
      'Answers since the aggregator started that were served, stored or refused against the residency rules.',
    queries: [{ expr: orZero(`sum(${select(catalogue.residencyResults, { outcome: is('bad') })})`) }],
  });
}

function overTime({ prefix, regions }: DashboardOptions): readonly Placed[] {
  const { health, errors, latency } = aliasMetrics(prefix);
  const well = highest(['region'], select(health, { region: chosen('region') }));
  const bad = { outcome: is('bad'), region: chosen('region'), vantage: chosen('vantage'), check: chosen('check') };
  const blamed = ['blame', 'region', 'check'];
  return [
    states({
      title: 'Regions',
      description: 'Whether each region answers as expected. A gap: nobody knows.',
      queries: [{ expr: well, legend: '{{region}}' }],
      states: [
        { value: 0, word: 'not well', colour: meaning.bad },
        { value: 1, word: 'well', colour: meaning.good },
      ],
      ...{ width: 16, height: 6, unit: Short },
    }),
    figure({
      title: 'Time since it was last well',
      description: 'Per region, looking back over what the dashboard shows. Nothing is shown of one that never was.',
      queries: [{ expr: `time() - max_over_time(timestamp(${well} == 1)[$__range:15s])`, legend: '{{region}}' }],
      steps: [[60, meaning.bad]],
      ...{ width: 8, height: 6, unit: Seconds, decimals: 0 },
    }),
    lines({
      title: 'Bad results by who is blamed',
      description:
        'Results per second that were judged bad, by whose fault it was: a majority of vantages decides between target, region, path and resolver. What a vantage itself broke is missing instead.',
      queries: [{ expr: total(['blame'], rate(select(catalogue.probeResults, bad))), legend: '{{blame}}' }],
      stacked: 'sum',
      colours: {
        target: colours.vermillion,
        region: colours.orange,
        path: colours.sky,
        resolver: colours.purple,
        inconclusive: colours.grey,
      },
      ...{ width: 12, height: 8, unit: 'cps', min: 0 },
    }),
    cells({
      title: 'Blamed most',
      description: 'Bad results over what the dashboard shows, worst first, by who is blamed, region and check.',
      queries: [
        { expr: `sort_desc(${total(blamed, increase(select(catalogue.probeResults, bad)))} > 0)`, instant: true },
      ],
      headings: { Value: 'bad results' },
      ...{ width: 12, height: 8, unit: Short, decimals: 0 },
    }),
    lines({
      title: 'Latency of each region (p95 of five minutes)',
      description: 'From the region’s own vantage where it has one; failed attempts are not in it.',
      queries: [{ expr: highest(['region'], select(latency, { region: chosen('region') })), legend: '{{region}}' }],
      colours: coloursOf(regions),
      ...{ width: 12, height: 7, unit: Seconds, min: 0 },
    }),
    lines({
      title: 'Errors of each region (share of five minutes)',
      description: 'Share of bad results, from the region’s own vantage where it has one.',
      queries: [{ expr: highest(['region'], select(errors, { region: chosen('region') })), legend: '{{region}}' }],
      colours: coloursOf(regions),
      ...{ width: 12, height: 7, unit: PercentUnit, min: 0, max: 1 },
    }),
  ];
}
