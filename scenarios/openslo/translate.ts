/** SLOs of OpenSLO v1 as objectives on their way. */
import { joined, marksIn } from '../imports/marks.ts';
import { fixed } from '../imports/places.ts';
import { durationText } from '../imports/text.ts';
import type { NotRead, Translated, Written } from '../imports/translated.ts';
import type { At } from '../parse/reader.ts';
import { type RatioQueries, type Recognised, recognised } from '../promql/indicator.ts';
import { NotUnderstood } from '../promql/words.ts';
import type { OpenDocument } from './documents.ts';
import { metricsOf, type Sli } from './sli.ts';
import type { OpenObjective, Slo } from './slo.ts';
import { shorthandMs } from './values.ts';
import { windowKeys } from './window.ts';

export const annotationPrefix = 'blackstart.dev/';

/** Says of a place what was read and is not taken over. */
export type Say = (at: At, text: string) => void;
type SloDocument = Extract<OpenDocument, { kind: 'SLO' }>;
type Measured = { readonly sli: Sli; readonly marks: Written };

/** One for each objective; none where what it measures is not there, which has been noted. */
export function translateOpenSlo(document: SloDocument, all: readonly OpenDocument[], say: Say): readonly Translated[] {
  const { slo, at, name } = document;
  const measured = measuredBy(document, all);
  if (measured === undefined) return [];
  const isThreshold = measured.sli.kind === 'threshold';
  if (isThreshold && slo.objectives.length > 1) {
    at.in('spec')
      .in('objectives')
      .in(1)
      .note('a second objective', 'one: a thresholdMetric has one value to be compared with');
    return [];
  }
  sayLeftOut(slo, at.in('spec'), say);
  const own = marksIn(document.annotations, annotationPrefix, at.in('metadata').in('annotations'));
  const marks = joined(measured.marks, own);
  return slo.objectives.flatMap((objective, index) => {
    const threshold = isThreshold ? limitOf(objective, say) : null;
    if (threshold === undefined) return [];
    if (!isThreshold) sayUnused(objective, say);
    return {
      name,
      index: slo.objectives.length > 1 ? index : null,
      home: at.in('metadata').in('name'),
      share: objective.share,
      shareAt: objective.shareAt,
      time: timeOf(slo, objective, at.in('spec')),
      ...queriesOf(measured.sli),
      limitMs: threshold,
      marks,
      markedBy: `the annotation ${annotationPrefix}`,
    };
  });
}

function measuredBy({ slo, at }: SloDocument, all: readonly OpenDocument[]): Measured | undefined {
  const { indicator, indicatorRef } = slo;
  if (indicator !== null) {
    const { annotations } = indicator.metadata;
    const place = at.in('spec').in('indicator').in('metadata').in('annotations');
    return { sli: indicator.spec, marks: marksIn(annotations, annotationPrefix, place) };
  }
  const found = all.find((other) => other.kind === 'SLI' && other.name === indicatorRef);
  if (found?.kind !== 'SLI') return undefined;
  return {
    sli: found.sli,
    marks: marksIn(found.annotations, annotationPrefix, found.at.in('metadata').in('annotations')),
  };
}

function queriesOf(sli: Sli): { readonly queries: Recognised | NotRead; readonly queriesAt: At } {
  const [first] = metricsOf(sli);
  const texts = metricsOf(sli).map(({ query }) => query);
  const got = texts.map((query) => JSON.stringify(query ?? 'no query')).join(' of ');
  const queriesAt = (first as NonNullable<typeof first>).queryAt;
  if (texts.includes(null)) return { queries: { got, why: 'its source has no query' }, queriesAt };
  if (sli.kind === 'threshold') {
    const why = got.includes('histogram_quantile')
      ? quantileOfMoments
      : 'a value that is compared at each moment is no result';
    return { queries: { got, why }, queriesAt };
  }
  try {
    return { queries: recognised(ratioOf(sli)), queriesAt };
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    return { queries: { got, why: error.message }, queriesAt };
  }
}

const quantileOfMoments =
  'a quantile of each moment is none of the window: p95 within 250ms is good …_bucket{le="0.25"}, total …_count, target 0.95';

function ratioOf(sli: Exclude<Sli, { kind: 'threshold' }>): RatioQueries {
  if ('raw' in sli) return { share: sli.raw.query ?? '', of: sli.kind === 'success' ? 'good' : 'bad' };
  const [part, total] = [sli.part.query ?? '', sli.total.query ?? ''];
  return sli.kind === 'good' ? { good: part, total } : { bad: part, total };
}

/** A threshold that values have to stay under, for a latency in seconds; `undefined`: noted. */
function limitOf({ at, op, value }: OpenObjective, say: Say): number | undefined {
  if (op === null) return at.in('op').note('nothing', 'lte or lt, with a thresholdMetric');
  if (value === null) return at.in('value').note('nothing', 'a number, with a thresholdMetric');
  if (op === 'gt' || op === 'gte') return at.in('op').note(op, 'lte or lt: what has to be large is no latency');
  if (value <= 0) return at.in('value').note(`${value}`, 'a number over 0: seconds');
  if (op === 'lt') say(at.in('op'), 'lt is taken for lte: a limit is good itself');
  return Number((value * 1_000).toPrecision(12));
}

function timeOf(slo: Slo, { at, timeSliceTarget, timeSliceWindow }: OpenObjective, spec: At): Written {
  const window = slo.timeWindow?.[0];
  const windowAt = spec.in('timeWindow').in(0);
  const places = {
    window: fixed(windowAt.in('duration')),
    calendar: fixed(windowAt.in('calendar')),
    budget: fixed(at.in('timeSliceWindow')),
  };
  const isSliced = slo.budgetingMethod === 'Timeslices' && timeSliceTarget !== null && timeSliceWindow !== null;
  const budget = isSliced ? { slices: durationText(shorthandMs(timeSliceWindow)), good: timeSliceTarget } : undefined;
  return {
    values: { ...(window === undefined ? {} : windowKeys(window)), ...(budget && { budget }) },
    places: window === undefined ? { ...places, window: fixed(spec.in('timeWindow')) } : places,
  };
}

function sayUnused({ at, op, value }: OpenObjective, say: Say): void {
  if (op !== null) say(at.in('op'), 'op is not used: a share is only compared with its target');
  if (value !== null) say(at.in('value'), 'value is not used: a share is only compared with its target');
}

const hourMs = 3_600_000;

function sayLeftOut(slo: Slo, at: At, say: Say): void {
  const window = slo.timeWindow?.[0];
  if (window !== undefined && 'rolling' in window) {
    const { unit } = window.rolling;
    const place = at.in('timeWindow').in(0).in('duration');
    const ms = shorthandMs(window.rolling);
    if (/[MQY]/.test(unit)) say(place, `it rolls, so it is taken for ${durationText(ms)}`);
    if (ms < hourMs) say(place, `it is ${ms / 60_000} minutes: a month is 1M`);
  }
  if (slo.budgetingMethod === 'Occurrences') {
    for (const { at: place, timeSliceTarget, timeSliceWindow } of slo.objectives) {
      if (timeSliceTarget !== null) say(place.in('timeSliceTarget'), 'timeSliceTarget is not used with Occurrences');
      if (timeSliceWindow !== null) say(place.in('timeSliceWindow'), 'timeSliceWindow is not used with Occurrences');
    }
  }
  if (slo.alertPolicies.length > 0)
    say(at.in('alertPolicies'), 'alert policies are not taken over: burn rates of ours alert');
  for (const place of slo.alertPolicies.flatMap(({ odd }) => odd)) say(place, oddCondition);
}

export const oddCondition = 'this condition holds while the service is well, and not while its budget burns';
