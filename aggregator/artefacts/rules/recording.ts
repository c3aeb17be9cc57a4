/**
 * The records of an objective, under Sloth's names: what others have made for Sloth reads them too. Each ratio is one
 * sum over another, of the whole window; none is made of ratios.
 */
import { promDuration } from '../../../contract/prometheus.ts';
import { is } from '../dashboards/promql.ts';
import type { Ruled } from './objectives.ts';
import { proofExpr } from './proof.ts';
import { type Asks, counted, type Group, type Rule, recorded, records } from './queries.ts';

const dayMs = 86_400_000;

export function sliRecords(ruled: Ruled, asks: Asks): Group {
  const { windows, pairs, target } = ruled;
  const sums = windows.flatMap(({ name, record }): readonly Rule[] => {
    const labels = { ...ruled.labels, sloth_window: record };
    const [bad, all] = [records.bad(record), records.all(record)];
    return [
      { record: bad, expr: counted(asks, ruled, name, { outcome: is('bad') }), labels },
      { record: all, expr: counted(asks, ruled, name, {}), labels },
      {
        record: records.errors(record),
        expr: `${recorded(bad, ruled)} / (${recorded(all, ruled)} > 0)`,
        labels,
      },
    ];
  });
  const proofs = pairs.map(({ longMs, factor }): Rule => {
    const window = promDuration(longMs);
    const [bad, all] = [recorded(records.bad(window), ruled), recorded(records.all(window), ruled)];
    const labels = { ...ruled.labels, sloth_window: window };
    return { record: records.proof(window), expr: proofExpr(bad, all, factor * (1 - target)), labels };
  });
  return { name: `sloth-slo-sli-recordings-${ruled.labels['sloth_id']}`, rules: [...sums, ...proofs] };
}

export function metaRecords(ruled: Ruled, version: string): Group {
  const { target, objective, labels, whole } = ruled;
  const rule = (record: string, expr: string, more: Readonly<Record<string, string>> = {}): Rule => ({
    ...{ record, expr, labels: { ...labels, ...more } },
  });
  const perBudget = (errors: string): string =>
    `${recorded(errors, ruled)}\n/ on (sloth_id, sloth_slo, sloth_service) group_left ()\n${recorded(records.budget, ruled)}`;
  return {
    name: `sloth-slo-meta-recordings-${labels['sloth_id']}`,
    rules: [
      rule(records.objective, `vector(${target})`),
      rule(records.budget, `vector(1 - ${target})`),
      rule(records.days, `vector(${objective.windowMs / dayMs})`),
      rule(records.current, perBudget(records.errors('5m'))),
      rule(records.period, perBudget(records.errors(whole.record))),
      rule(records.remaining, `1 - ${recorded(records.period, ruled)}`),
      rule(records.info, 'vector(1)', {
        sloth_version: version,
        sloth_mode: 'blackstart',
        sloth_spec: 'blackstart',
        sloth_objective: String(Number((target * 100).toFixed(10))),
      }),
    ],
  };
}
