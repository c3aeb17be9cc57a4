/** A failure of which nothing more is heard is not over: a result that is lost must not look like an all-clear. */
import type { Judgement } from '../quorum.ts';
import { cellKey, type JudgedRound, type RoundCell } from './rounds.ts';

export type Unheard = {
  readonly key: string;
  readonly region: string;
  readonly told: string;
  readonly rounds: number;
};

/** Later, what was bad then says nothing about now, if enough others were heard of that region. */
const mostRounds = 3;

/**
 * What was bad in the round before, or unheard in it, and has no result in this one either; but of broken vantages. A round
 * that is judged again, with stragglers, goes on from where it was.
 */
export function unheardSince(before: JudgedRound | undefined, now: Omit<JudgedRound, 'check'>): readonly Unheard[] {
  if (before === undefined || !isOpen(before)) return [];
  const isAgain = before.round === now.round;
  const heard = new Set(now.cells.filter(({ outcome }) => outcome !== 'missing').map(keyOf));
  const left = new Set([...before.judgement.excused, ...now.judgement.excused]);
  const bad = before.cells
    .filter(({ outcome, vantage }) => outcome === 'bad' && !left.has(vantage))
    .map(
      (cell): Unheard => ({
        key: keyOf(cell),
        region: cell.region,
        told: `${cell.vantage} to ${cell.ledTo}`,
        rounds: 0,
      }),
    );
  const isOld = ({ region, rounds }: Unheard): boolean =>
    rounds >= mostRounds && !now.judgement.unheard.includes(region);
  return [...bad, ...(before.unheard ?? [])]
    .filter((one) => !heard.has(one.key) && (isAgain || !isOld(one)))
    .map((one) => (isAgain ? one : { ...one, rounds: one.rounds + 1 }));
}

function isOpen({ cells, unheard = [] }: JudgedRound): boolean {
  return unheard.length > 0 || cells.some(({ outcome }) => outcome === 'bad');
}

export function notClear(judgement: Judgement, unheard: readonly Unheard[]): Judgement {
  if (unheard.length === 0) return judgement;
  const told = unheard.map((one) => `${one.told}: bad before, and no result since`);
  return { ...judgement, blame: 'inconclusive', evidence: [...judgement.evidence, ...told] };
}

function keyOf({ checkId, agent }: RoundCell): string {
  return cellKey(checkId, agent);
}
