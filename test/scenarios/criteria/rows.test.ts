import { describe, expect, test } from 'vitest';
import type { StoredResult } from '../../../contract/api.ts';
import type { DrillReport, EntryReport } from '../../../contract/drill.ts';
import type { Status } from '../../../contract/verdict.ts';
import { agentApi } from '../../../scenarios/agent-api.ts';
import type { Facts } from '../../../scenarios/world.ts';
import { bending, drawn, healthyFacts, restoreMs, resultsOf, t0Ms, written } from '../../fakes/facts.ts';

const weights = { 'us-east-1': 60, 'eu-west-1': 30, 'ap-southeast-1': 10 };

function results(bend: (result: StoredResult) => StoredResult | null): Partial<Facts> {
  return { results: bending(healthyFacts().results, bend) };
}
function during(bend: (result: StoredResult) => StoredResult | null): Partial<Facts> {
  return { drillResults: bending(healthyFacts().drillResults, bend) };
}
function drills(bend: (drill: DrillReport) => DrillReport): Partial<Facts> {
  return { drills: healthyFacts().drills.map(bend) };
}
function entries(entry: string, bend: (report: EntryReport) => EntryReport): Partial<Facts> {
  return drills((drill) => ({
    ...drill,
    entries: drill.entries.map((report) => (report.entry === entry ? bend(report) : report)),
  }));
}
/** The facts with every n-th result of a check left in. */
function few(check: string, keep: number): Partial<Facts> {
  let seen = 0;
  return results((result) => {
    if (result.check !== check) return result;
    seen += 1;
    return seen <= keep ? result : null;
  });
}
function verdict(status: Status) {
  return (report: EntryReport): EntryReport => ({ ...report, verdict: { status, because: 'as the judge says' } });
}

type Case = {
  readonly row: string;
  readonly claim: string;
  readonly bent: Partial<Facts>;
  readonly status: Status;
  readonly because: RegExp;
};

const cases: readonly Case[] = [
  {
    row: 'latency.us-east-1',
    claim: 'a region that is slow for its own users',
    bent: {
      ...results((r) => (r.checkId === 'home/us-east-1' ? { ...r, durationMs: r.durationMs + 60 } : r)),
      metrics: healthyFacts().metrics.replace(
        'latency_seconds{region="us-east-1"} 0.05',
        'latency_seconds{region="us-east-1"} 0.11',
      ),
    },
    status: 'fail',
    because: /^p95 is 114 ms \(113 to 114 ms with 95 % confidence, 100 samples\), not under 100 ms$/,
  },
  {
    row: 'latency.eu-west-1',
    claim: 'a limit within the interval',
    bent: results((r) =>
      r.checkId === 'home/eu-west-1' && r.vantage === 'eu-west-1'
        ? { ...r, durationMs: (r.startMs / 100) % 20 === 19 ? 230 : 190 }
        : r,
    ),
    status: 'inconclusive',
    because: /around 200 ms$/,
  },
  {
    row: 'latency.ap-southeast-1',
    claim: 'too few samples for a quantile',
    bent: results((r) =>
      r.checkId === 'home/ap-southeast-1' && r.vantage === 'ap-southeast-1' && r.startMs % 1_000 >= 500 ? null : r,
    ),
    status: 'inconclusive',
    because: /^50 good samples, want at least 72 for an interval of the p95$/,
  },
  {
    row: 'routing.london',
    claim: 'one answer that led elsewhere',
    bent: results((r) =>
      r.checkId.startsWith('geo/london') && r.startMs % 1_000 === 0 ? { ...r, outcome: 'bad', region: 'us-east-1' } : r,
    ),
    status: 'fail',
    because: /^4 of 40 answers to london \(10.0 %\) led to us-east-1 \(4\), not eu-west-1$/,
  },
  {
    row: 'routing.singapore',
    claim: 'fewer answers than name servers and vantages',
    bent: results((r) => (r.checkId.startsWith('geo/singapore') ? null : r)),
    status: 'inconclusive',
    because: /^0 answers to singapore, want at least 12$/,
  },
  {
    row: 'traffic.share',
    claim: 'weights that are not the design’s',
    bent: {
      results: [
        ...(results((r) => (r.check === 'draws' ? null : r)).results ?? []),
        ...drawn(600, { ...weights, 'us-east-1': 20 }),
      ],
    },
    status: 'fail',
    because: /that is not 60\/30\/10$/,
  },
  {
    row: 'traffic.share',
    claim: 'draws too few to miss a region',
    bent: few('draws', 100),
    status: 'inconclusive',
    because: /^100 draws of the authorities: .*; want at least 149 draws$/,
  },
  {
    row: 'traffic.share',
    claim: 'a service that counts no users',
    bent: {
      regionMetrics: Object.fromEntries(
        Object.entries(healthyFacts().regionMetrics).map(([region, text]) => [
          region,
          text.replace('"user"', '"probe"'),
        ]),
      ),
    },
    status: 'inconclusive',
    because: /the service counted no request of a user to global$/,
  },
  {
    row: 'residency.eu-in-eu',
    claim: 'a user refused at home',
    bent: results((r) =>
      r.check === 'gb-user' ? { ...r, outcome: 'bad', details: { ...r.details, status: 403 } } : r,
    ),
    status: 'fail',
    because:
      /^10 of 20 answers: GB at eu-west-1: 403 by eu-west-1, stored in eu-west-1 \(10\); want: served and stored in eu-west-1$/,
  },
  {
    row: 'residency.eu-in-eu',
    claim: 'a record stored elsewhere',
    bent: results((r) => (r.check === 'eu-user' ? { ...r, details: { ...r.details, storedIn: 'us-east-1' } } : r)),
    status: 'fail',
    because: /stored in us-east-1/,
  },
  {
    row: 'residency.eu-in-eu',
    claim: 'one country never asked for',
    bent: results((r) => (r.check === 'gb-user' ? null : r)),
    status: 'inconclusive',
    because: /^0 answers of gb-user, want at least 5 of each$/,
  },
  {
    row: 'residency.us-anywhere',
    claim: 'a user refused whom no rule names',
    bent: results((r) =>
      r.check === 'us-user' && r.region === 'ap-southeast-1' ? { ...r, details: { ...r.details, status: 404 } } : r,
    ),
    status: 'fail',
    because: /^10 of 30 answers: US at ap-southeast-1: 404 by ap-southeast-1/,
  },
  {
    row: 'residency.us-anywhere',
    claim: 'a region that gave no answer',
    bent: results((r) => (r.check === 'us-user' && r.region === 'eu-west-1' ? { ...r, details: {} } : r)),
    status: 'inconclusive',
    because: /^0 answers of eu-west-1, want at least 5 of each$/,
  },
  {
    row: 'residency.eu-refused',
    claim: 'a refusal with another status',
    bent: results((r) =>
      r.check === 'eu-elsewhere' && r.region === 'us-east-1'
        ? { ...r, details: { status: 403, userCountry: 'DE' } }
        : r,
    ),
    status: 'fail',
    because: /^10 of 20 answers: DE at us-east-1: 403 by us-east-1 \(10\)/,
  },
  {
    row: 'residency.eu-refused',
    claim: 'refusals that were not tried',
    bent: results((r) => (r.check === 'eu-elsewhere' && r.region === 'us-east-1' ? { ...r, details: {} } : r)),
    status: 'inconclusive',
    because: /^0 answers of us-east-1/,
  },
  {
    row: 'residency.log',
    claim: 'a refusal without a record',
    bent: { residencyLog: {} },
    status: 'fail',
    because: /^20 of 20 refusals without a record$/,
  },
  {
    row: 'residency.log',
    claim: 'a record of a request that was served, and two of one',
    bent: {
      residencyLog: {
        ...healthyFacts().residencyLog,
        'eu-west-1': [
          ...(healthyFacts().residencyLog['us-east-1']?.slice(0, 1) ?? []),
          {
            event: 'data_residency_violation',
            requestId: 'eu-user-eu-west-1-3',
            country: 'DE',
            region: 'eu-west-1',
            atMs: 1,
          },
        ],
      },
    },
    status: 'fail',
    because: /^1 request with more than one record; 1 record of requests that were not refused$/,
  },
  {
    row: 'residency.audit',
    claim: 'an audit that found a record astray',
    bent: {
      audit: {
        country: 'DE',
        records: { 'us-east-1': 2 },
        allowed: ['eu-west-1'],
        status: 'fail',
        because: '2 of 2 are outside',
      },
    },
    status: 'fail',
    because: /^2 of 2 are outside$/,
  },
  {
    row: 'residency.audit',
    claim: 'no audit',
    bent: { audit: null },
    status: 'inconclusive',
    because: /^no audit was made$/,
  },
  {
    row: 'failover.active-active',
    claim: 'an entry name that did not move in time',
    bent: drills((drill) =>
      drill.name === 'lose-us-east-1'
        ? {
            ...drill,
            entries: drill.entries.map((report) => (report.entry === 'api' ? verdict('fail')(report) : report)),
          }
        : drill,
    ),
    status: 'fail',
    because: /^api: as the judge says; global: left/,
  },
  {
    row: 'failover.active-active',
    claim: 'a weighted name that goes on answering the region that is gone',
    bent: {
      drillResults: [
        ...(during((r) => (r.check === 'draws' && r.startMs < restoreMs ? null : r)).drillResults ?? []),
        ...drawn(400, weights, t0Ms),
      ],
    },
    status: 'fail',
    because: /draws answered us-east-1 later than 2.80 s after t0/,
  },
  {
    row: 'failover.active-active',
    claim: 'the rest shared out otherwise than by weight',
    bent: during((r) => (r.check === 'draws' && r.region === 'ap-southeast-1' ? { ...r, region: 'eu-west-1' } : r)),
    status: 'fail',
    because: /that is not 75\/25/,
  },
  {
    row: 'failover.active-active',
    claim: 'a region that is not drawn again in all the time that it has',
    bent: {
      drillResults: [
        ...(during((r) => (r.check === 'draws' && r.startMs > restoreMs ? null : r)).drillResults ?? []),
        ...drawn(200, { 'eu-west-1': 75, 'ap-southeast-1': 25 }, restoreMs + 100, 50),
      ],
    },
    status: 'fail',
    because: /us-east-1 was not drawn again in 200 draws after the restore/,
  },
  {
    row: 'failover.active-active',
    claim: 'draws too few to show that the region has left',
    bent: during((r) => (r.check === 'draws' && r.startMs < restoreMs && r.startMs > t0Ms + 2_800 ? null : r)),
    status: 'inconclusive',
    because: /global: \d+ draws without us-east-1 before the restore, want 16/,
  },
  {
    row: 'failover.active-passive',
    claim: 'a standby that is another region',
    bent: during((r) => (r.entry === 'standby' ? { ...r, servedBy: 'ap-southeast-1' } : r)),
    status: 'fail',
    because: /eu-west-1 gave 0 of 30 answers meanwhile, others ap-southeast-1 \(30\)$/,
  },
  {
    row: 'failover.active-passive',
    claim: 'a standby that nobody asked',
    bent: during((r) => (r.entry === 'standby' ? null : r)),
    status: 'inconclusive',
    because: /eu-west-1 gave 0 of 0 answers meanwhile$/,
  },
  {
    row: 'failover.active-passive',
    claim: 'a standby that the judge is not sure of',
    bent: entries('standby', verdict('inconclusive')),
    status: 'inconclusive',
    because: /^as the judge says; eu-west-1 gave 30 of 30/,
  },
  {
    row: 'failover.eu-dark',
    claim: 'a dark door that answers with another status',
    bent: during((r) => (r.details.status === 503 ? { ...r, details: { status: 404 } } : r)),
    status: 'fail',
    because: /^50 answers at eu-west-1 on api while eu-west-1 was dark, of them 404 \(50\), want 503$/,
  },
  {
    row: 'failover.eu-dark',
    claim: 'users led to another region',
    bent: during((r) => (r.vantage === 'eu-west-1' && r.entry === 'api' ? { ...r, region: 'us-east-1' } : r)),
    status: 'fail',
    because: /^users at eu-west-1 were led to us-east-1 \(50\)$/,
  },
  {
    row: 'failover.eu-dark',
    claim: 'an outage whose end was not seen',
    bent: drills((drill) => ({
      ...drill,
      entries: drill.entries.map((report) =>
        report.servedBy.length === 0 ? { ...report, failback: { stages: {}, passages: [] } } : report,
      ),
    })),
    status: 'inconclusive',
    because: /the end of the outage was not seen$/,
  },
  {
    row: 'failover.residency',
    claim: 'a user served elsewhere while the own region was dark',
    bent: {
      drillResults: [
        ...healthyFacts().drillResults,
        ...resultsOf(1, written('eu-elsewhere', 'DE', 'us-east-1'), { fromMs: t0Ms + 33_000 }),
      ],
    },
    status: 'fail',
    because:
      /^1 of 91 attempts of these users were served or stored outside: DE at us-east-1: 201 by us-east-1, stored in us-east-1 \(1\)$/,
  },
  {
    row: 'metrics.names',
    claim: 'a metric that one region lacks',
    bent: {
      metrics: healthyFacts().metrics.replace(
        'agent_region_requests_total{region="eu-west-1"',
        'other{region="eu-west-1"',
      ),
    },
    status: 'fail',
    because: /^agent_region_requests_total of eu-west-1 is missing$/,
  },
  {
    row: 'metrics.names',
    claim: 'a health that contradicts what was seen',
    bent: { metrics: healthyFacts().metrics.replace('health{region="us-east-1"} 1', 'health{region="us-east-1"} 0') },
    status: 'fail',
    because: /^agent_region_health of us-east-1 is 0, but 300 of 300 attempts were good$/,
  },
  {
    row: 'metrics.names',
    claim: 'more requests than the region has counted',
    bent: { metrics: healthyFacts().metrics.replace(' 350', ' 3500') },
    status: 'fail',
    because: /^agent_region_requests_total of us-east-1 is 3500, but the region counts 760$/,
  },
  {
    row: 'smoke.eu-west-1',
    claim: 'an endpoint that fails',
    bent: results((r) =>
      r.check === 'smoke' && r.region === 'eu-west-1'
        ? { ...r, outcome: 'bad', failedAt: 'answer', reason: 'status: got 500, want 200' }
        : r,
    ),
    status: 'fail',
    because: /^30 of 30 attempts failed: status: got 500, want 200 \(30\)$/,
  },
  {
    row: 'smoke.us-east-1',
    claim: 'an endpoint that nobody asked',
    bent: results((r) => (r.check === 'smoke' && r.region === 'us-east-1' ? null : r)),
    status: 'inconclusive',
    because: /^0 of 0 attempts failed, want at least 3 attempts$/,
  },
];

describe('rows', () => {
  test('all of a healthy run pass, each with a sentence that has a number in it', () => {
    const rows = agentApi.rows(healthyFacts());
    expect(rows.filter((row) => row.status !== 'pass')).toEqual([]);
    expect(rows.filter((row) => !/\d/.test(row.because) || row.measured === null || row.evidence.length === 0)).toEqual(
      [],
    );
  });

  test('are the ones that a plant can turn', () => {
    expect(agentApi.rows(healthyFacts()).map((row) => row.id)).toEqual(Object.keys(agentApi.plants));
  });

  test('of a run without any facts are inconclusive or say what is missing, and do not throw', () => {
    const nothing = {
      results: [],
      drillResults: [],
      drills: [],
      metrics: '',
      regionMetrics: {},
      audit: null,
      residencyLog: {},
    };
    const rows = agentApi.rows(healthyFacts(nothing));
    expect(rows.filter((row) => row.status === 'pass')).toEqual([]);
    expect(rows.filter((row) => row.status === 'fail').map((row) => row.id)).toEqual(['metrics.names']);
  });

  test('of drills that were not made say which', () => {
    const rows = agentApi.rows(healthyFacts({ drills: [] })).filter((row) => row.id.startsWith('failover.'));
    expect(rows.map((row) => [row.status, row.because])).toEqual([
      ['inconclusive', 'drill lose-us-east-1 was not made'],
      ['inconclusive', 'drill lose-us-east-1 was not made'],
      ['inconclusive', 'drill lose-eu-west-1 was not made'],
      ['inconclusive', 'drill lose-us-east-1 was not made'],
    ]);
  });

  for (const { row, claim, bent, status, because } of cases) {
    test(`${row}: ${claim} is ${status}, and no other row turns`, () => {
      const rows = agentApi.rows(healthyFacts(bent));
      const found = rows.find(({ id }) => id === row);
      expect(found?.status).toBe(status);
      expect(found?.because).toMatch(because);
      expect(rows.filter((other) => other.status !== 'pass').map(({ id }) => id)).toEqual([row]);
    });
  }
});
