/** What an SLI measures: one value against a threshold, or a share of one count in another. */
import { isObject } from '../../contract/json.ts';
import { type At, list, object, optional, type Read, required, shown } from '../parse/reader.ts';
import { oneOf } from '../parse/values.ts';
import { anyText, anything, description, flag, metadata, openName } from './values.ts';

export type Metric = {
  /** The name of a DataSource. */
  readonly source: string | null;
  readonly sourceAt: At;
  /** Of its `spec`, where that has one. */
  readonly query: string | null;
  readonly queryAt: At;
};
export type Sli =
  | { readonly kind: 'threshold'; readonly metric: Metric }
  | { readonly kind: 'good' | 'bad'; readonly part: Metric; readonly total: Metric }
  | { readonly kind: 'success' | 'failure'; readonly raw: Metric };

const source = object({
  metricSourceRef: optional(openName, null),
  type: optional(anyText, null),
  spec: required(anything),
});

const metric: Read<Metric> = (value, at) => {
  const found = object({ metricSource: required(source) })(value, at);
  if (found === undefined) return undefined;
  const { metricSourceRef, type, spec } = found.metricSource;
  const inner = at.in('metricSource');
  if (!isObject(spec) || Object.keys(spec).length === 0) {
    return inner.in('spec').note(shown(spec), 'a mapping with what the source is asked, such as query');
  }
  if (metricSourceRef === null && type === null) {
    return inner.in('type').note('nothing', 'a type, such as Prometheus, or metricSourceRef');
  }
  const query = typeof spec['query'] === 'string' ? spec['query'] : null;
  const queryAt = inner.in('spec').in('query');
  return { source: metricSourceRef, sourceAt: inner.in('metricSourceRef'), query, queryAt };
};

const ratioShape = object({
  counter: optional(flag, null),
  good: optional(metric, null),
  bad: optional(metric, null),
  total: optional(metric, null),
  rawType: optional(oneOf(['success', 'failure']), null),
  raw: optional(metric, null),
});

const ratio: Read<Sli> = (value, at) => {
  const found = ratioShape(value, at);
  if (found === undefined) return undefined;
  const { good, bad, total, raw, rawType } = found;
  if (raw !== null) {
    if (good !== null || bad !== null || total !== null)
      return at.in('raw').note('raw beside good, bad or total', 'one of the two');
    return rawType === null ? at.in('rawType').note('nothing', 'success or failure, with raw') : { kind: rawType, raw };
  }
  if (rawType !== null) return at.in('rawType').note(shown(rawType), 'nothing: it belongs to raw');
  if (good !== null && bad !== null) return at.in('bad').note('good and bad', 'one of the two, with total');
  const part = good ?? bad;
  if (total === null) return at.in('total').note('nothing', 'total with good or bad, or raw');
  if (part === null) return at.in('good').note('nothing', 'good or bad, with total');
  return { kind: good === null ? 'bad' : 'good', part, total };
};

export const sliSpec: Read<Sli> = (value, at) => {
  const found = object({
    description: optional(description, null),
    thresholdMetric: optional(metric, null),
    ratioMetric: optional(ratio, null),
  })(value, at);
  if (found === undefined) return undefined;
  const { thresholdMetric, ratioMetric } = found;
  if (thresholdMetric !== null && ratioMetric !== null) {
    return at.in('thresholdMetric').note('thresholdMetric and ratioMetric', 'one of the two');
  }
  if (thresholdMetric !== null) return { kind: 'threshold', metric: thresholdMetric };
  return ratioMetric ?? at.note('neither thresholdMetric nor ratioMetric', 'one of the two');
};

export const inlineSli = object({ metadata: required(metadata), spec: required(sliSpec) });

export function metricsOf(sli: Sli): readonly Metric[] {
  if ('metric' in sli) return [sli.metric];
  return 'raw' in sli ? [sli.raw] : [sli.part, sli.total];
}

export const listOfOne =
  <T>(read: Read<T>, what: string): Read<readonly T[]> =>
  (value, at) =>
    Array.isArray(value) && value.length > 1
      ? at.in(1).note(`${value.length} of them`, what)
      : list(read, 1)(value, at);
