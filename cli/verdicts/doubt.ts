/** A pass that is in doubt, or one of another time, is no pass to a pipeline: the same for lists as for one. */
import type { Verdict } from '../../contract/verdict.ts';
import { utc } from './say.ts';

/** So old may a verdict be: it was made when it was asked for, or it comes from somewhere else. */
export const oldestVerdictMs = 60_000;

/** `nowMs`: on the aggregator's clock, from itself; `null` where a past moment was asked for. */
export function doubted<V extends Pick<Verdict, 'status' | 'because' | 'at'> & { readonly doubt?: string | null }>(
  verdict: V,
  nowMs: number | null,
): V {
  const { status, because, at, doubt } = verdict;
  const why = (nowMs === null ? null : ofAnotherTime(at, nowMs)) ?? doubt ?? null;
  if (status !== 'pass' || why === null) return verdict;
  return { ...verdict, status: 'inconclusive', because: `${why}; ${because}` };
}

/** `null` of a verdict of now. */
export function ofAnotherTime(atMs: number, nowMs: number): string | null {
  if (Math.abs(nowMs - atMs) <= oldestVerdictMs) return null;
  return `the verdict is of ${utc(atMs)}, want one of now, ${utc(nowMs)}`;
}
