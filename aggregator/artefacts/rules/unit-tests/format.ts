/** The format of promtool's unit tests, as far as ours need it. */
import type { MetricEntry } from '../../../../contract/catalogue.ts';

export type Labels = Readonly<Record<string, string>>;
export type Series = { readonly series: string; readonly values: string };
export type Expected = { readonly exp_labels: Labels; readonly exp_annotations: Labels };
export type AlertTest = {
  readonly eval_time: string;
  readonly alertname: string;
  readonly exp_alerts: readonly Expected[];
};
export type ExprTest = {
  readonly eval_time: string;
  readonly expr: string;
  readonly exp_samples: readonly { readonly labels: string; readonly value: number }[];
};
export type UnitTest = {
  readonly name: string;
  readonly interval: '1m';
  readonly input_series: readonly Series[];
  readonly alert_rule_test?: readonly AlertTest[];
  readonly promql_expr_test?: readonly ExprTest[];
};

/** Short, because every test evaluates every rule at each of its minutes. */
const phaseMinutes = 2;

/** Each value for two minutes; then, where it `ends`, nothing. */
export type Phases = { readonly values: readonly number[]; readonly ends?: boolean };

export function inputOf({ name }: Pick<MetricEntry, 'name'>, labels: Labels, phases: Phases): Series {
  const { values, ends = false } = phases;
  const shown = values.map((value) => `${value}+0x${phaseMinutes - 1}`);
  return { series: seriesOf(name, labels), values: [...shown, ...(ends ? ['_x10'] : [])].join(' ') };
}

export function seriesOf(name: string, labels: Labels): string {
  const shown = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${name}{${shown.join(', ')}}`;
}

/** With one digit behind the point, as Go prints it: a tie goes to the even one. */
export function tenths(value: number): string {
  const twenties = value * 20;
  const isTie = Number.isInteger(twenties) && twenties % 2 !== 0;
  if (!isTie) return value.toFixed(1);
  const below = Math.floor(value * 10);
  return ((below % 2 === 0 ? below : below + 1) / 10).toFixed(1);
}
