/** What a pipeline may make of a verdict. A pass has to be one of now, made of results that still come. */
import type { ExplainedAnswer } from '../../contract/api.ts';
import { formatMs } from '../../contract/units.ts';
import type { Status } from '../../contract/verdict.ts';
import { utc } from './say.ts';

export type Decision = { readonly status: Status; readonly because: string };

/** Silence for so long beyond two intervals: for the way of a result to the slices. */
const slackMs = 30_000;
/** So old may a verdict be: it was made when it was asked for, or it comes from somewhere else. */
const oldestVerdictMs = 60_000;

/** `nowMs`: on the aggregator's clock, from itself. */
export function decide(answer: ExplainedAnswer, nowMs: number): Decision {
  const { status, because } = answer;
  if (status !== 'pass') return { status, because };
  const doubt = doubtOf(answer, nowMs);
  return doubt === null ? { status, because } : { status: 'inconclusive', because: `${doubt}; ${because}` };
}

function doubtOf(answer: ExplainedAnswer, nowMs: number): string | null {
  const { at, indicator, newestMs, everyMs, slices } = answer;
  if (Math.abs(nowMs - at) > oldestVerdictMs) return `the verdict is of ${utc(at)}, want one of now, ${utc(nowMs)}`;
  // Drills are not expected: none of them is silent.
  if (indicator === 'failover') return null;
  if (everyMs === null) return 'no check of it is assigned: nobody measures it any more';
  const silentMs = newestMs === null ? null : at - newestMs;
  if (silentMs === null) return 'no result came in the window';
  if (silentMs > 2 * everyMs + slackMs) {
    return `no result came for ${formatMs(silentMs)}, want one every ${formatMs(everyMs)}`;
  }
  const came = slices.reduce((sum, { good, bad }) => sum + good + bad, 0);
  const missing = slices.reduce((sum, slice) => sum + slice.missing, 0);
  return missing > came ? `${missing} of ${came + missing} expected results did not come, want more than half` : null;
}
