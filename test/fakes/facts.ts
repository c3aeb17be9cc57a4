/** Facts of a healthy run of world agent-api, to be bent by tests: results in rounds, two drills, metrics and a log. */
import type { StoredResult } from '../../contract/api.ts';
import { exactly } from '../../contract/bounds.ts';
import { profiles } from '../../scenarios/agent-api/profiles.ts';
import type { Facts, LogRecord } from '../../scenarios/world.ts';
import { drillReport, entryReport } from './drill-report.ts';

export const regions = ['us-east-1', 'eu-west-1', 'ap-southeast-1'] as const;
const ownMs = { 'us-east-1': 50, 'eu-west-1': 150, 'ap-southeast-1': 180 } as const;
const startedMs = 1_763_689_200_000;

export type Bent = Partial<Omit<StoredResult, 'details'>> &
  Pick<StoredResult, 'check'> &
  Partial<Pick<StoredResult, 'details'>>;

/** One result, good and quick unless said otherwise. */
export function resultOf(bent: Bent, atMs: number): StoredResult {
  return {
    id: 1,
    seq: 1,
    checkId: bent.check,
    entry: null,
    agent: bent.vantage ?? 'us-east-1',
    boot: 'boot',
    vantage: 'us-east-1',
    offset: exactly(0),
    atMs,
    startMs: atMs,
    round: 1,
    client: 'fresh',
    burst: null,
    quality: { lateMs: 0, loopDelayMs: 0 },
    outcome: 'good',
    durationMs: 10,
    phases: {},
    region: null,
    servedBy: null,
    details: {},
    ...bent,
  };
}

/** `count` results, `everyMs` apart; `bent` says what is special about the one with that index. */
export function resultsOf(
  count: number,
  bent: (index: number) => Bent,
  { fromMs = startedMs, everyMs = 100 }: { readonly fromMs?: number; readonly everyMs?: number } = {},
): StoredResult[] {
  return Array.from({ length: count }, (_, index) => resultOf(bent(index), fromMs + index * everyMs));
}

/** Draws that follow the weights as exactly as whole numbers can. */
export function drawn(
  count: number,
  weights: Readonly<Record<string, number>>,
  fromMs = startedMs,
  everyMs = 16,
): StoredResult[] {
  const whole = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  return resultsOf(
    count,
    (index) => {
      const point = ((index * 37) % 100) * (whole / 100);
      const region = regionAt(point, Object.entries(weights));
      return { check: 'draws', entry: 'global', region, durationMs: 2, details: { answers: ['127.0.0.1'] } };
    },
    { fromMs, everyMs },
  );
}

function regionAt(point: number, weights: readonly (readonly [string, number])[]): string | null {
  const [first, ...others] = weights;
  if (first === undefined) return null;
  return point < first[1] ? first[0] : regionAt(point - first[1], others);
}

function homeResults(): StoredResult[] {
  return regions.flatMap((vantage) =>
    regions.flatMap((region) =>
      resultsOf(100, (index) => {
        const durationMs = (vantage === region ? ownMs[region] : 800) - 5 + (index % 10);
        return {
          check: 'home',
          checkId: `home/${region}`,
          vantage,
          region,
          servedBy: region,
          durationMs,
          details: { status: 200 },
        };
      }),
    ),
  );
}

function geoResults(): StoredResult[] {
  const led = { 'new-york': 'us-east-1', london: 'eu-west-1', singapore: 'ap-southeast-1' };
  return Object.entries(led).flatMap(([place, region]) =>
    resultsOf(40, () => {
      const checkId = `geo/${place}@127.0.0.53:53`;
      return { check: 'geo', checkId, entry: 'api', region, details: { answers: ['127.0.0.1'] } };
    }),
  );
}

export function written(check: string, country: string, region: string, status = 201): (index: number) => Bent {
  return (index) => ({
    check,
    region,
    vantage: 'eu-west-1',
    servedBy: region,
    outcome: 'good',
    details: {
      status,
      userCountry: country,
      requestId: `${check}-${region}-${index}`,
      ...(status === 201 ? { storedIn: region } : {}),
    },
  });
}

function residencyResults(): StoredResult[] {
  return [
    ...resultsOf(10, written('eu-user', 'DE', 'eu-west-1')),
    ...resultsOf(10, written('gb-user', 'GB', 'eu-west-1')),
    ...regions.flatMap((region) => resultsOf(10, written('us-user', 'US', region))),
    ...['us-east-1', 'ap-southeast-1'].flatMap((region) => resultsOf(10, written('eu-elsewhere', 'DE', region, 451))),
  ];
}

function smokeResults(): StoredResult[] {
  return regions.flatMap((region) =>
    resultsOf(30, () => ({ check: 'smoke', region, servedBy: region, details: { status: 200 } })),
  );
}

function logOf(results: readonly StoredResult[]): LogRecord[] {
  return results
    .filter(({ details }) => details.status === 451)
    .map(({ details, region, atMs }) => ({
      event: 'data_residency_violation',
      requestId: details.requestId ?? '',
      country: details.userCountry ?? '',
      region: region ?? '',
      atMs,
    }));
}

export const t0Ms = startedMs + 60_000;
export const restoreMs = t0Ms + 7_000;
const euT0Ms = t0Ms + 30_000;

function drillResults(): StoredResult[] {
  const standby = resultsOf(
    30,
    () => ({ check: 'client', entry: 'standby', region: 'eu-west-1', servedBy: 'eu-west-1', details: { status: 200 } }),
    { fromMs: t0Ms + 4_200, everyMs: 80 },
  );
  const dark = resultsOf(
    50,
    () => ({
      check: 'client',
      entry: 'api',
      vantage: 'eu-west-1',
      region: 'eu-west-1',
      outcome: 'bad',
      details: { status: 503 },
    }),
    { fromMs: euT0Ms + 500, everyMs: 100 },
  );
  const refused = (fromMs: number) =>
    resultsOf(20, written('eu-elsewhere', 'DE', 'us-east-1', 451), { fromMs, everyMs: 200 });
  return [
    ...drawn(150, { 'us-east-1': 60, 'eu-west-1': 30, 'ap-southeast-1': 10 }, t0Ms),
    ...drawn(240, { 'eu-west-1': 75, 'ap-southeast-1': 25 }, t0Ms + 2_700),
    ...drawn(100, { 'us-east-1': 60, 'eu-west-1': 30, 'ap-southeast-1': 10 }, restoreMs + 2_300),
    ...standby,
    ...dark,
    ...refused(t0Ms + 500),
    ...refused(euT0Ms + 500),
  ];
}

/** What the service of a region says of itself, with its share of 600 requests of users. */
export function regionMetricsOf(region: string, users: number): string {
  const labels = `region="${region}",code="200",country="BR"`;
  return [
    '# TYPE agent_region_requests_total counter',
    `agent_region_requests_total{${labels},entry="global",client="user"} ${users}`,
    `agent_region_requests_total{${labels},entry="global",client="probe"} 400`,
    '',
  ].join('\n');
}

const users = { 'us-east-1': 360, 'eu-west-1': 180, 'ap-southeast-1': 60 } as const;

function metricsText(): string {
  return regions
    .flatMap((region) => [
      `agent_region_health{region="${region}"} 1`,
      `agent_region_latency_seconds{region="${region}"} ${ownMs[region] / 1_000}`,
      `agent_region_requests_total{region="${region}",code="200",entry="global",client="user"} ${users[region] - 10}`,
    ])
    .join('\n');
}

/** A run in which every row passes. */
export function healthyFacts(bent: Partial<Facts> = {}): Facts {
  const results = [
    ...homeResults(),
    ...geoResults(),
    ...drawn(600, { 'us-east-1': 60, 'eu-west-1': 30, 'ap-southeast-1': 10 }),
    ...residencyResults(),
    ...smokeResults(),
  ];
  return {
    profile: profiles.fast,
    results,
    recent: bent.results ?? results,
    drillResults: drillResults(),
    verdicts: [],
    drills: [
      drillReport('lose-us-east-1', t0Ms, [
        entryReport('api', 'us-east-1', ['eu-west-1']),
        entryReport('standby', 'us-east-1', ['eu-west-1']),
      ]),
      drillReport('lose-eu-west-1', euT0Ms, [entryReport('api', 'eu-west-1', [])]),
    ],
    metrics: metricsText(),
    regionMetrics: Object.fromEntries(regions.map((region) => [region, regionMetricsOf(region, users[region])])),
    audit: {
      country: 'DE',
      records: { 'us-east-1': 0, 'eu-west-1': 40, 'ap-southeast-1': 0 },
      allowed: ['eu-west-1'],
      status: 'pass',
      because: 'all 40 records are in eu-west-1',
    },
    residencyLog: { 'us-east-1': logOf(results), 'eu-west-1': [], 'ap-southeast-1': [] },
    ...bent,
  };
}

/** The same facts with some results bent; `null` leaves one out. */
export function bending(
  results: readonly StoredResult[],
  bend: (result: StoredResult) => StoredResult | null,
): readonly StoredResult[] {
  return results.flatMap((result) => bend(result) ?? []);
}
