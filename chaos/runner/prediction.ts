import type { Prediction } from '../../contract/drill.ts';
import type { FailureMode } from '../../contract/failure-mode.ts';
import { hashOf } from '../../contract/random.ts';
import { quantile } from '../../contract/statistics.ts';
import { formatMs } from '../../contract/units.ts';
import { httpCheckAt, httpCheckFor } from '../../scenarios/compile.ts';
import type { EntryExpectation, Scenario } from '../../scenarios/scenario.ts';
import type { ClientLocation, Continent } from '../../zone/records.ts';
import type { Outages } from '../guard/burn.ts';
import type { LimitFacts } from '../guard/facts.ts';
import {
  type CachedCopy,
  type Chance,
  cachedCopies,
  type Forecast,
  failureModeOf,
  forecast,
  guardOf,
  meets,
  nothingSeen,
  type PastDrills,
  type Pods,
  type PredictionInput,
  predictionInputOf,
  type Range,
  type Seen,
  targetsOf,
  timingOf,
  vantagesLedTo,
  whereLeads,
} from '../predict.ts';
import { checkersEveryMs } from './readings.ts';
import type { DrillOptions } from './types.ts';
import { healthCheckOf, type ZoneState } from './zone.ts';

/** A checker's good look, from far away or from near: three round trips and the answer. */
const lookMs = { fromMs: 5, toMs: 150 };
/** A whole fresh attempt, before a burst has shown any. */
const usualAttemptMs = 100;
/** A refusal takes one round trip, of the three that an attempt takes. */
const roundTrips = 3;

export type Predicted = {
  /** Of the first entry name, after t0. */
  readonly stages: Prediction;
  /** The same after the call of restore. */
  readonly back: Prediction;
  /** For people: the stages, and for each entry name whether its limits can be met at all. */
  readonly text: string;
  /** Entry name to how long its users will be without service in 95 % of runs. */
  readonly outages: Outages;
  /** What the guard is told of each limit. */
  readonly limits: readonly LimitFacts[];
};

/** What the burst had shown before t0, and before the call of restore; `null`: that is not known yet. */
export type SeenBefore = { readonly away: Seen; readonly back: Seen | null };

export const seenBeforePlan: SeenBefore = { away: nothingSeen, back: null };

export type Known = {
  /** Of the drill: the same drill is predicted alike again. */
  readonly id: string;
  readonly region: string;
  readonly zone: ZoneState | null;
  readonly pods: Pods;
  readonly past: PastDrills;
};

const nothing: Omit<Predicted, 'text'> = { stages: {}, back: {}, outages: {}, limits: [] };

/**
 * From the live zone and cluster, from past drills and, once the burst runs, from what the resolvers have cached. `runs`:
 * how many are drawn; absent: enough for a plan.
 */
export function predicted(options: DrillOptions, known: Known, seen: SeenBefore, runs?: number): Predicted {
  const { zone } = known;
  if (zone === null) return { ...nothing, text: 'Nothing can be predicted: the zone is not read.' };
  const mode = failureModeOf(options.drill.fault, options.scenario.regions[known.region]);
  if (mode === null) {
    return { ...nothing, text: 'Nothing can be predicted: this fault does not move names by health checks.' };
  }
  const all = options.drill.expect.map((expectation) => {
    const input = (way: PredictionInput['way']): PredictionInput =>
      inputOf(options, { ...known, zone, mode }, { entry: expectation.entry, way }, seen);
    return { expectation, away: forecast(input('failover'), runs), back: forecast(input('failback'), runs) };
  });
  const [first] = all;
  const limits = all.flatMap(({ expectation, away, back }) => limitsOf(expectation, away, back));
  const lines = all.map(({ expectation, away, back }) => sentenceOf(expectation, away, back));
  const { count } = known.past;
  const measured =
    count === 0 ? [] : [`With what ${count} ${count === 1 ? 'drill' : 'drills'} before it measured here.`];
  return {
    stages: first?.away.stages ?? {},
    back: first?.back.stages ?? {},
    text: [stagesText(first?.away.stages ?? {}), ...lines, ...keptText(options, known), ...measured].join('\n'),
    outages: Object.fromEntries(all.map(({ expectation, away }) => [expectation.entry, outageMsOf(away)] as const)),
    limits,
  };
}

/** Of a name that nobody takes over, until it is noticed: what comes behind that is the drill's own choice. */
function outageMsOf({ stages }: Forecast): number | null {
  return stages['first-good']?.p95 ?? stages.detect?.p95 ?? null;
}

function inputOf(
  { scenario, drill }: DrillOptions,
  { id, region, zone, mode, pods, past }: Known & { readonly zone: ZoneState; readonly mode: FailureMode },
  { entry, way }: { readonly entry: string; readonly way: PredictionInput['way'] },
  seen: SeenBefore,
): PredictionInput {
  const plan = scenario.regions[region];
  const named = {
    zone: zone.zone,
    healthChecks: zone.healthChecks,
    hostname: new URL(scenario.entry[entry] ?? 'http://localhost').hostname,
    addresses: whereLeads(zone.zone, hostOf(scenario, region)),
    client: clientOf(scenario, region),
    mode,
    targets: targetsOf(drill.fault),
  };
  const guard = guardOf(named);
  const check = healthCheckOf(zone, plan?.endpoint ?? 'http://localhost');
  const attemptMs = attemptMsIn(seen.away, entry);
  const directFailMs = failMsOf(mode, attemptMs, httpCheckAt(scenario, region).timeoutMs);
  const alone = guard.byTargets && guard.check === null;
  const timing = timingOf(way, pods, past, { plan: plan?.loadBalancer ?? null, alone });
  const known = {
    way,
    ...timing,
    served: timing.served.map((range) => withoutHang(range, directFailMs)).filter(isTelling),
    look: lookMs,
    copies: copiesOf(seen, { entry, region, way, ttlMs: guard.ttlMs }),
    burstEveryMs: drill.burst.everyMs,
    statusEveryMs: check === undefined ? 0 : checkersEveryMs(check),
    endpointsEveryMs: drill.burst.everyMs,
    attemptMs,
    failMs: failMsOf(mode, attemptMs, httpCheckFor(scenario, entry).timeoutMs),
    directFailMs,
    holdMs: drill.holdMs,
    seed: hashOf(`${id} ${way}`),
  };
  return predictionInputOf(named, known, guard);
}

type Names = Pick<PredictionInput, 'way' | 'ttlMs'> & { readonly entry: string; readonly region: string };

/** On the way back a copy is of the region that stood in; before that was asked for, only how long it is kept is known. */
function copiesOf({ away, back }: SeenBefore, { way, entry, region, ttlMs }: Names): readonly CachedCopy[] {
  const ofRegion = cachedCopies(away, { entry, ttlMs, isStale: (leadsTo) => leadsTo === region });
  if (way === 'failover') return ofRegion;
  if (back === null) return ofRegion.map(({ lengthMs }) => ({ fromMs: 0, toMs: lengthMs, lengthMs }));
  // A vantage that was led elsewhere all along has nothing to come back from.
  const left = vantagesLedTo(region, away, entry);
  const results = back.results.filter(({ vantage }) => left.has(vantage));
  return cachedCopies({ ...back, results }, { entry, ttlMs: 0, isStale: (leadsTo) => leadsTo !== region });
}

/** An attempt at the region that is let down: at once, or at the limit of the burst's own attempts. */
function failMsOf(mode: FailureMode, attemptMs: number, limitMs: number): number {
  if (mode === 'refused') return attemptMs / roundTrips;
  return mode === 'status-503' ? attemptMs : limitMs;
}

/** Wider bounds say next to nothing. */
const widestTellingMs = 1_000;

function isTelling({ fromMs, toMs }: Range): boolean {
  return toMs - fromMs <= widestTellingMs;
}

/** Service ended by when the first attempt that hung had begun, however long it hung: others were served in no time. */
function withoutHang(range: Range, hangMs: number): Range {
  const { fromMs, toMs } = range;
  return isTelling(range) ? range : { fromMs, toMs: Math.max(fromMs, toMs - hangMs) };
}

/** The median over all vantages. */
function attemptMsIn({ results }: Seen, entry: string): number {
  const own = results.filter(
    (one) => one.check === 'client' && one.entry === entry && one.client === 'fresh' && one.outcome === 'good',
  );
  return (
    quantile(
      own.map(({ durationMs }) => durationMs).sort((a, b) => a - b),
      0.5,
    ) ?? usualAttemptMs
  );
}

function hostOf(scenario: Scenario, region: string): string {
  return new URL(scenario.regions[region]?.endpoint ?? 'http://localhost').hostname.replaceAll(/^\[|\]$/g, '');
}

/** The users whom the region's vantage stands for. */
function clientOf(scenario: Scenario, region: string): ClientLocation {
  const name = scenario.regions[region]?.place ?? null;
  const place = name === null ? undefined : scenario.places[name];
  const continent = (place?.continent ?? null) as Continent | null;
  return { continent, country: place?.country ?? null, subdivision: null, latencyMs: {} };
}

/** A name that nobody may take over has none on its failover: its users are to be in the dark. */
function limitsOf(expectation: EntryExpectation, away: Forecast, back: Forecast): readonly LimitFacts[] {
  const { entry, servedBy, withinMs, failbackMs } = expectation;
  if (servedBy.length === 0) return [];
  const facts = (way: LimitFacts['way'], limitMs: number, chance: Chance): LimitFacts => ({
    entry,
    way,
    limitMs,
    ...chance,
  });
  // Names that never leave the region have nothing to come back from.
  const failback = away.input.leaves === false ? [] : [facts('failback', failbackMs, meets(back, failbackMs))];
  return [facts('failover', withinMs, meets(away, withinMs)), ...failback];
}

function stagesText(stages: Prediction): string {
  const parts = Object.entries(stages).map(
    ([stage, { p5, p50, p95 }]) => `  ${stage.padEnd(11)} ${formatMs(p5)} … ${formatMs(p50)} … ${formatMs(p95)}`,
  );
  return ['Predicted after the injection (5 %, 50 %, 95 % of runs):', ...parts].join('\n');
}

/** What a prediction of fresh clients does not say of the others. */
function keptText({ scenario, drill }: DrillOptions, { region }: Known): readonly string[] {
  const balancer = scenario.regions[region]?.loadBalancer;
  if (balancer === undefined || targetsOf(drill.fault) !== 'gone') return [];
  const delay = formatMs(balancer.deregistrationDelayMs);
  return [
    `kept connections and requests under way: ${region} may serve them for up to ${delay} more, whatever names say`,
  ];
}

function sentenceOf(expectation: EntryExpectation, away: Forecast, back: Forecast): string {
  const { entry, servedBy } = expectation;
  if (servedBy.length === 0) return `${entry}: nobody may take over; its users are in the dark until it is restored`;
  return limitsOf(expectation, away, back)
    .map(
      ({ way, possible, because }) =>
        `${entry}, ${way}: ${possible ? '' : 'the limit cannot be met whatever happens: '}${because}`,
    )
    .join('\n');
}
