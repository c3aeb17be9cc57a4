/** Indicators as queries over our own metrics, for programs that know nothing else of us. */
import { catalogue } from '../../contract/catalogue.ts';
import type { JsonObject } from '../../contract/json.ts';
import type { Indicator, Objective } from '../../contract/objective.ts';
import { durationText, percentileText } from '../imports/text.ts';

export type Measured = {
  readonly ratioMetric: JsonObject;
  /** What the queries leave unsaid, in our words. */
  readonly marks: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
};

export type MeasureOptions = {
  /** Name of the DataSource. */
  readonly source: string;
  /** Upper bounds in seconds of the classic buckets of durations. */
  readonly bounds: readonly number[];
};

export function measured(objective: Objective, options: MeasureOptions): Measured {
  const { indicator } = objective;
  switch (indicator.kind) {
    case 'availability':
      return counted(objective, options, catalogue.probeResults.name);
    case 'residency':
      return counted(objective, options, catalogue.residencyResults.name);
    case 'latency-under':
      return timed(objective, options, indicator.limitMs);
    case 'latency':
    case 'replication-lag':
      return timed(objective, options, indicator.targetMs);
    case 'freshness':
    case 'failover':
      return judged(objective, options);
  }
}

/** The share that has to be good: of a quantile, the quantile itself. */
export function shareOf(indicator: Indicator): number {
  return 'quantile' in indicator ? indicator.quantile : indicator.target;
}

function counted(objective: Objective, options: MeasureOptions, metric: string): Measured {
  const good = sum(metric, [...whose(objective), 'outcome="good"']);
  return { ratioMetric: ratio(good, resultsOf(objective, metric), options), marks: {}, notes: [] };
}

/** p95 of at most 250 ms is the same as 95 % within 250 ms. */
function timed(objective: Objective, options: MeasureOptions, limitMs: number): Measured {
  const { indicator } = objective;
  const name = catalogue.probeDuration.name;
  const bound = options.bounds.find((seconds) => seconds * 1_000 >= limitMs);
  const isExact = bound !== undefined && bound * 1_000 === limitMs;
  const good = sum(`${name}_bucket`, [...whose(objective), bound === undefined ? 'le="+Inf"' : boundMatcher(bound)]);
  const total =
    'quantile' in indicator
      ? sum(`${name}_count`, whose(objective))
      : resultsOf(objective, catalogue.probeResults.name);
  const to = bound === undefined ? 'however long they took' : `up to ${durationText(bound * 1_000)}`;
  const lag = indicator.kind === 'replication-lag';
  return {
    ratioMetric: ratio(good, total, options),
    marks: {
      ...(bound === undefined && { ...whoseMarks(objective), from: objective.from }),
      ...(isExact && !lag ? {} : { indicator: indicatorText(indicator) }),
      ...(isExact ? {} : targetMark(indicator)),
    },
    notes: isExact ? [] : [`no bucket ends at ${durationText(limitMs)}: other programs take results ${to} for good`],
  };
}

function targetMark(indicator: Indicator): Readonly<Record<string, string>> {
  return 'targetMs' in indicator ? { target: durationText(indicator.targetMs) } : {};
}

/** No counter has these: other programs read the share that we measured. */
function judged(objective: Objective, options: MeasureOptions): Measured {
  const { id, indicator } = objective;
  const query = `max(${catalogue.sloRatio.name}{objective=${JSON.stringify(id)},bound="measured"})`;
  return {
    ratioMetric: { raw: metric(query, options), rawType: 'success' },
    marks: { ...whoseMarks(objective), indicator: indicatorText(indicator) },
    notes: [`no counter has ${indicator.kind}: other programs read the share that was measured over the window`],
  };
}

function indicatorText(indicator: Indicator): string {
  switch (indicator.kind) {
    case 'availability':
    case 'residency':
      return indicator.kind;
    case 'latency':
    case 'replication-lag':
      return `{ ${indicator.kind}: ${percentileText(indicator.quantile)} }`;
    case 'latency-under':
    case 'freshness':
      return `{ ${indicator.kind}: ${durationText(indicator.limitMs)} }`;
    case 'failover':
      return `{ failover-within: ${durationText(indicator.limitMs)} }`;
  }
}

function whoseMarks({ check, region }: Objective): Readonly<Record<string, string>> {
  return { check, ...(region === null ? {} : { region }) };
}

function whose({ check, region }: Objective): readonly string[] {
  return [`check=${JSON.stringify(check)}`, ...(region === null ? [] : [`region=${JSON.stringify(region)}`])];
}

function resultsOf(objective: Objective, metric: string): string {
  return sum(metric, [...whose(objective), 'outcome=~"good|bad"']);
}

/** Prometheus 3 writes the bound 1 as 1.0, others do not. */
function boundMatcher(seconds: number): string {
  return Number.isInteger(seconds) ? `le=~"${seconds}(\\\\.0)?"` : `le="${seconds}"`;
}

function sum(name: string, matchers: readonly string[]): string {
  return `sum(${name}{${matchers.join(',')}})`;
}

function ratio(good: string, total: string, options: MeasureOptions): JsonObject {
  return { counter: true, good: metric(good, options), total: metric(total, options) };
}

function metric(query: string, { source }: MeasureOptions): JsonObject {
  return { metricSource: { metricSourceRef: source, type: 'Prometheus', spec: { query } } };
}
