/**
 * Budgets that burn too fast, over the workbook's pairs. Names, labels and what fires are those of the rules that
 * `generate rules` writes for Prometheus, so that an Alertmanager told by both shows one alert.
 */
import { promDuration } from '../../contract/prometheus.ts';
import type { Severity as BurnSeverity } from '../slo/burn.ts';
import type { Burns } from '../slo/burns.ts';
import type { AlertRule, Found, Severity } from './alert.ts';

/** One for all pairs of a severity: when the first of them fires it begins, when none does any more it ends. */
export function burning(name: string, severity: Severity, of: BurnSeverity): AlertRule {
  return {
    name,
    severity,
    forMs: 0,
    keepMs: 0,
    find: ({ burns, scenario }) =>
      burns.flatMap((one) => {
        const firing = one.pairs.find(({ pair, state }) => pair.severity === of && state === 'firing');
        return firing === undefined ? [] : [foundOf(one, { scenario, severity: of, burn: firing.long.burn ?? 0 })];
      }),
  };
}

type Fast = { readonly scenario: string; readonly severity: BurnSeverity; readonly burn: number };

function foundOf(burns: Burns, { scenario, severity, burn }: Fast): Found {
  const { id, check, region, windowMs } = burns.objective;
  const where = `Check ${check}${region === null ? '' : `, region ${region}`}`;
  return {
    labels: {
      ...{ objective: id, check, region: region ?? '' },
      ...slothLabels(scenario, id),
      sloth_severity: severity,
    },
    summary: `The error budget of objective ${id} burns too fast.`,
    description: `${where}: ${burn.toFixed(1)} times as fast as would just spend it; ${(100 * burns.left).toFixed(1)} % of that of ${promDuration(windowMs)} is left.`,
    path: `/api/v1/verdicts/${encodeURIComponent(id)}`,
  };
}

/** By which Sloth tells objectives apart. */
export function slothLabels(service: string, objective: string): Readonly<Record<string, string>> {
  return { sloth_id: `${service}-${objective}`, sloth_service: service, sloth_slo: objective };
}
