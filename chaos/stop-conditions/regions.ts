/** How the regions that a drill leaves alone fare, by the drill's own burst. */
import type { StoredResult } from '../../contract/api.ts';
import type { SubjectHealth } from '../guard/facts.ts';
import { healthyRounds } from '../guard/rules.ts';

/** One round of a burst asks each vantage once: a stray failure would be a whole sick round. So many are taken together. */
const shortestRoundMs = 500;

/**
 * Clients of the entry names that were led to a region: in a round it was well unless more of its answers were bad than
 * good at most of the vantages that were led there. Rounds in which nobody was are passed over; the newest goes on.
 */
export function ledTo(
  regions: readonly string[],
  results: readonly StoredResult[],
  window: { readonly fromMs: number; readonly everyMs: number },
): readonly SubjectHealth[] {
  const lengthMs = Math.max(shortestRoundMs, window.everyMs);
  const asked = results.filter(
    ({ check, client, outcome, atMs }) =>
      check === 'client' && client === 'fresh' && outcome !== 'missing' && atMs >= window.fromMs,
  );
  return regions.flatMap((name): readonly SubjectHealth[] => {
    const own = asked.filter(({ region }) => region === name);
    const byRound = [...Map.groupBy(own, ({ atMs }) => Math.floor(atMs / lengthMs))].sort(([a], [b]) => b - a).slice(1);
    const rounds = byRound.slice(0, healthyRounds).map(([, round]) => isWell(round));
    const because = own.findLast(({ outcome }) => outcome === 'bad')?.reason ?? null;
    return rounds.length === 0 ? [] : [{ kind: 'region', name, rounds, because }];
  });
}

function isWell(round: readonly StoredResult[]): boolean {
  const vantages = [...Map.groupBy(round, ({ vantage }) => vantage).values()];
  const sick = vantages.filter((own) => own.filter(({ outcome }) => outcome === 'bad').length * 2 > own.length);
  return sick.length * 2 <= vantages.length;
}
