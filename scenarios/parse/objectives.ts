import { isObject } from '../../contract/json.ts';
import type { Exclusion, Indicator, Objective, TimeSlices } from '../../contract/objective.ts';
import { longestPeriodMs } from '../../contract/slo/calendar.ts';
import { sliceWidthMs } from '../../contract/slo/spans.ts';
import { type Asked, indicator } from './indicator.ts';
import type { Names } from './names.ts';
import { type At, list, object, optional, placeIn, type Read, required, shown } from './reader.ts';
import { durationMs, moment, name, oneOf, ratio, text, timeZone } from './values.ts';
import { weightingOf } from './weighting.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;

const calendar = object({
  every: required(oneOf(['day', 'week', 'month', 'quarter', 'year'])),
  timeZone: required(timeZone),
});

/** Older slices are as wide as a minute and as an hour: one that they don't line up with could not be counted again. */
const wholeMinutes: Read<number> = (value, at) => {
  const ms = durationMs(minuteMs, hourMs)(value, at);
  if (ms === undefined || (ms % minuteMs === 0 && hourMs % ms === 0)) return ms;
  return at.note(shown(value), 'whole minutes that an hour can be divided into, such as 1m, 5m or 1h');
};

const timeSlices = object({ slices: required(wholeMinutes), good: required(ratio) });

const budget: Read<'occurrences' | TimeSlices> = (value, at) => {
  if (value === 'occurrences') return value;
  if (!isObject(value)) return at.note(shown(value), 'occurrences, or { slices: 1m, good: 95% }');
  const found = timeSlices(value, at);
  if (found === undefined) return undefined;
  if (found.good > 0) return { sliceMs: found.slices, target: found.good };
  return at.in('good').note(shown(value['good']), 'a share over 0%: with 0% every slice would be good');
};

const exclusion: Read<Exclusion> = (value, at) => {
  const found = object({ from: required(moment), to: required(moment), because: required(text('a reason')) })(
    value,
    at,
  );
  if (found === undefined) return undefined;
  const { from, to, because } = found;
  if (from < to) return { fromMs: from, toMs: to, because };
  return at.in('to').note(isObject(value) ? shown(value['to']) : shown(value), 'a time after from');
};

/**
 * A latency objective of one region counts that region's own vantages unless it says `from: all`: the limit is for its
 * own users. Every other one counts all.
 */
export function objectives(names: Names): Read<readonly Objective[]> {
  const read = object({
    id: required(name),
    check: required(oneOf(names.checks)),
    region: optional(oneOf(names.regions), null),
    from: optional(oneOf(['own', 'all']), null),
    indicator: required(indicator),
    target: required((value) => value ?? undefined),
    window: optional(durationMs(sliceWidthMs), null),
    calendar: optional(calendar, null),
    budget: optional(budget, null),
    missing: optional(oneOf(['exclude', 'bad', 'hold']), null),
    bursts: optional(durationMs(), null),
    exclude: optional(list(exclusion), null),
    drills: optional(oneOf(['charged', 'apart', 'excluded']), null),
    weighting: optional(oneOf(['pooled', 'equal', 'traffic']), null),
  });
  return list((value, at) => {
    const found = read(value, at);
    const target = isObject(value) ? (value['target'] ?? undefined) : undefined;
    if (isObject(value) && target === undefined)
      at.in('target').note('nothing', 'a percentage for availability, a duration for latency');
    if (found === undefined) {
      // The target may be wrong as well: all mistakes are told at once.
      const asked = isObject(value) ? indicator(value['indicator'], placeIn([], String)) : undefined;
      if (asked !== undefined && target !== undefined) indicatorOf(asked, target, at.in('target'));
      return undefined;
    }
    const judged = indicatorOf(found.indicator, found.target, at.in('target'));
    const windowMs = windowOf(found, at);
    if (judged === undefined || windowMs === undefined || !isSound({ ...found, windowMs, judged }, at))
      return undefined;
    return objectiveOf({ ...found, windowMs, judged });
  });
}

type Found = {
  readonly id: string;
  readonly check: string;
  readonly region: string | null;
  readonly from: 'own' | 'all' | null;
  readonly window: number | null;
  readonly calendar: Objective['calendar'] | null;
  readonly budget: 'occurrences' | TimeSlices | null;
  readonly missing: Objective['missing'] | null;
  readonly bursts: number | null;
  readonly exclude: readonly Exclusion[] | null;
  readonly drills: Objective['drills'] | null;
  readonly weighting: 'pooled' | 'equal' | 'traffic' | null;
};
type Judged = Found & { readonly judged: Indicator; readonly windowMs: number };

function windowOf({ window, calendar: by }: Found, at: At): number | undefined {
  if (window !== null && by !== null) return at.in('calendar').note('a calendar and a window', 'one of the two');
  if (by) return longestPeriodMs[by.every];
  return window ?? at.in('window').note('nothing', 'a duration, such as 30d, or a calendar');
}

/** What contradicts each other; every such mistake is noted. */
function isSound(found: Judged, at: At): boolean {
  const { judged, windowMs, budget: by, bursts, drills, missing, from, region, weighting } = found;
  const { kind } = judged;
  const isQuantile = kind === 'latency' || kind === 'replication-lag';
  const wrong = [
    weighting !== null && kind !== 'latency' && kind !== 'replication-lag'
      ? () => at.in('weighting').note(shown(weighting), `no weighting: ${kind} counts results, and is no quantile`)
      : null,
    weighting !== null && region !== null
      ? () => at.in('weighting').note(shown(weighting), `no weighting: there is one region, ${region}`)
      : null,
    by !== null && by !== 'occurrences' && kind !== 'availability' && kind !== 'latency-under' && kind !== 'residency'
      ? () => at.in('budget').note('time slices', `no budget: what ${kind} counts is not results`)
      : null,
    by === 'occurrences' && isQuantile
      ? () => at.in('budget').note('"occurrences"', 'no budget: a quantile has none')
      : null,
    by === 'occurrences' && kind === 'freshness'
      ? () => at.in('budget').note('"occurrences"', 'no budget: freshness is a share of time')
      : null,
    missing !== null && (isQuantile || kind === 'failover')
      ? () => at.in('missing').note(shown(missing), `nothing: ${kind} is of what came`)
      : null,
    drills === 'apart' && isQuantile
      ? () => at.in('drills').note('"apart"', 'charged or excluded: a quantile has no budget to charge it to')
      : null,
    bursts !== null && kind === 'failover'
      ? () => at.in('bursts').note(`${bursts}ms`, 'nothing: each drill is one event')
      : null,
    from === 'own' && region === null
      ? () => at.in('from').note('"own"', 'a region beside it: without one there is no own')
      : null,
    by !== null && by !== 'occurrences' && by.sliceMs > windowMs
      ? () => at.in('budget').in('slices').note(`${by.sliceMs}ms`, `at most the window, ${windowMs}ms`)
      : null,
    bursts !== null && bursts > windowMs
      ? () => at.in('bursts').note(`${bursts}ms`, `at most the window, ${windowMs}ms`)
      : null,
    kind === 'failover' && drills !== null
      ? () => at.in('drills').note(shown(drills), 'nothing: failover is measured in drills')
      : null,
  ].filter((note) => note !== null);
  for (const note of wrong) note();
  return wrong.length === 0;
}

function objectiveOf(found: Judged): Objective {
  const { id, check, region, judged, windowMs, missing, bursts, exclude, drills } = found;
  const from = found.from ?? (region !== null && judged.kind === 'latency' ? 'own' : 'all');
  return {
    id,
    check,
    region,
    from,
    indicator: judged,
    windowMs,
    ...(found.calendar ? { calendar: found.calendar } : {}),
    ...(found.budget === null || found.budget === 'occurrences' ? {} : { timeSlices: found.budget }),
    ...(missing ? { missing } : {}),
    ...(bursts === null ? {} : { burstMs: bursts }),
    ...(exclude === null ? {} : { exclusions: exclude }),
    ...(drills ? { drills } : {}),
    ...weightingOf(found.weighting),
  };
}

function indicatorOf(asked: Asked, value: unknown, at: At): Indicator | undefined {
  if (asked.kind === 'latency' || asked.kind === 'replication-lag') {
    const targetMs = durationMs()(value, at);
    return targetMs === undefined ? undefined : { ...asked, targetMs };
  }
  const target = ratio(value, at);
  if (target === undefined) return undefined;
  if (target > 0 && target < 1) return { ...asked, target };
  const why = target === 0 ? 'that would always hold' : 'no number of samples can show that';
  return at.note(shown(value), `a share over 0% and under 100%, such as 99.9%: ${why}`);
}
