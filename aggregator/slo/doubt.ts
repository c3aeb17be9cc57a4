/** Why a verdict that passes is not to be built on: it is made of results that have stopped coming. */
import type { ObjectiveSlice } from '../../contract/api.ts';
import type { Objective } from '../../contract/objective.ts';
import type { Span } from '../../contract/slo/spans.ts';
import { formatMs } from '../../contract/units.ts';
import { sliceWidthMs } from '../slices/tiers.ts';
import type { Evidence } from './judge.ts';
import { apartOf, lineOf } from './lines.ts';

/** For the way of a result to the slices. */
const slackMs = 30_000;

/** So long nothing may come of a check that is made so often. */
export function silenceMs(everyMs: number): number {
  return 2 * everyMs + slackMs;
}

export type Heard = {
  readonly atMs: number;
  readonly slices: readonly ObjectiveSlice[];
  /** The end of the newest slice that has results that came. */
  readonly newestMs: number | null;
  /** Of the checks that are assigned now; `null` of none. */
  readonly everyMs: number | null;
  /** Of the newest results, when the verdict does not count them. */
  readonly uncounted?: Uncounted | null;
};

/** `sinceMs`: the end of the newest slice that is counted; `null` of none. */
export type Uncounted = { readonly because: 'a drill' | 'an exclusion'; readonly sinceMs: number | null };

/** What the objective's verdict makes of the newest of these results, in the order of time. `null`: it counts them. */
export function uncountedIn(
  { exclusions = [], drills }: Objective,
  drilled: readonly Span[],
  slices: readonly ObjectiveSlice[],
): Uncounted | null {
  const apart = apartOf(exclusions, drilled, sliceWidthMs);
  const because = (slice: ObjectiveSlice): Uncounted['because'] | null => {
    const { line } = lineOf(apart, slice);
    if (line === 'excluded') return 'an exclusion';
    return line === 'drills' && drills === 'excluded' ? 'a drill' : null;
  };
  const came = slices.filter(({ good, bad }) => good + bad > 0);
  const newest = came.at(-1);
  const why = newest === undefined ? null : because(newest);
  if (why === null) return null;
  const counted = came.findLast((slice) => because(slice) === null);
  return { because: why, sinceMs: counted === undefined ? null : counted.atMs + counted.widthMs };
}

/** In one phrase; `null` without doubt. */
export function doubtIn({ indicator }: Objective, heard: Heard): string | null {
  const { atMs, slices, newestMs, everyMs, uncounted = null } = heard;
  // Drills are not expected: none of them is silent.
  if (indicator.kind === 'failover') return null;
  if (everyMs === null) return unassigned;
  if (newestMs === null) return 'no result came in the window';
  const silentMs = atMs - newestMs;
  if (silentMs > silenceMs(everyMs)) {
    return `no result came for ${formatMs(silentMs)}, want one every ${formatMs(everyMs)}`;
  }
  if (uncounted !== null) return toldUncounted(uncounted, atMs);
  const came = slices.reduce((sum, { good, bad }) => sum + good + bad, 0);
  const missing = slices.reduce((sum, slice) => sum + slice.missing, 0);
  return mostlyMissing(came, missing);
}

const unassigned = 'no check of it is assigned: nobody measures it any more';

function mostlyMissing(came: number, missing: number): string | null {
  return missing > came ? `${missing} of ${came + missing} expected results did not come, want more than half` : null;
}

/** The same of a verdict alone, as lists have it. Silence is no pass to begin with: nobody vouches for it. */
export function doubtOf({ indicator }: Objective, evidence: Evidence, everyMs: number | null): string | null {
  if (indicator.kind === 'failover') return null;
  if (everyMs === null) return unassigned;
  return mostlyMissing(cameOf(evidence), evidence.missing);
}

function cameOf(evidence: Evidence): number {
  if (evidence.kind === 'quantile') return evidence.good + evidence.bad;
  const { good, bad, unsure } = evidence.account;
  return good + bad + unsure;
}

function toldUncounted({ because, sinceMs }: Uncounted, atMs: number): string {
  if (sinceMs === null) return `no result of the window is counted: the newest lie in ${because}`;
  return `no result of the last ${formatMs(atMs - sinceMs)} is counted: they lie in ${because}`;
}
