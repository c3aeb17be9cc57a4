/** Why a verdict that passes is not to be built on: it is made of results that have stopped coming. */
import type { ObjectiveSlice } from '../../contract/api.ts';
import type { Objective } from '../../contract/objective.ts';
import { formatMs } from '../../contract/units.ts';
import type { Arrivals, Uncounted } from './arrivals.ts';
import type { Evidence } from './judge.ts';

/** For the way of a result to the slices. */
const slackMs = 30_000;

/** So long nothing may come of a check that is made so often. */
export function silenceMs(everyMs: number): number {
  return 2 * everyMs + slackMs;
}

/** `everyMs`: of the checks that are assigned now; `null` of none. */
type Asked = { readonly atMs: number; readonly everyMs: number | null };

/** In one phrase; `null` without doubt. Lists and one alone have it from here. */
export function doubtOver({ indicator }: Objective, arrivals: Arrivals, { atMs, everyMs }: Asked): string | null {
  // Drills are not expected: none of them is silent.
  if (indicator.kind === 'failover') return null;
  if (everyMs === null) return unassigned;
  const { came, missing, newestMs, uncounted } = arrivals;
  if (newestMs === null) return 'no result came in the window';
  const silentMs = atMs - newestMs;
  if (silentMs > silenceMs(everyMs)) {
    return `no result came for ${formatMs(silentMs)}, want one every ${formatMs(everyMs)}`;
  }
  return uncounted === null ? mostlyMissing(came, missing) : toldUncounted(uncounted, atMs);
}

export type Heard = Asked & {
  readonly slices: readonly ObjectiveSlice[];
  /** The end of the newest slice that has results that came. */
  readonly newestMs: number | null;
};

/** The same where slices are all that there is, as of what spans several aggregators: nothing is left out of them. */
export function doubtIn(objective: Objective, { slices, newestMs, ...asked }: Heard): string | null {
  const came = slices.reduce((sum, { good, bad }) => sum + good + bad, 0);
  const missing = slices.reduce((sum, slice) => sum + slice.missing, 0);
  return doubtOver(objective, { came, missing, newestMs, uncounted: null }, asked);
}

const unassigned = 'no check of it is assigned: nobody measures it any more';

function mostlyMissing(came: number, missing: number): string | null {
  return missing > came ? `${missing} of ${came + missing} expected results did not come, want more than half` : null;
}

/** Of evidence alone, without knowing how lately results came. */
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
