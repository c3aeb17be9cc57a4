/** An objective as a scenario writes it, from what another language says and what is said beside it. */
import { type At, cutTo } from '../parse/reader.ts';
import { joined } from './marks.ts';
import { fixed, routed } from './places.ts';
import { durationText, percentileText, shareText } from './text.ts';
import type { Translated, Written } from './translated.ts';

/** As one of `objectives`, and where each of its keys was written. */
export type Sourced = { readonly source: { readonly [key: string]: unknown }; readonly at: At };

export type Beside = {
  /** `as` of the import: it goes before what the file says. */
  readonly over: Written;
  /** Where the file says none. */
  readonly window: string | null;
  /** What stands for queries that are not over results. */
  readonly check: string | null;
  readonly at: At;
};

/** `undefined`: which check it is about is not known, and has been noted. */
export function composed(from: Translated, { over, window, check: instead, at }: Beside): Sourced | undefined {
  const { queries, queriesAt } = from;
  const said = joined(from.marks, over);
  const read = 'why' in queries ? null : queries;
  const check = said.values['check'] ?? read?.check ?? instead ?? undefined;
  if (check === undefined) {
    return noteUnread(from);
  }
  const indicator = said.values['indicator'] ?? indicatorOf(from);
  const region = said.values['region'] ?? read?.region ?? undefined;
  const id = said.values['id'] ?? from.name;
  const { time } = from;
  const isTimed = 'window' in time.values || 'calendar' in time.values;
  const given = isTimed || window === null ? {} : { window };
  if (!isTimed && window === null && !('window' in said.values || 'calendar' in said.values)) {
    return (time.places['window'] ?? from.home).note('no window', 'one here, or window where it is imported');
  }
  const source = {
    ...given,
    ...time.values,
    ...said.values,
    id: from.index === null || typeof id !== 'string' ? id : `${id}-${from.index}`,
    check,
    ...(region === undefined ? {} : { region }),
    // Queries without a vantage count those of all.
    ...(read?.region && said.values['region'] === undefined && { from: said.values['from'] ?? 'all' }),
    indicator,
    target: said.values['target'] ?? targetOf(from, indicator),
  };
  const places = {
    id: fixed(from.home),
    check: read === null && instead !== null ? fixed(at.in('check')) : fixed(queriesAt),
    region: fixed(queriesAt),
    indicator: fixed(queriesAt),
    target: fixed(from.shareAt),
    ...(given.window === undefined ? {} : { window: fixed(at.in('window')) }),
    ...time.places,
    ...said.places,
  };
  return { source: withOneWindow(source, said), at: routed(from.home, places) };
}

function noteUnread({ queries, queriesAt, markedBy }: Translated): undefined {
  if (!('why' in queries)) return undefined;
  const got = cutTo(160, queries.got);
  const ways = `${markedBy}check, or check or as where it is imported`;
  return queriesAt.note(
    got,
    `queries over results, or the check that stands for them (${ways}): ${cutTo(300, queries.why)}`,
  );
}

/** What is said beside the file goes before its window, of either sort. */
function withOneWindow(source: Sourced['source'], said: Written): Sourced['source'] {
  const { window, calendar, ...rest } = source;
  const ours = 'window' in said.values || 'calendar' in said.values ? said.values : source;
  return { ...rest, ...('window' in ours && { window }), ...('calendar' in ours && { calendar }) };
}

function indicatorOf({ queries, limitMs, share }: Translated): unknown {
  if ('why' in queries) return limitMs === null ? 'availability' : { 'latency-under': durationText(limitMs) };
  const { indicator } = queries;
  if (indicator === 'latency') return { latency: percentileText(share) };
  return typeof indicator === 'string' ? indicator : { 'latency-under': durationText(queries.limitMs ?? 0) };
}

/** Of a quantile the limit, where there is one; else the share. */
function targetOf({ queries, limitMs, share }: Translated, indicator: unknown): unknown {
  const isQuantile =
    typeof indicator === 'object' && indicator !== null && ('latency' in indicator || 'replication-lag' in indicator);
  const limit = 'why' in queries ? limitMs : queries.limitMs;
  return isQuantile && limit !== null ? durationText(limit) : shareText(share);
}
