/** One failure too few, the one that fires, an outage that is over, and silence. Numbers are of one probe a minute. */
import { catalogue } from '../../../../contract/catalogue.ts';
import { promDuration } from '../../../../contract/prometheus.ts';
import { type BurnPair, leastToFire } from '../../../slo/burn.ts';
import type { RulesOptions } from '../../options.ts';
import { burnAlerts, burnLabels, links, runbookPages, whereOf } from '../alerting.ts';
import type { Ruled } from '../objectives.ts';
import { isProven } from '../proof.ts';
import { type Expected, inputOf, type Phases, type Series, tenths, type UnitTest } from './format.ts';

type Options = Pick<RulesOptions, 'service' | 'job' | 'runbooksUrl' | 'aggregatorUrl'>;

/** How many samples of so many fire the pair of that objective. */
type Case = { readonly ruled: Ruled; readonly pair: BurnPair; readonly n: number; readonly least: number };

const minuteMs = 60_000;
const wholeSamples = 43_200;
const otherSamples = 1_000;
/** Beyond it no number of samples is looked for that shows what is to be shown. */
const mostSamples = 1_000_000;

/** One test for each pair, over all objectives: each evaluates every rule there is. */
export function burnTests(ruled: readonly Ruled[], options: Options): readonly UnitTest[] {
  const cases = ruled.flatMap((one) => one.pairs.flatMap((pair) => caseOf(pair, one) ?? []));
  const byPair = [...Map.groupBy(cases, ({ pair }) => pair.longMs).values()];
  return byPair.flatMap((some, index) => {
    const [first] = some;
    if (first === undefined) return [];
    return [firesAndEnds(first.pair, some, options), ...(index === 0 ? [fallsSilent(first.pair, some, options)] : [])];
  });
}

/** A number of samples on which PromQL and the exact test differ is passed over, and so is one that a single failure fires. */
function caseOf(pair: BurnPair, ruled: Ruled): Case | undefined {
  const limit = pair.factor * (1 - ruled.target);
  for (let n = pair.longMs / minuteMs; n <= mostSamples; n = Math.ceil(n * 1.01)) {
    const least = leastToFire(n, pair, ruled.target);
    if (least === null || least < 2) continue;
    if (isProven(least, n, limit) && !isProven(least - 1, n, limit)) return { ruled, pair, n, least };
  }
  return undefined;
}

function firesAndEnds(pair: BurnPair, cases: readonly Case[], options: Options): UnitTest {
  const alertname = burnAlerts[pair.severity];
  const other = pair.severity === 'page' ? burnAlerts.ticket : burnAlerts.page;
  const expected = cases.map((one) => expectedOf(one, options));
  const short = promDuration(pair.shortMs);
  return {
    name: `over ${promDuration(pair.longMs)} one failure too few is quiet, one more fires, and ${short} of good ones end it`,
    interval: '1m',
    input_series: cases.flatMap((one) => {
      const failing = Math.min(one.least, shortSamples(one));
      return inputs(one, options, {
        long: { values: [one.least - 1, one.least, one.least] },
        short: { values: [failing, failing, 0] },
      });
    }),
    alert_rule_test: [
      { eval_time: '1m', alertname, exp_alerts: [] },
      { eval_time: '2m', alertname, exp_alerts: expected },
      { eval_time: '2m', alertname: other, exp_alerts: [] },
      { eval_time: '3m', alertname, exp_alerts: expected },
      { eval_time: '4m', alertname, exp_alerts: [] },
    ],
  };
}

/** An aggregator that is restarted takes no alert back; one that stays away does. */
function fallsSilent(pair: BurnPair, cases: readonly Case[], options: Options): UnitTest {
  const alertname = burnAlerts[pair.severity];
  return {
    name: 'an alert fires on for four minutes of silence',
    interval: '1m',
    input_series: cases.flatMap((one) => {
      const long = { values: [one.least], ends: true };
      return inputs(one, options, { long, short: { values: [Math.min(one.least, shortSamples(one))], ends: true } });
    }),
    alert_rule_test: [
      { eval_time: '4m', alertname, exp_alerts: cases.map((one) => expectedOf(one, options)) },
      { eval_time: '6m', alertname, exp_alerts: [] },
    ],
  };
}

function shortSamples({ n }: Case): number {
  return Math.ceil(n / 12);
}

/** Bad results of the pair's windows; in the others nothing failed, but of the whole one a quarter of the budget is gone. */
function inputs(
  found: Case,
  { job }: Options,
  bad: { readonly long: Phases; readonly short: Phases },
): readonly Series[] {
  const { ruled, pair, n } = found;
  const { values, ends = false } = bad.long;
  const still = (count: number): Phases => ({ values: values.map(() => count), ends });
  return ruled.windows.flatMap(({ name, record }) => {
    const [failed, all] =
      record === promDuration(pair.longMs)
        ? [bad.long, n]
        : record === promDuration(pair.shortMs)
          ? [bad.short, shortSamples(found)]
          : name === ruled.whole.name
            ? [still(quarterSpent(ruled)), wholeSamples]
            : [still(0), otherSamples];
    const of = (outcome: string, phases: Phases): Series => {
      const labels = { objective: ruled.objective.id, window: name, outcome, ...(job === null ? {} : { job }) };
      return inputOf(catalogue.sloWindow, labels, phases);
    };
    return [
      of('good', { ...failed, values: failed.values.map((count) => all - count) }),
      of('bad', failed),
      of('unsure', still(0)),
    ];
  });
}

function quarterSpent({ target }: Ruled): number {
  return Math.max(1, Math.round((wholeSamples * (1 - target)) / 4));
}

function expectedOf({ ruled, pair, n, least }: Case, options: Options): Expected {
  const { objective, target, whole } = ruled;
  const allowed = 1 - target;
  const spent = quarterSpent(ruled) / wholeSamples;
  return {
    exp_labels: burnLabels(ruled, pair.severity, options.service),
    exp_annotations: {
      title: `(${pair.severity}) ${options.service} ${objective.id}`,
      summary: `The error budget of objective ${objective.id} burns too fast.`,
      description:
        `${whereOf(ruled)}: ${tenths(least / n / allowed)} times as fast as would just spend it; ` +
        `by what ${whole.record} has measured, ${tenths(100 * (1 - spent / allowed))} % of it is left.`,
      ...links(options, runbookPages.burn, objective.id),
    },
  };
}
