/** When names led elsewhere: at each name server, and at the vantage's own resolver. */
import type { Bounds } from '../../contract/bounds.ts';
import { hull } from '../../contract/bounds.ts';
import type { Answer } from './attempt.ts';
import { earliestEnd, latestEnd, latestStart, transition } from './span.ts';

/** The chance, per flip, that weighted answers left out a region that was still among them. */
export const flipAlpha = 1e-6;

/** How many answers without a region make it less likely than `flipAlpha` that its share of the answers is still so large. */
export function answersNeeded(share: number): number {
  return share >= 1 ? 1 : Math.ceil(Math.log(flipAlpha) / Math.log(1 - share));
}

/**
 * The share of answers that led to `region` before it left them, one standard error below what was counted; 1 for a name
 * that always led there, `undefined` for one that never did. Only answers ahead of a server's last one with the region
 * count. `from`: name servers draw each answer anew, and then others that came in one run were no draw but an absence;
 * a cache repeats what it drew.
 */
export function shareOf(answers: readonly Answer[], region: string, from: 'authority' | 'cache'): number | undefined {
  let total = 0;
  let hits = 0;
  for (const own of Map.groupBy(answers, (answer) => answer.server).values()) {
    const withRegion = own.filter((answer) => answer.region === region);
    const lastMs = latestStart(withRegion);
    const ahead = own.filter((answer) => answer.startMs <= lastMs).sort((a, b) => a.startMs - b.startMs);
    const wasAway = from === 'authority' && oneRunApart(ahead.map((answer) => answer.region === region));
    hits += withRegion.length;
    total += wasAway ? withRegion.length : ahead.length;
  }
  if (hits === 0) return undefined;
  const share = hits / total;
  return share === 1 ? 1 : Math.max(0.01, share - Math.sqrt((share * (1 - share)) / total));
}

/**
 * Whether all misses lie side by side, though in so many draws that is less likely than `flipAlpha`: of all ways to spread
 * `misses` over `draws`, only `draws - misses + 1` are one run. So it is when a region left and came back.
 */
function oneRunApart(drawn: readonly boolean[]): boolean {
  const misses = drawn.filter((isHit) => !isHit).length;
  const [first, last] = [drawn.indexOf(false), drawn.lastIndexOf(false)];
  if (misses === 0 || last - first + 1 !== misses) return false;
  let chance = drawn.length - misses + 1;
  for (let miss = 1; miss <= misses; miss += 1) chance *= miss / (drawn.length - misses + miss);
  return chance < flipAlpha;
}

export type NameWindow = {
  readonly region: string;
  readonly from: Bounds;
  /** Where the record is cut; `null` at its end. */
  readonly until: Bounds | null;
  /** `left`: answers with the region end. `back`: they begin again. */
  readonly way: 'left' | 'back';
  readonly share: number;
};

/**
 * From the first name server's flip to the last one's: `undefined` unless every server that led to the region, and was
 * heard of in the window, was seen to flip.
 */
export function authorityFlip(answers: readonly Answer[], window: NameWindow): Bounds | undefined {
  let all: Bounds | undefined;
  for (const own of Map.groupBy(answers, (answer) => answer.server).values()) {
    if (!concerned(own, window)) continue;
    const flip = flipOf(own, window);
    if (flip === undefined) return undefined;
    all = all === undefined ? flip : hull(all, flip);
  }
  return all;
}

function concerned(own: readonly Answer[], window: NameWindow): boolean {
  const { region, from, until } = window;
  const heard = own.some((a) => a.startMs >= from.upperMs && (until === null || a.endMs <= until.lowerMs));
  return heard && own.some((answer) => answer.region === region);
}

/** One server's flip. Answers that overlap the edges of the window are left out. */
function flipOf(own: readonly Answer[], window: NameWindow): Bounds | undefined {
  const { region, from, until, way, share } = window;
  const cut = own.filter((answer) => until === null || answer.endMs <= until.lowerMs);
  const withRegion = cut.filter((answer) => answer.region === region);
  const without = cut.filter((answer) => answer.region !== region);
  if (way === 'left') {
    return share >= 1 ? transition(withRegion, without, from) : leftByChance(withRegion, without, window);
  }
  return share >= 1 ? transition(without, after(withRegion, from), from) : backByChance(withRegion, without, window);
}

function leftByChance(
  withRegion: readonly Answer[],
  without: readonly Answer[],
  window: NameWindow,
): Bounds | undefined {
  const settledMs = Math.max(latestEnd(withRegion), window.from.upperMs);
  const rest = without.filter((answer) => answer.startMs >= settledMs).sort((a, b) => a.endMs - b.endMs);
  const proof = rest[answersNeeded(window.share) - 1];
  if (proof === undefined || withRegion.length === 0) return undefined;
  return { lowerMs: Math.max(latestStart(withRegion), window.from.lowerMs), upperMs: proof.endMs };
}

/** The first answer with the region shows it back; it had gone as long as enough answers in a row had been without it. */
function backByChance(
  withRegion: readonly Answer[],
  without: readonly Answer[],
  window: NameWindow,
): Bounds | undefined {
  const upperMs = earliestEnd(after(withRegion, window.from));
  const ahead = without.filter((answer) => answer.endMs <= upperMs).sort((a, b) => b.startMs - a.startMs);
  const previous = latestEnd(withRegion.filter((answer) => answer.endMs < upperMs));
  const proof = ahead[answersNeeded(window.share) - 1];
  if (upperMs === Number.POSITIVE_INFINITY || proof === undefined || proof.startMs < previous) return undefined;
  return { lowerMs: Math.max(proof.startMs, window.from.lowerMs), upperMs };
}

function after(answers: readonly Answer[], from: Bounds): readonly Answer[] {
  return answers.filter((answer) => answer.startMs >= from.lowerMs);
}
