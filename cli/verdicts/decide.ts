/** What a pipeline may make of a verdict. A pass has to be one of now, made of results that still come. */
import { silenceMs } from '../../aggregator/slo/doubt.ts';
import type { ExplainedAnswer } from '../../contract/api.ts';
import { formatMs, parseDurationMs, parseRatio } from '../../contract/units.ts';
import type { Status } from '../../contract/verdict.ts';
import { momentMs, type Query } from './ask.ts';
import { ofAnotherTime, oldestVerdictMs } from './doubt.ts';
import { isDuration, utc } from './say.ts';

export type Decision = { readonly status: Status; readonly because: string };

/** `nowMs`: on the aggregator's clock, from itself. `asked`: what it is to be an answer to. */
export function decide(answer: ExplainedAnswer, nowMs: number, asked: Query = {}): Decision {
  const { status, because, at, doubt } = answer;
  if (status !== 'pass') return { status, because };
  const why = ofAnotherTime(at, nowMs) ?? doubt ?? otherQuestion(answer, nowMs, asked) ?? contradiction(answer, nowMs);
  return why === null ? { status, because } : { status: 'inconclusive', because: `${why}; ${because}` };
}

/** Something between may answer from what it kept, or leave out what was asked. */
function otherQuestion({ indicator, target, window }: ExplainedAnswer, nowMs: number, asked: Query): string | null {
  const wanted = asked.target === undefined ? target : targetOf(asked.target, indicator);
  if (wanted === undefined || !isAbout(target, wanted, 1e-9 * wanted))
    return `the answer is against ${target}, want ${asked.target}`;
  const backMs = asked.since === undefined ? undefined : parseDurationMs(asked.since);
  const fromMs = backMs === undefined ? momentMs(asked.since ?? '') : nowMs - backMs;
  const isAsked = fromMs === null || isAbout(window.fromMs, fromMs, oldestVerdictMs);
  if (isAsked && isAbout(window.toMs, nowMs, oldestVerdictMs)) return null;
  const since = fromMs === null ? '' : `${utc(fromMs)} to `;
  return `the answer is of ${utc(window.fromMs)} to ${utc(window.toMs)}, want ${since}${utc(nowMs)}`;
}

/** What a pass cannot be made of. */
function contradiction(answer: ExplainedAnswer, nowMs: number): string | null {
  const { indicator, target, interval, unvouched } = answer;
  const [lower, upper] = interval ?? [Number.NaN, Number.NaN];
  // Bounds are searched for, and the status comes of a test that is exact.
  const slack = 1e-6 * target;
  const holds = lower <= upper && (isDuration(indicator) ? upper <= target + slack : lower >= target - slack);
  if (!holds) return `the answer passes with ${lower} to ${upper} against ${target}`;
  if (unvouched !== undefined) return 'the answer passes with too few healthy vantages';
  return silence(answer, nowMs);
}

/** The newest result may not be older than the aggregator itself would let pass. */
function silence({ indicator, newestMs, everyMs }: ExplainedAnswer, nowMs: number): string | null {
  // Drills are not expected.
  if (indicator === 'failover') return null;
  if (newestMs === null || everyMs === null) return 'the answer passes without a result';
  const silentMs = nowMs - newestMs;
  if (silentMs <= oldestVerdictMs + silenceMs(everyMs)) return null;
  return `the answer passes without a result for ${formatMs(silentMs)}, want one every ${formatMs(everyMs)}`;
}

function targetOf(text: string, indicator: ExplainedAnswer['indicator']): number | undefined {
  return isDuration(indicator) ? parseDurationMs(text) : parseRatio(text);
}

function isAbout(value: number, wanted: number, slack: number): boolean {
  return Math.abs(value - wanted) <= slack;
}
