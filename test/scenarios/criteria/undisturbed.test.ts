import { describe } from 'vitest';
import { drawn, healthyFacts } from '../../fakes/facts.ts';
import { few, results, turnsOnly, weights } from './cases.ts';

describe('rows of undisturbed samples', () => {
  turnsOnly([
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
        r.checkId.startsWith('geo/london') && r.startMs % 1_000 === 0
          ? { ...r, outcome: 'bad', region: 'us-east-1' }
          : r,
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
      claim: 'a latency that is another vantage’s',
      bent: {
        metrics: healthyFacts().metrics.replace(
          'latency_seconds{region="us-east-1"} 0.05',
          'latency_seconds{region="us-east-1"} 0.8',
        ),
      },
      status: 'fail',
      because: /^agent_region_latency_seconds of us-east-1 is 0.800, want 0.027 to 0.254$/,
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
  ]);
});
