/** What a pipeline may make of a verdict. A pass has to be one of now, made of results that still come. */
import type { ExplainedAnswer } from '../../contract/api.ts';
import type { Status } from '../../contract/verdict.ts';
import { utc } from './say.ts';

export type Decision = { readonly status: Status; readonly because: string };

/** So old may a verdict be: it was made when it was asked for, or it comes from somewhere else. */
const oldestVerdictMs = 60_000;

/** `nowMs`: on the aggregator's clock, from itself. */
export function decide({ status, because, at, doubt }: ExplainedAnswer, nowMs: number): Decision {
  if (status !== 'pass') return { status, because };
  const old = Math.abs(nowMs - at) > oldestVerdictMs;
  const why = old ? `the verdict is of ${utc(at)}, want one of now, ${utc(nowMs)}` : doubt;
  return why === null ? { status, because } : { status: 'inconclusive', because: `${why}; ${because}` };
}
