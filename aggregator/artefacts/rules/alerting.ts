/** Alerts, of the same names and labels as the aggregator's own. */
import { aliasMetrics, catalogue } from '../../../contract/catalogue.ts';
import { promDuration } from '../../../contract/prometheus.ts';
import type { AlertRule } from '../../alerts/alert.ts';
import { alertRules } from '../../alerts/rules.ts';
import type { BurnPair, Severity } from '../../slo/burn.ts';
import { among, isNot } from '../dashboards/promql.ts';
import type { RulesOptions } from '../options.ts';
import type { Ruled } from './objectives.ts';
import { type Asks, type Group, type Rule, recorded, records } from './queries.ts';

export const runbookPages = {
  burn: 'budget-burn.md',
  region: 'region-down.md',
  missing: 'verdicts-missing.md',
  nobody: 'nobody-probes.md',
} as const;

type Options = Pick<RulesOptions, 'service' | 'prefix' | 'regions' | 'objectives' | 'runbooksUrl' | 'aggregatorUrl'>;

/** What the aggregator itself says of an alert. */
function ownRule(name: string): AlertRule {
  const rule = alertRules.find((one) => one.name === name);
  if (rule === undefined) throw new Error(`there is no alert ${name}`);
  return rule;
}

/** Where an alert leads: the page that says what to do, and the page of the aggregator that its own alert leads to. */
export function links(
  { runbooksUrl, aggregatorUrl = null }: Pick<RulesOptions, 'runbooksUrl' | 'aggregatorUrl'>,
  page: string,
  objectiveId?: string,
): Readonly<Record<string, string>> {
  const base = (url: string): string => url.replace(/\/+$/, '');
  const own = objectiveId === undefined ? '/' : `/api/v1/verdicts/${encodeURIComponent(objectiveId)}`;
  return {
    ...(runbooksUrl === null ? { runbook: `docs/runbooks/${page}` } : { runbook_url: `${base(runbooksUrl)}/${page}` }),
    ...(aggregatorUrl === null ? {} : { aggregator_url: `${base(aggregatorUrl)}${own}` }),
  };
}

export const burnAlerts: Readonly<Record<Severity, string>> = {
  page: 'BlackstartBudgetBurnsFast',
  ticket: 'BlackstartBudgetBurnsSlowly',
};

/** `undefined` where no pair can fire. */
export function burnGroup(ruled: Ruled, options: Options): Group | undefined {
  const rules = (['page', 'ticket'] as const).flatMap((severity) => burnRule(ruled, severity, options) ?? []);
  return rules.length === 0 ? undefined : { name: `sloth-slo-alerts-${ruled.labels['sloth_id']}`, rules };
}

function burnRule(ruled: Ruled, severity: Severity, options: Options): Rule | undefined {
  const pairs = ruled.pairs.filter((pair) => pair.severity === severity);
  if (pairs.length === 0) return undefined;
  const { id } = ruled.objective;
  const alert = burnAlerts[severity];
  const remaining = recorded(records.remaining, ruled);
  return {
    alert,
    expr: pairs.map((pair) => pairExpr(pair, ruled)).join('\nor\n'),
    labels: burnLabels(ruled, severity, options.service),
    annotations: {
      title: `(${severity}) ${options.service} ${id}`,
      summary: `The error budget of objective ${id} burns too fast.`,
      description:
        `${whereOf(ruled)}: {{ $value | printf "%.1f" }} times as fast as would just spend it; ` +
        // Not of the whole window: the record does not know how much of it is still to come.
        `by what ${ruled.whole.record} has measured, ` +
        `{{ with query ${JSON.stringify(`100 * ${remaining}`)} }}{{ . | first | value | printf "%.1f" }}{{ end }} % of it is left.`,
      ...links(options, runbookPages.burn, id),
    },
  };
}

export function whereOf({ objective: { check, region } }: Ruled): string {
  return `Check ${check}${region === null ? '' : `, region ${region}`}`;
}

export function burnLabels(ruled: Ruled, severity: Severity, scenario: string): Readonly<Record<string, string>> {
  const { id, check, region } = ruled.objective;
  return {
    ...{ severity: ownRule(burnAlerts[severity]).severity, scenario, objective: id, check },
    ...(region === null ? {} : { region }),
    ...{ ...ruled.labels, sloth_severity: severity },
  };
}

/** Its value is how many times faster than just spends the budget, over the long window. */
function pairExpr({ longMs, shortMs, factor }: BurnPair, ruled: Ruled): string {
  const allowed = String(1 - ruled.target);
  const [long, short] = [promDuration(longMs), promDuration(shortMs)];
  const burn = (window: string): string => `${recorded(records.errors(window), ruled)} / ${allowed}`;
  return [
    '(',
    `  max without (sloth_window) (${burn(long)})`,
    `  and max without (sloth_window) (${burn(short)} >= ${factor})`,
    `  and max without (sloth_window) (${recorded(records.proof(long), ruled)} == 1)`,
    ')',
  ].join('\n');
}

export function fleetGroup(options: Options, asks: Asks): Group {
  const { service, regions } = options;
  const down = ownRule('BlackstartRegionDown');
  const health = asks.of(aliasMetrics(options.prefix).health, { region: among(regions) });
  const rules: readonly Rule[] = [
    {
      alert: down.name,
      expr: `max by (region) (${health}) == 0`,
      for: promDuration(down.forMs),
      labels: { severity: down.severity, scenario: service },
      annotations: {
        summary: 'Region {{ $labels.region }} does not answer as expected.',
        description: 'So say its own vantage, or most of the others where it has none.',
        ...links(options, runbookPages.region),
      },
    },
    nobodyProbes(options, asks),
    ...(options.objectives.length === 0 ? [] : [verdictsMissing(options, asks)]),
  ];
  return { name: `blackstart-fleet-${service}`, rules };
}

/**
 * An aggregator lives, and no agent is connected to it: what it says of now is made of nothing. An aggregator that is away
 * itself has an alert on its verdicts; where there is nothing to judge it is told by this one, as nothing else would tell.
 */
function nobodyProbes(options: Options, asks: Asks): Rule {
  const { service, objectives } = options;
  // Agents give a metric of that name too, each of itself: the aggregator's word is the one that says who.
  const agents = asks.of(catalogue.agentConnected, { agent: isNot('') });
  const lives = objectives.length === 0 ? '' : ` and on () ${judged(options, asks)}`;
  return {
    alert: 'BlackstartNobodyProbes',
    expr: [`max(${agents}) == 0`, `or\nmax(absent_over_time(${agents}[5m]))${lives}`].join('\n'),
    // Agents come back within seconds of a restart, their own or the aggregator's.
    for: '2m',
    labels: { severity: 'critical', scenario: service },
    annotations: {
      summary: `No agent probes ${service}.`,
      description:
        'None has been connected to any aggregator for two minutes: an outage now would be seen by nobody, and no alert on a budget or a region can be trusted to fire.',
      ...links(options, runbookPages.nobody),
    },
  };
}

/** As many as there are objectives on which there was a verdict lately. */
function judged({ objectives }: Options, asks: Asks): string {
  const status = asks.of(catalogue.sloStatus, { objective: among(objectives.map(({ id }) => id)) });
  return `count(count by (objective) (last_over_time(${status}[5m])))`;
}

function verdictsMissing(options: Options, asks: Asks): Rule {
  const { service, objectives } = options;
  return {
    alert: 'BlackstartVerdictsMissing',
    expr: `${objectives.length} - (${judged(options, asks)} or vector(0)) > 0`,
    // A Prometheus that has just started has read nothing yet.
    for: '2m',
    labels: { severity: 'critical', scenario: service },
    annotations: {
      summary: `Objectives of ${service} are judged by nobody.`,
      description:
        `For five minutes Prometheus has had no verdict from any aggregator on {{ $value }} of ${objectives.length}: ` +
        'no alert on their budgets can fire.',
      ...links(options, runbookPages.missing),
    },
  };
}
