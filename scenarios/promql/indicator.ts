/** Which objective two queries are one of. */
import { type Counts, countsIn, noteUnlike, shareIn } from './counts.ts';
import { NotUnderstood } from './words.ts';

/** `latency`: the quantile that the objective's target is has to be at most `limitMs`. Others are as a scenario has them. */
export type Recognised = {
  readonly check: string;
  readonly region: string | null;
  readonly indicator: 'availability' | 'residency' | { readonly 'latency-under': string } | 'latency';
  readonly limitMs: number | null;
};

export type RatioQueries =
  | { readonly good: string; readonly total: string }
  | { readonly bad: string; readonly total: string }
  | { readonly share: string; readonly of: 'good' | 'bad' };

/** Throws `NotUnderstood` with the reason. */
export function recognised(queries: RatioQueries): Recognised {
  if ('share' in queries) {
    const { complemented, over, under } = shareIn(queries.share);
    const other = queries.of === 'good' ? 'bad' : 'good';
    return meant(complemented ? other : queries.of, over, under);
  }
  const total = countsIn(queries.total);
  return 'good' in queries ? meant('good', countsIn(queries.good), total) : meant('bad', countsIn(queries.bad), total);
}

type Terms = Counts['terms'];
const goodOnes: Terms = new Map([['good', 1]]);
const timedOnes: Terms = new Map([['timed', 1]]);
const all: Terms = new Map([...goodOnes, ['bad', 1]]);

function meant(counted: 'good' | 'bad', part: Counts, total: Counts): Recognised {
  const { check, region, family } = total;
  if (part.check !== check || part.region !== region || part.family !== family) {
    throw new NotUnderstood('its two counts are of different checks, regions or metrics');
  }
  noteUnlike(part, total);
  const ofTimed = same(total.terms, timedOnes);
  const terms = (counts: Counts) => (ofTimed ? counts.terms : withoutTimed(counts.terms));
  const good = counted === 'good' ? terms(part) : less(terms(total), terms(part));
  const limitMs = limitOf(good);
  if (ofTimed && limitMs !== null) return { check, region, indicator: 'latency', limitMs };
  if (total.terms.has('missing')) {
    throw new NotUnderstood('its total counts missing results: write outcome=~"good|bad"');
  }
  if (!same(total.terms, all)) throw new NotUnderstood('its total is not that of good and bad results');
  if (limitMs !== null) return { check, region, indicator: { 'latency-under': `${limitMs}ms` }, limitMs };
  if (!same(good, goodOnes)) throw new NotUnderstood('its good results are no share of its total');
  return { check, region, indicator: family === 'residency' ? 'residency' : 'availability', limitMs: null };
}

/** Results with a duration are the good ones. */
function withoutTimed(terms: Terms): Terms {
  const { timed = 0, good = 0, ...rest } = Object.fromEntries(terms);
  return nonZero(new Map(Object.entries({ ...rest, good: good + timed })));
}

function less(a: Terms, b: Terms): Terms {
  const found = new Map(a);
  for (const [term, times] of b) found.set(term, (found.get(term) ?? 0) - times);
  return nonZero(found);
}

function nonZero(terms: Terms): Terms {
  return new Map([...terms].filter(([, times]) => times !== 0));
}

function limitOf(good: Terms): number | null {
  const [[term, times] = ['', 0], ...more] = [...good];
  return more.length === 0 && times === 1 && term.startsWith('within ') ? Number(term.slice('within '.length)) : null;
}

function same(a: Terms, b: Terms): boolean {
  return a.size === b.size && [...a].every(([term, times]) => b.get(term) === times);
}
