/** Two aggregators, of which one is read twice: counts are added, ratios are not averaged. */
import { catalogue } from '../../../../contract/catalogue.ts';
import type { RulesOptions } from '../../options.ts';
import type { Ruled } from '../objectives.ts';
import { records } from '../queries.ts';
import { type ExprTest, inputOf, type Labels, type Series, seriesOf, type UnitTest } from './format.ts';

const counts = [
  { aggregator: 'one', instance: 'a', bad: 5, good: 5 },
  { aggregator: 'one', instance: 'b', bad: 5, good: 5 },
  { aggregator: 'two', instance: 'c', bad: 0, good: 1_000 },
] as const;
/** The average of their ratios would be a quarter. */
const errors = 5 / 1_010;

export function sumTests(ruled: readonly Ruled[], { job }: Pick<RulesOptions, 'job'>): readonly UnitTest[] {
  if (ruled.length === 0) return [];
  return [
    {
      name: 'counts of all aggregators are added up',
      interval: '1m',
      input_series: ruled.flatMap((one) => inputs(one, job)),
      promql_expr_test: ruled.flatMap(samples),
    },
  ];
}

function inputs({ objective, windows }: Ruled, job: string | null): readonly Series[] {
  return windows.flatMap(({ name }) =>
    counts.flatMap(({ aggregator, instance, ...of }) =>
      Object.entries(of).map(([outcome, count]) => {
        const labels = { objective: objective.id, window: name, outcome, aggregator, instance };
        return inputOf(catalogue.sloWindow, { ...labels, ...(job === null ? {} : { job }) }, { values: [count] });
      }),
    ),
  );
}

function samples({ windows, whole, labels, target, objective }: Ruled): readonly ExprTest[] {
  const sample = (record: string, more: Labels, value: number): ExprTest => ({
    eval_time: '1m',
    expr: seriesOf(record, { sloth_id: labels['sloth_id'] ?? '' }),
    exp_samples: [{ labels: seriesOf(record, { ...labels, ...more }), value }],
  });
  return [
    ...windows.map(({ record }) => sample(records.errors(record), { sloth_window: record }, errors)),
    sample(records.objective, {}, target),
    sample(records.budget, {}, 1 - target),
    sample(records.days, {}, objective.windowMs / 86_400_000),
    sample(records.current, { sloth_window: '5m' }, errors / (1 - target)),
    sample(records.period, { sloth_window: whole.record }, errors / (1 - target)),
    sample(records.remaining, { sloth_window: whole.record }, 1 - errors / (1 - target)),
  ];
}
