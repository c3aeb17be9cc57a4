/** Our own metrics as rules ask for them, and the records that rules make of them. */
import { catalogue, type MetricEntry } from '../../../contract/catalogue.ts';
import { is, select, type Wants } from '../dashboards/promql.ts';
import type { Ruled } from './objectives.ts';

/** Told every minute, an alert of the aggregator's own ends four minutes after it fell silent: so do those made from these. */
const heldFor = '4m';

export type Asks = {
  /** A metric of ours, of that job. */
  of(entry: MetricEntry, wants?: Wants): string;
};

export function asking(job: string | null): Asks {
  return {
    of(entry, wants = {}) {
      const text = select(entry, wants);
      if (job === null) return text;
      return text.endsWith('}') ? text.replace(/\}$/, `,job${is(job)}}`) : `${text}{job${is(job)}}`;
    },
  };
}

/**
 * Results in a window, as the aggregator has counted them: several aggregators have each a share. The newest word
 * stands in for one that is just being restarted, and the same one read twice counts once.
 */
export function counted(asks: Asks, { objective }: Ruled, window: string, outcome: Wants): string {
  const series = asks.of(catalogue.sloWindow, { objective: is(objective.id), window: is(window), ...outcome });
  return `sum(max by (aggregator, outcome) (last_over_time(${series}[${heldFor}])))`;
}

export const records = {
  bad: (window: string) => `blackstart:slo_bad:sum${window}`,
  all: (window: string) => `blackstart:slo_all:sum${window}`,
  /** Whether its bad results prove the pair of this long window. */
  proof: (window: string) => `blackstart:slo_proof:bool${window}`,
  errors: (window: string) => `slo:sli_error:ratio_rate${window}`,
  objective: 'slo:objective:ratio',
  budget: 'slo:error_budget:ratio',
  days: 'slo:time_period:days',
  current: 'slo:current_burn_rate:ratio',
  period: 'slo:period_burn_rate:ratio',
  remaining: 'slo:period_error_budget_remaining:ratio',
  info: 'sloth_slo_info',
} as const;

/** The record of that objective: its id is enough to tell it. */
export function recorded(name: string, { labels: { sloth_id: id = '' } }: Ruled): string {
  return `${name}{sloth_id${is(id)}}`;
}

export type Rule =
  | { readonly record: string; readonly expr: string; readonly labels: Readonly<Record<string, string>> }
  | {
      readonly alert: string;
      readonly expr: string;
      readonly for?: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    };
export type Group = { readonly name: string; readonly rules: readonly Rule[] };
