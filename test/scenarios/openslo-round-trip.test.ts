/** Objectives written as OpenSLO and read back are the same objectives. */
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { durationBounds } from '../../aggregator/metrics/layout.ts';
import type { Objective } from '../../contract/objective.ts';
import { parseScenario } from '../../scenarios/define.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { openSloOf } from '../../scenarios/openslo/write.ts';
import type { Profile } from '../../scenarios/world.ts';
import { worlds } from '../../scenarios/worlds.ts';
import { sound } from './sound.ts';

type Source = { readonly [key: string]: unknown };

function written(objectives: readonly Objective[], service = 'shop') {
  return openSloOf({ service, objectives, prometheusUrl: 'http://prometheus:9090', bounds: durationBounds });
}

/** `source` without objectives of its own, with those of the documents. */
function readBack(source: Source, objectives: readonly Objective[]): readonly Objective[] {
  const text = written(objectives, String(source['service']))
    .documents.map((one) => stringify(one))
    .join('---\n');
  const importing = { ...source, objectives: [], drills: [], imports: ['slo.yaml'] };
  return parseScenario(importing, undefined, (file) => ({ file, text })).objectives;
}

/** Names for all regions that worlds may have. */
const addresses = new Proxy<Record<string, string>>({}, { get: () => '127.1.0.1' });
const bindings = {
  doorPort: 443,
  addresses,
  hostedZoneId: 'Z1',
  nameservers: ['127.0.0.53:53'],
};

describe('read back equal are the objectives of', () => {
  for (const [name, world] of Object.entries(worlds)) {
    for (const profile of Object.values(world.profiles) as readonly Profile[]) {
      test(`the world ${name}, ${profile.name}`, () => {
        const source = JSON.parse(JSON.stringify(world.scenario(bindings, profile))) as Source;
        const { objectives } = parseScenario(source);
        expect(objectives.length).toBeGreaterThan(0);
        expect(readBack(source, objectives)).toEqual(objectives);
      });
    }
  }

  test('the scenario of the interfaces page', async () => {
    const { objectives } = await loadScenario(join(import.meta.dirname, 'files/interfaces.yaml'));
    const text = written(objectives, 'agent-api')
      .documents.map((one) => stringify(one))
      .join('---\n');
    const source = {
      ...sound(),
      checks: [...(sound()['checks'] as object[]), { name: 'entry', kind: 'http', to: 'entry.api', every: '10s' }],
    };
    const importing = { ...source, objectives: [], drills: [], imports: ['x'] };
    expect(parseScenario(importing, undefined, (file) => ({ file, text })).objectives).toEqual(objectives);
  });
});

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
/** Percents with up to three places. */
const percent = fc.integer({ min: 1, max: 99_999 }).map((thousandths) => `${thousandths / 1_000}%`);
const duration = fc.oneof(
  fc.constantFrom(...durationBounds).map((seconds) => `${seconds * 1_000}ms`),
  fc.integer({ min: 1, max: 40_000 }).map((ms) => `${ms}ms`),
  fc.integer({ min: 1, max: 90 }).map((seconds) => `${seconds}s`),
);
const percentile = fc.integer({ min: 1, max: 9_999 }).map((hundredths) => `p${hundredths / 100}`);
const ratioIndicator = fc.oneof(
  fc.constantFrom('availability', 'residency'),
  duration.map((limit) => ({ 'latency-under': limit })),
  fc.integer({ min: 10, max: 900 }).map((seconds) => ({ freshness: `${seconds}s` })),
  duration.map((limit) => ({ 'failover-within': limit })),
);
const quantileIndicator = percentile.chain((of) => fc.constantFrom({ latency: of }, { 'replication-lag': of }));
const measured = fc.oneof(
  fc.record({ indicator: ratioIndicator, target: percent }),
  fc.record({ indicator: quantileIndicator, target: duration }),
);
const window = fc.oneof(
  fc.integer({ min: 10_000, max: 400 * dayMs }).map((ms) => ({ window: `${ms}ms` })),
  fc.integer({ min: 1, max: 90 }).map((days) => ({ window: `${days}d` })),
  fc
    .record({
      every: fc.constantFrom('day', 'week', 'month', 'quarter', 'year'),
      timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Pacific/Apia'),
    })
    .map((calendar) => ({ calendar })),
);
const exclusion = fc
  .record({
    fromMs: fc.integer({ min: Date.UTC(2020), max: Date.UTC(2040) }),
    lengthMs: fc.integer({ min: 1, max: dayMs }),
    because: fc.string({ minLength: 1 }).filter((text) => text.trim() !== ''),
  })
  .map(({ fromMs, lengthMs, because }) => ({
    from: new Date(fromMs).toISOString(),
    to: new Date(fromMs + lengthMs).toISOString(),
    because,
  }));
const beside = fc.record(
  {
    region: fc.constantFrom('us-east-1', 'eu-west-1'),
    from: fc.constantFrom('own', 'all'),
    missing: fc.constantFrom('exclude', 'bad', 'hold'),
    bursts: fc.integer({ min: 1, max: 10_000 }).map((ms) => `${ms}ms`),
    exclude: fc.array(exclusion, { maxLength: 3 }),
    drills: fc.constantFrom('charged', 'apart', 'excluded'),
    budget: fc.record({ slices: fc.constantFrom('1m', '5m', '1h'), good: percent }),
  },
  { requiredKeys: [] },
);
const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,90}$/);

/** Only what an objective of that indicator may say: the rest is for the tests of mistakes. */
function allowed({ budget, drills, missing, bursts, from, ...source }: Source): Source {
  const indicator = JSON.stringify(source['indicator']);
  const counts = /^"|latency-under/.test(indicator);
  const isQuantile = /latency"|lag"/.test(indicator);
  const isOfDrills = indicator.includes('failover');
  const isLong = 'calendar' in source || Number.parseInt(String(source['window']), 10) >= 60 * minuteMs;
  return {
    ...source,
    ...(budget !== undefined && counts && isLong && { budget }),
    ...(drills !== undefined && !isOfDrills && !(isQuantile && drills === 'apart') && { drills }),
    ...(missing !== undefined && !isQuantile && !isOfDrills && { missing }),
    ...(bursts !== undefined && !isOfDrills && { bursts }),
    ...(from !== undefined && 'region' in source && { from }),
  };
}

test('any objective is read back as it was, with what OpenSLO cannot say in annotations', () => {
  const any = fc.tuple(id, fc.constantFrom('home', 'geo', 'write'), measured, window, beside);
  fc.assert(
    fc.property(fc.uniqueArray(any, { minLength: 1, maxLength: 4, selector: ([name]) => name }), (drawn) => {
      const objectives = drawn.map(([name, check, ...rest]) => allowed(Object.assign({ id: name, check }, ...rest)));
      const source = { ...sound(), objectives, drills: [] };
      const found = parseScenario(source).objectives;
      expect(readBack(source, found)).toEqual(found);
    }),
    { numRuns: 250, seed: 7 },
  );
});

test('what OpenSLO cannot say is told, objective by objective', () => {
  const objectives = [
    { id: 'up', check: 'home', indicator: 'availability', target: '99.9%', window: '30d' },
    {
      id: 'up.too',
      check: 'home',
      indicator: 'availability',
      target: '99.9%',
      window: '90s',
      bursts: '1m',
      drills: 'apart',
    },
    { id: 'fast', check: 'home', indicator: { latency: 'p95' }, target: '260ms', window: '1d' },
    { id: 'slow', check: 'home', indicator: { 'latency-under': '40s' }, target: '99%', window: '1d' },
    { id: 'fresh', check: 'home', indicator: { freshness: '5m' }, target: '99%', window: '1d' },
  ];
  expect(written(parseScenario({ ...sound(), objectives }).objectives).notes).toEqual([
    'up.too: OpenSLO has whole minutes: its window is 2m, ours 90s',
    'up.too: OpenSLO cannot say bursts: 1m',
    'up.too: OpenSLO cannot say drills: apart',
    'fast: no bucket ends at 260ms: other programs take results up to 400ms for good',
    'slow: no bucket ends at 40s: other programs take results however long they took for good',
    'fresh: no counter has freshness: other programs read the share that was measured over the window',
  ]);
});

test('names that would be the same are told apart', () => {
  const objectives = ['A.b', 'a-b', 'a_b'].map((name) => ({
    id: name,
    check: 'home',
    indicator: 'availability',
    target: '99%',
    window: '1d',
  }));
  const { documents } = written(parseScenario({ ...sound(), objectives }).objectives);
  expect(documents.slice(2).map(({ metadata }) => (metadata as { name: string }).name)).toEqual([
    'a-b',
    'a-b-2',
    'a-b-3',
  ]);
});
