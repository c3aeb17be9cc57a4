/** An API server that is away is one thing, a region that is away another: the fleet's checks tell them apart. */
import type { Bounds } from '../contract/bounds.ts';
import type { Clock } from '../contract/clock.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { Fleet } from './aggregator-client.ts';
import type { SubjectHealth } from './guard/facts.ts';
import { healthOf, subjectsOf } from './guard/health.ts';
import { sentenceOf, Trouble } from './trouble.ts';

/** What the last rounds of a region's checks say of it while its API server does not answer. */
export function regionItself(region: string, health: Pick<SubjectHealth, 'rounds'> | undefined): string {
  const rounds = health?.rounds ?? [];
  if (rounds.length === 0) return `whether region ${region} itself serves is not known: no check asks it`;
  const well = rounds.filter(Boolean).length;
  const seen = `well in ${well} of its last ${rounds.length} rounds`;
  if (well === rounds.length)
    return `region ${region} itself serves (${seen}): its control plane is away, not the region`;
  if (well === 0) return `region ${region} does not serve either (${seen}): the whole region may be away`;
  return `region ${region} serves at times (${seen})`;
}

type Asked = {
  readonly scenario: Scenario;
  readonly region: string;
  readonly fleet: Fleet;
  readonly offset: Bounds;
};

/** Enough for the last rounds of some hundreds of checks and vantages. */
const resultsRead = 5_000;

/** The same trouble, and of a cluster that cannot be reached what the fleet sees of its region. */
export async function toldApart(error: unknown, from: Asked, clock: Clock, signal: AbortSignal): Promise<unknown> {
  if (!(error instanceof Trouble) || error.kind !== 'unreachable') return error;
  const { scenario, region, fleet, offset } = from;
  try {
    const results = await fleet.newest(resultsRead, null, signal);
    const subjects = subjectsOf(scenario, []).filter(({ name }) => name === region);
    const [health] = healthOf(subjects, results, clock.nowMs() + (offset.lowerMs + offset.upperMs) / 2);
    return new Trouble('unreachable', `${sentenceOf(error)}; ${regionItself(region, health)}`, { cause: error });
  } catch {
    // The fleet cannot be asked: then that may be the trouble, or nothing can be added to it.
    return error;
  }
}
