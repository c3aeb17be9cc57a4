import { isIP } from 'node:net';
import type { StoredResult } from '../../contract/api.ts';
import type { Prediction } from '../../contract/drill.ts';
import { hashOf } from '../../contract/random.ts';
import { formatMs } from '../../contract/units.ts';
import type { EntryExpectation, Scenario } from '../../scenarios/scenario.ts';
import type { ClientLocation, Continent } from '../../zone/records.ts';
import { type Forecast, forecast, meets, type PredictionInput, predictionInputOf } from '../predict.ts';
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
};

type Known = Pick<Prepared, 'id' | 'region' | 'zone' | 'vantages'>;

/** From the live zone and, once the burst runs, from what the vantages' resolvers have cached. */
export function predicted(options: DrillOptions, known: Known, results: readonly StoredResult[]): Predicted {
  const { zone } = known;
  if (zone === null) return { stages: {}, text: 'Nothing can be predicted: the zone is not read.' };
  const forecasts = options.drill.expect.map((expectation) => ({
    expectation,
    made: forecast(inputOf(options, { ...known, zone }, expectation, results)),
  }));
  const stages = forecasts[0]?.made.stages ?? {};
  const lines = forecasts.map(({ expectation, made }) => sentenceOf(expectation, made));
  return { stages, text: [stagesText(stages), ...lines].join('\n') };
}

function inputOf(
  { scenario, drill }: DrillOptions,
  { id, region, zone }: Known & { readonly zone: NonNullable<Prepared['zone']> },
  { entry }: EntryExpectation,
  results: readonly StoredResult[],
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
    remainingTtlsMs: remainingTtlsMs(results, entry, region),
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

/** How long the newest cached answer of each vantage's resolver still leads to the region. */
function remainingTtlsMs(results: readonly StoredResult[], entry: string, region: string): readonly number[] {
  const asked = results.filter((result) => result.check === 'resolver' && result.entry === entry);
  const nowMs = Math.max(0, ...asked.map(({ atMs }) => atMs));
  const newest = new Map(asked.toSorted((a, b) => a.atMs - b.atMs).map((result) => [result.vantage, result]));
  return [...newest.values()]
    .filter((result) => result.region === region && result.details.ttlSeconds !== undefined)
    .map(({ details, atMs }) => Math.max(0, (details.ttlSeconds ?? 0) * 1_000 - (nowMs - atMs)));
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
