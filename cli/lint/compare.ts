/** Probe intervals side by side: what each costs, and what it sees. */
import type { Rehearsal } from '../../aggregator/slo/incident/rehearse.ts';
import { asWritten } from '../../aggregator/slo/lint/words.ts';
import { formatMs, formatRatio } from '../../contract/units.ts';
import { table } from '../table.ts';
import type { LintedAt, ObjectiveLinted } from './answer.ts';
import { numbers, verdictsIn, wholePercent } from './say.ts';

export function compared({ at }: ObjectiveLinted): string {
  const nothing = at.map(({ rehearsal }) => (rehearsal !== undefined && 'none' in rehearsal ? rehearsal.none : null));
  if (nothing[0] && nothing.every((one) => one === nothing[0])) return nothing[0];
  const isPlayed = at.some(({ rehearsal }) => rehearsal !== undefined);
  const head = ['every', 'a month', ...(isPlayed ? ['page', 'ticket', 'budget left', 'verdict'] : ['problems'])];
  return table([head, ...at.map((one) => [...cost(one), ...(isPlayed ? played(one) : [problems(one)])])]);
}

function cost({ everyMs, probesPerMonth }: LintedAt): readonly string[] {
  return [asWritten(everyMs), probesPerMonth.toLocaleString('en-US')];
}

function problems({ findings }: LintedAt): string {
  const found = findings.filter(({ level }) => level === 'problem').map(({ says }) => says);
  return found.length === 0 ? 'none' : found.join('; ');
}

function played({ rehearsal }: LintedAt): readonly string[] {
  if (rehearsal === undefined) return [];
  if ('none' in rehearsal) return ['-', '-', '-', rehearsal.none];
  return [
    soonest(rehearsal, 'page'),
    soonest(rehearsal, 'ticket'),
    numbers(rehearsal.left, formatRatio),
    verdictsIn(rehearsal),
  ];
}

/** The pair of that severity that fires most often, and of those the one that does so first. */
function soonest({ pairs }: Rehearsal, severity: 'page' | 'ticket'): string {
  const fired = pairs.filter(({ pair, firesAfterMs }) => pair.severity === severity && firesAfterMs !== null);
  const [best] = fired.sort((a, b) => b.chance - a.chance || (a.firesAfterMs?.p50 ?? 0) - (b.firesAfterMs?.p50 ?? 0));
  if (best === undefined || best.firesAfterMs === null) return 'never';
  const after = `after ${numbers(best.firesAfterMs, formatMs)}`;
  return best.chance === 1 ? after : `${wholePercent(best.chance)}, ${after}`;
}
