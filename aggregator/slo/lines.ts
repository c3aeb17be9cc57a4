/**
 * The accounts of an objective, line by line: what counts, what drills broke, what is left out. A slice goes to one line
 * as a whole; exclusions go before drills.
 */
import { lieOf, type Span, widened } from '../../contract/slo/spans.ts';
import { type Account, emptyAccount, minus } from './account.ts';
import { type Crowd, emptyCrowd } from './bursts.ts';
import { type Clumps, copyClumps, emptyClumps } from './clumps.ts';
import type { Timed } from './timeline.ts';

export type Lines = {
  readonly own: Account;
  readonly drills: Account;
  readonly excluded: Account;
  /** Samples of slices that an exclusion or a drill cuts: too wide to tell what it covers. They count. */
  cut: number;
  /** Of what counts: what failures show, and results where the longest burst is stated. */
  readonly crowd: Crowd | null;
  readonly clumps: Clumps | null;
};

export type Accounts = Omit<Lines, 'crowd' | 'clumps'>;

export type LineName = 'own' | 'drills' | 'excluded';

/** What is counted apart: stretches of time, merged and widened to whole slices. */
export type Apart = { readonly excluded: readonly Span[]; readonly drills: readonly Span[] };

export const nothingApart: Apart = { excluded: [], drills: [] };

export function apartOf(excluded: readonly Span[], drills: readonly Span[], sliceMs: number): Apart {
  return { excluded: widened(excluded, sliceMs), drills: widened(drills, sliceMs) };
}

export function lineOf(apart: Apart, { atMs, widthMs }: Timed): { readonly line: LineName; readonly isCut: boolean } {
  const span = { fromMs: atMs, toMs: atMs + widthMs };
  const excluded = lieOf(apart.excluded, span);
  if (excluded === 'covers') return { line: 'excluded', isCut: false };
  const drills = lieOf(apart.drills, span);
  if (drills === 'covers') return { line: 'drills', isCut: excluded === 'cuts' };
  return { line: 'own', isCut: excluded === 'cuts' || drills === 'cuts' };
}

export function emptyLines(isStated = false): Lines {
  const accounts = { own: emptyAccount(), drills: emptyAccount(), excluded: emptyAccount() };
  return { ...accounts, cut: 0, crowd: isStated ? null : emptyCrowd(), clumps: isStated ? emptyClumps() : null };
}

export function copyLines({ own, drills, excluded, cut, crowd, clumps }: Lines): Lines {
  const accounts = { own: { ...own }, drills: { ...drills }, excluded: { ...excluded } };
  return { ...accounts, cut, crowd: crowd && { ...crowd }, clumps: clumps && copyClumps(clumps) };
}

export function linesBetween(to: Lines, from: Lines): Accounts {
  return {
    own: minus(to.own, from.own),
    drills: minus(to.drills, from.drills),
    excluded: minus(to.excluded, from.excluded),
    cut: to.cut - from.cut,
  };
}
