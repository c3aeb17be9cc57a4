/** A pass that is in doubt is no pass to a pipeline: the same for lists as for one. */
import type { Verdict } from '../../contract/verdict.ts';

export function doubted<V extends Pick<Verdict, 'status' | 'because'> & { readonly doubt?: string | null }>(
  verdict: V,
): V {
  const { status, because, doubt = null } = verdict;
  if (status !== 'pass' || doubt === null) return verdict;
  return { ...verdict, status: 'inconclusive', because: `${doubt}; ${because}` };
}
