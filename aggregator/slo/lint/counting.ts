/** What of an objective is defined in a way that one may not expect: buckets, clocks, exclusions, bursts, slices. */
import type { Exclusion, Objective } from '../../../contract/objective.ts';
import { periodAt } from '../../../contract/slo/calendar.ts';
import { sliceWidthMs } from '../../../contract/slo/spans.ts';
import { bucketIndex, upperBound } from '../../slices/histogram.ts';
import { tierKeptMs } from '../../slices/tiers.ts';
import { type Finding, finding } from './finding.ts';
import { manyOf, type Steps } from './steps.ts';
import { asWritten, inWords, percent } from './words.ts';

const dayMs = 86_400_000;

export function countingFindings(objective: Objective, steps: Steps, nowMs: number): readonly Finding[] {
  return [
    ...onLimit(objective),
    ...onSlices(objective, steps),
    ...onFreshness(objective, steps),
    ...onMissing(objective, steps),
    ...onBursts(objective),
    ...onCalendar(objective, nowMs),
    ...onExclusions(objective, nowMs),
  ];
}

/** A limit between two buckets is one that older slices cannot tell. */
function onLimit({ indicator, windowMs }: Objective): readonly Finding[] {
  const isQuantile = indicator.kind === 'latency' || indicator.kind === 'replication-lag';
  if (!isQuantile && indicator.kind !== 'latency-under') return [];
  if (windowMs <= tierKeptMs[0]) return [];
  const limitMs = isQuantile ? indicator.targetMs : indicator.limitMs;
  const index = bucketIndex(limitMs / 1_000);
  const [belowMs, aboveMs] = [upperBound(index - 1) * 1_000, upperBound(index) * 1_000];
  if (aboveMs === limitMs) return [];
  const [below, above] = [belowMs, aboveMs].map((ms) => asLimit(ms));
  const says = `${asWritten(limitMs)} lies between the bounds of a bucket, ${below} and ${above}: of results older than two hours that took so long nobody knows on which side they were, and the interval allows for both`;
  const remedy = `${isQuantile ? 'target' : 'latency-under'}: ${nearestBound(limitMs)}, the bound of a bucket`;
  return [finding('note', 'limit', says, remedy)];
}

/** Bounds that can be written down: powers of two of a second, in milliseconds. */
function nearestBound(limitMs: number): string {
  const octave = Math.max(-3, Math.round(Math.log2(limitMs / 1_000)));
  return asWritten(2 ** octave * 1_000);
}

function asLimit(ms: number): string {
  return `${Number(ms.toPrecision(4))}ms`;
}

function onSlices({ timeSlices }: Objective, { everyMs, perRound }: Steps): readonly Finding[] {
  if (timeSlices === undefined) return [];
  const { sliceMs, target } = timeSlices;
  if (everyMs > sliceMs) {
    const says = `only every ${inWords(everyMs).replace(/^an? /, '')} a slice of ${inWords(sliceMs)} has a result: the others do not count`;
    return [
      finding('note', 'slices', says, `slices: ${asWritten(sliceFor(everyMs))}, or every: ${asWritten(sliceMs)}`),
    ];
  }
  const results = Math.floor(sliceMs / everyMs) * perRound;
  const may = Math.floor(results * (1 - target) + 1e-9);
  const says = `a slice of ${inWords(sliceMs)} has ${manyOf({ noun: 'result' }, results)}: at ${percent(target)} ${may === 0 ? 'one bad result makes it bad' : `it is bad with ${may + 1} bad ones`}`;
  return [finding('fact', 'slices', says)];
}

/** Slices are whole minutes that an hour can be divided into. */
function sliceFor(everyMs: number): number {
  const minutes = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60];
  return (minutes.find((minute) => minute * 60_000 >= everyMs) ?? 60) * 60_000;
}

function onFreshness({ indicator }: Objective, { everyMs, rate }: Steps): readonly Finding[] {
  if (indicator.kind !== 'freshness' || indicator.limitMs > everyMs + sliceWidthMs) return [];
  const says = `at ${rate} the newest good result is up to ${inWords(everyMs)} old: it is not fresh for ${inWords(indicator.limitMs)} even when all is well`;
  return [
    finding(
      'problem',
      'freshness',
      says,
      `freshness: ${asWritten(everyMs * 3)}, or every: ${asWritten(indicator.limitMs / 3)}`,
    ),
  ];
}

/** Who is silent spends as who fails. */
function onMissing({ missing, indicator }: Objective, { isByTime, perRound, windowMs }: Steps): readonly Finding[] {
  if (missing !== 'bad' || isByTime || !('target' in indicator)) return [];
  const silence = inWords((1 - indicator.target) * windowMs * perRound);
  const whose = perRound === 1 ? 'an agent' : `one of ${perRound} in each round`;
  return [
    finding('fact', 'missing', `silence counts as failure: ${whose} that is away for ${silence} spends the budget`),
  ];
}

function onBursts({ burstMs, indicator }: Objective): readonly Finding[] {
  if (burstMs !== undefined || indicator.kind === 'failover') return [];
  const says =
    'how long one outage may last is not stated: in a window that has seen none, the interval is too narrow for one';
  return [finding('note', 'bursts', says, 'bursts: as long as outages last here, such as 5m')];
}

/** Periods follow the clock of their place: said with the next one that is longer or shorter for it. */
function onCalendar({ calendar }: Objective, nowMs: number): readonly Finding[] {
  if (calendar === undefined) return [];
  const change = nextClockChange(calendar.timeZone, nowMs);
  if (change === undefined) return [];
  const { fromMs, toMs } = periodAt(calendar, change.fromMs);
  const hoursOf = (ms: number): string => Number((ms / 3_600_000).toFixed(2)).toLocaleString('en-US');
  const whole = calendar.every === 'day' ? '' : `; the ${calendar.every} that it lies in has ${hoursOf(toMs - fromMs)}`;
  const says = `clocks change in ${calendar.timeZone} on ${change.day}, a day of ${hoursOf(change.lengthMs)} hours${whole}: windows and budgets are as long as time really is`;
  return [finding('fact', 'calendar', says)];
}

type ClockChange = { readonly fromMs: number; readonly lengthMs: number; readonly day: string };

/** The next day within a year that is not 24 hours long. */
function nextClockChange(timeZone: string, nowMs: number): ClockChange | undefined {
  let day = periodAt({ every: 'day', timeZone }, nowMs);
  for (let count = 0; count < 366; count += 1) {
    if (day.toMs - day.fromMs !== dayMs) {
      const name = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(day.fromMs);
      return { fromMs: day.fromMs, lengthMs: day.toMs - day.fromMs, day: name };
    }
    day = periodAt({ every: 'day', timeZone }, day.toMs);
  }
  return undefined;
}

function onExclusions({ exclusions = [], windowMs }: Objective, nowMs: number): readonly Finding[] {
  const found: Finding[] = [];
  const say = (says: string, remedy: string | null = null) => found.push(finding('note', 'exclusions', says, remedy));
  for (const [index, exclusion] of exclusions.entries()) {
    const { because, fromMs, toMs } = exclusion;
    const name = nameOf(exclusion, index);
    for (const [at, earlier] of exclusions.slice(0, index).entries()) {
      if (Math.min(toMs, earlier.toMs) <= Math.max(fromMs, earlier.fromMs)) continue;
      say(`${name} overlaps ${nameOf(earlier, at)}: what both cover is left out once`);
    }
    if (toMs <= nowMs - windowMs)
      say(`${name} ended before the window: it leaves nothing out any more`, `take ${because} away`);
    if (toMs - fromMs >= windowMs) say(`${name} is as long as the window: at its end nothing is left to judge by`);
    if (fromMs % sliceWidthMs !== 0 || toMs % sliceWidthMs !== 0)
      say(`${name} does not begin and end with whole slices of ten seconds: what it touches is left out as a whole`);
  }
  return found;
}

function nameOf({ because }: Exclusion, index: number): string {
  return `exclusion ${index + 1} (${because})`;
}
