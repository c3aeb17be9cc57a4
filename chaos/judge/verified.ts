/** What was looked at after restoring, itemised: what the runner read, and what users and health checks show. */
import { type Verified, verifiedParts } from '../../contract/drill.ts';
import type { DrillFacts } from '../facts.ts';
import type { EntryHistory } from '../timeline.ts';

/** In the order of the parts; nothing where nothing was restored. */
export function verifiedIn(facts: DrillFacts, histories: readonly EntryHistory[]): readonly Verified[] {
  const { verified = [], restoreCalled, phase } = facts;
  if (restoreCalled === null || phase !== 'over') return verified;
  const all = [...verified, healthIn(facts, restoreCalled.lowerMs), ...histories.map((one) => answersIn(facts, one))];
  return verifiedParts.flatMap((part) => all.filter((one) => one.part === part));
}

function healthIn({ checkers, region }: DrillFacts, sinceMs: number): Verified {
  const common = { part: 'health checks', name: `of ${region}`, wanted: 'healthy' } as const;
  const last = checkers.findLast(({ sentMs }) => sentMs >= sinceMs);
  if (last === undefined) return { ...common, found: 'none was read', state: 'unknown' };
  const said = `${last.healthyCount} of ${last.totalCount} checkers say healthy`;
  return { ...common, found: said, state: last.healthy ? 'as-it-was' : 'left' };
}

/** Clients that open a connection for each attempt, at vantages that were on the region and are not led there by chance. */
function answersIn({ region }: DrillFacts, { expect, failback, weighted }: EntryHistory): Verified {
  const common = { part: 'first good answers', name: expect.entry } as const;
  const vantages = failback.passages
    .filter(({ client, observed, vantage }) => client === 'fresh' && observed && !weighted.includes(vantage))
    .map(({ vantage }) => vantage);
  if (vantages.length === 0) {
    return { ...common, wanted: `from ${region}`, found: 'no vantage was on it', state: 'unknown' };
  }
  const away = vantages.filter((vantage) => failback.stages[vantage]?.fresh?.['first-good'] === undefined);
  const found = `at ${vantages.length - away.length}${away.length === 0 ? '' : `, not at ${away.join(', ')}`}`;
  const wanted = `from ${region} at ${vantages.length} ${vantages.length === 1 ? 'vantage' : 'vantages'}`;
  return { ...common, wanted, found, state: away.length === 0 ? 'as-it-was' : 'left' };
}
