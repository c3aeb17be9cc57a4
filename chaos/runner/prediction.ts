import { isIP } from 'node:net';
import type { StoredResult } from '../../contract/api.ts';
import type { Prediction } from '../../contract/drill.ts';
import { hashOf } from '../../contract/random.ts';
import { formatMs } from '../../contract/units.ts';
import type { EntryExpectation, Scenario } from '../../scenarios/scenario.ts';
import type { ClientLocation, Continent } from '../../zone/records.ts';
import type { Outages } from '../guard/burn.ts';
import { type Forecast, forecast, meets, type PredictionInput, predictionInputOf, type Range } from '../predict.ts';
import type { Prepared } from './prepare.ts';
import type { DrillOptions } from './types.ts';

/** What the zone does not tell. Endpoints leave their slices within half a second of a scale call; pods end in their time. */
const timing = {
  way: 'failover',
  // Scaling away leaves the load balancer up: it answers for the pods that are gone.
  mode: 'status-503',
  drain: { fromMs: 30, toMs: 500 },
  serving: { fromMs: 0, toMs: 500 },
  publish: { fromMs: 0, toMs: 500 },
  attemptMs: 200,
} as const satisfies Partial<PredictionInput>;

export type Predicted = {
  /** Of the first entry name. */
  readonly stages: Prediction;
  /** For people: the stages, and for each entry name whether its limit can be met at all. */
  readonly text: string;
  /** Entry name to how long its users will be without service in 95 % of runs. */
  readonly outages: Outages;
};

type Known = Pick<Prepared, 'id' | 'region' | 'zone' | 'vantages'>;

/** What the burst has shown by `atMs`, which is on the aggregator's clock. */
export type Seen = { readonly results: readonly StoredResult[]; readonly atMs: number };

/** Before the burst has shown anything. */
export const nothingSeen: Seen = { results: [], atMs: 0 };

/** From the live zone and, once the burst runs, from what the vantages' resolvers have cached. */
export function predicted(options: DrillOptions, known: Known, seen: Seen): Predicted {
  const { zone } = known;
  if (zone === null) return { stages: {}, text: 'Nothing can be predicted: the zone is not read.', outages: {} };
  const forecasts = options.drill.expect.map((expectation) => ({
    expectation,
    made: forecast(inputOf(options, { ...known, zone }, expectation, seen)),
  }));
  const stages = forecasts[0]?.made.stages ?? {};
  const lines = forecasts.map(({ expectation, made }) => sentenceOf(expectation, made));
  const outages = forecasts.map(({ expectation, made }) => [expectation.entry, outageMsOf(made)] as const);
  return { stages, text: [stagesText(stages), ...lines].join('\n'), outages: Object.fromEntries(outages) };
}

/** Of a name that nobody takes over, until it is noticed: what comes behind that is the drill's own choice. */
function outageMsOf({ stages }: Forecast): number | null {
  return stages['first-good']?.p95 ?? stages.detect?.p95 ?? null;
}

function inputOf(
  { scenario, drill }: DrillOptions,
  { id, region, zone }: Known & { readonly zone: NonNullable<Prepared['zone']> },
  { entry }: EntryExpectation,
  seen: Seen,
): PredictionInput {
  const named = {
    zone: zone.zone,
    healthChecks: zone.healthChecks,
    hostname: new URL(scenario.entry[entry] ?? 'http://localhost').hostname,
    addresses: addressesOf(scenario, region, zone),
    client: clientOf(scenario, region),
  };
  return predictionInputOf(named, {
    ...timing,
    remainingTtls: remainingTtls(seen, entry, region),
    burstEveryMs: drill.burst.everyMs,
    seed: hashOf(id),
  });
}

function addressesOf(scenario: Scenario, region: string, { zone }: NonNullable<Prepared['zone']>): readonly string[] {
  const host = new URL(scenario.regions[region]?.endpoint ?? 'http://localhost').hostname.replaceAll(/^\[|\]$/g, '');
  if (isIP(host) !== 0) return [host];
  return zone.records.flatMap(({ name, target }) =>
    name === `${host.toLowerCase()}.` && target.kind === 'values' ? target.values : [],
  );
}

/** The users whom the region's vantage stands for. */
function clientOf(scenario: Scenario, region: string): ClientLocation {
  const name = scenario.regions[region]?.place ?? null;
  const place = name === null ? undefined : scenario.places[name];
  const continent = (place?.continent ?? null) as Continent | null;
  return { continent, country: place?.country ?? null, subdivision: null, latencyMs: {} };
}

/** For how long from then on the cached answer of each vantage's resolver still leads to the region. */
function remainingTtls({ results, atMs }: Seen, entry: string, region: string): readonly Range[] {
  const asked = results.filter(
    (result) => result.check === 'resolver' && result.entry === entry && result.region !== null,
  );
  return [...Map.groupBy(asked, (result) => result.vantage).values()].flatMap((answers) => {
    const lasts = copyEnds(answers.toSorted((a, b) => a.atMs - b.atMs));
    if (lasts === undefined || answers.at(-1)?.region !== region) return [];
    return [{ fromMs: lasts.fromMs - atMs, toMs: lasts.toMs - atMs }];
  });
}

/** TTLs are told in whole seconds, rounded one way or the other. */
const roundingMs = 1_000;

/** When the copy seen last runs out: exact to two questions where its refill was seen, else to the rounding of its TTL. */
function copyEnds(answers: readonly StoredResult[]): Range | undefined {
  const newest = answers.at(-1);
  const ttlMs = (newest?.details.ttlSeconds ?? Number.NaN) * 1_000;
  if (newest === undefined || Number.isNaN(ttlMs)) return undefined;
  const rises = (_: StoredResult, index: number): boolean => ttlOf(answers[index]) > ttlOf(answers[index - 1]);
  const refill = answers.findLastIndex(rises);
  const [before, after] = [answers[refill - 1], answers[refill]];
  if (before === undefined || after === undefined) {
    return { fromMs: newest.atMs + ttlMs - roundingMs, toMs: newest.atMs + newest.durationMs + ttlMs + roundingMs };
  }
  // The refill may have been another client's, and its TTL already rounded down.
  const lengthMs = Math.max(...answers.map(({ details }) => details.ttlSeconds ?? 0)) * 1_000;
  return { fromMs: before.atMs + lengthMs, toMs: after.atMs + after.durationMs + lengthMs };
}

function ttlOf(result: StoredResult | undefined): number {
  return result?.details.ttlSeconds ?? Number.POSITIVE_INFINITY;
}

function stagesText(stages: Prediction): string {
  const parts = Object.entries(stages).map(
    ([stage, { p5, p50, p95 }]) => `  ${stage.padEnd(11)} ${formatMs(p5)} … ${formatMs(p50)} … ${formatMs(p95)}`,
  );
  return ['Predicted after the injection (5 %, 50 %, 95 % of runs):', ...parts].join('\n');
}

function sentenceOf({ entry, servedBy, withinMs }: EntryExpectation, made: Forecast): string {
  if (servedBy.length === 0) return `${entry}: nobody may take over; its users are in the dark until it is restored`;
  const chance = meets(made, withinMs);
  return `${entry}: ${chance.possible ? '' : 'the limit cannot be met whatever happens: '}${chance.because}`;
}
