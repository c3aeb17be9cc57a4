import type { StoredResult } from '../../contract/api.ts';
import type { Bounds } from '../../contract/bounds.ts';

/** So many attempts in a row make a change: one stray failure is none. */
const run = 3;

/** A change of a region, on the aggregator's clock: it happened between the two. */
export type Change = { readonly region: string; readonly at: Bounds };

/**
 * The first region whose own endpoint stopped answering at most vantages, if any; by the attempts that asked it directly,
 * over fresh connections. `back`: the region that answers again.
 */
export function firstChange(
  results: readonly StoredResult[],
  regions: readonly string[],
  to: 'dark' | 'back',
): Change | null {
  const changes = regions.flatMap((region) => changeOf(results, region, to) ?? []);
  const [first] = changes.toSorted((a, b) => a.at.upperMs - b.at.upperMs);
  return first ?? null;
}

function changeOf(results: readonly StoredResult[], region: string, to: 'dark' | 'back'): Change | null {
  const asked = results.filter(
    (result) =>
      result.check === 'direct' &&
      result.client === 'fresh' &&
      result.region === region &&
      result.outcome !== 'missing',
  );
  const vantages = [...Map.groupBy(asked, ({ vantage }) => vantage).values()];
  const seen = vantages.flatMap((list) => seenBy(list, to) ?? []);
  const [first] = seen.toSorted((a, b) => a.upperMs - b.upperMs);
  return first === undefined || seen.length * 2 <= vantages.length ? null : { region, at: first };
}

/** The change as one vantage saw it: after the last attempt of the old kind began, before the first of the new ended. */
function seenBy(results: readonly StoredResult[], to: 'dark' | 'back'): Bounds | undefined {
  const wanted = to === 'dark' ? 'bad' : 'good';
  const ordered = results.toSorted((a, b) => a.atMs - b.atMs);
  const wasOther = ordered.findIndex(({ outcome }) => outcome !== wanted);
  if (wasOther === -1) return undefined;
  const from = ordered.findIndex(
    (_, index) =>
      index > wasOther &&
      index + run <= ordered.length &&
      ordered.slice(index, index + run).every(({ outcome }) => outcome === wanted),
  );
  if (from === -1) return undefined;
  const lower = Math.max(...ordered.slice(0, from).map(({ startMs, offset }) => startMs + offset.lowerMs));
  const upper = Math.min(
    ...ordered.slice(from, from + run).map(({ startMs, durationMs, offset }) => startMs + durationMs + offset.upperMs),
  );
  return { lowerMs: Math.min(lower, upper), upperMs: upper };
}
