/** Verdicts, what they rest on, and what is left of the error budgets. */
import { PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { catalogue } from '../../../../contract/catalogue.ts';
import type { Objective } from '../../../../contract/objective.ts';
import type { DashboardOptions } from '../../options.ts';
import { statusStates, statusWords } from '../colours.ts';
import type { Row } from '../layout.ts';
import { cells, lines, type Placed, type Query, states } from '../panels.ts';
import { coded, highest, is, select } from '../promql.ts';

const by = ['objective'];

export function objectivesRow({ objectives }: DashboardOptions): Row {
  const has = (kind: Objective['indicator']['kind']): boolean =>
    objectives.some(({ indicator }) => indicator.kind === kind);
  const panels = [
    verdicts(),
    counts(),
    ...(has('availability') ? availability() : []),
    ...(has('latency') ? latency() : []),
  ];
  return { title: 'Objectives', panels: objectives.length === 0 ? [] : panels };
}

function verdicts(): Placed {
  return states({
    title: 'Verdicts',
    description:
      'The verdict on each objective. Inconclusive: its 95 % interval still holds the target, or nobody measured.',
    queries: [{ expr: coded(catalogue.sloStatus, {}, 'status', statusWords, by), legend: '{{objective}}' }],
    states: statusStates,
    ...{ width: 12, height: 9, unit: Short },
  });
}

function counts(): Placed {
  const columns = [
    { entry: catalogue.sloSamples, heading: 'samples' },
    { entry: catalogue.sloMissing, heading: 'missing' },
    { entry: catalogue.sloNeeded, heading: 'more needed' },
  ] as const;
  const verdict = coded(catalogue.sloStatus, {}, 'status', statusWords, by);
  return cells({
    title: 'What the verdicts rest on',
    description: 'Samples in the window, those that were expected and never came, and how many more would decide.',
    queries: [
      { expr: verdict, instant: true },
      ...columns.map(({ entry }): Query => ({ expr: highest(by, select(entry)), instant: true })),
    ],
    headings: {
      'Value #A': 'verdict',
      ...Object.fromEntries(columns.map(({ heading }, index) => [`Value #${'BCD'[index]}`, heading])),
    },
    states: { verdict: statusStates },
    ...{ width: 12, height: 9, unit: Short },
  });
}

function availability(): readonly Placed[] {
  const ratio = (bound: string): string => highest(by, select(catalogue.sloRatio, { bound: is(bound) }));
  return [
    lines({
      title: 'Error budget left',
      description:
        'What is left of the bad results that the objective allows in its window: 100 % is untouched, 0 spent.',
      queries: [{ expr: `1 - (1 - ${ratio('measured')}) / (1 - ${ratio('target')})`, legend: '{{objective}}' }],
      limit: 0,
      ...{ width: 12, height: 8, unit: PercentUnit, max: 1 },
    }),
    bounds('Good results', 'Share of good results in the window, with its 95 % interval and the target.', ratio, {
      unit: PercentUnit,
    }),
  ];
}

function latency(): readonly Placed[] {
  const seconds = (bound: string): string => highest(by, select(catalogue.sloLatency, { bound: is(bound) }));
  return [
    lines({
      title: 'Latency against its limit',
      description: 'The measured quantile as a part of what the objective allows: over 100 % is too slow.',
      queries: [{ expr: `${seconds('measured')} / ${seconds('target')}`, legend: '{{objective}}' }],
      limit: 1,
      ...{ width: 12, height: 8, unit: PercentUnit, min: 0 },
    }),
    bounds('Latency', 'The quantile in the window, with its 95 % interval and the limit.', seconds, { unit: Seconds }),
  ];
}

/** Measured, interval and target of each objective, side by side. */
function bounds(
  title: string,
  description: string,
  of: (bound: string) => string,
  { unit }: { readonly unit: string },
): Placed {
  const names = ['lower', 'measured', 'upper', 'target'];
  return cells({
    title: `${title}: measured, interval, target`,
    description,
    queries: names.map((name): Query => ({ expr: of(name), instant: true })),
    headings: Object.fromEntries(names.map((name, index) => [`Value #${'ABCD'[index]}`, name])),
    ...{ width: 12, height: 8, unit, decimals: unit === PercentUnit ? 3 : 0 },
  });
}
