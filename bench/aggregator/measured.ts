/** The aggregator under measurement, in a process of its own. Says on request what it has spent and how long it stood still. */
import { startAggregator } from '../../aggregator/aggregator.ts';
import type { Check } from '../../contract/check.ts';
import { systemClock } from '../../contract/clock.ts';
import { silent } from '../../contract/log.ts';
import { seededRandom } from '../../contract/random.ts';
import { answerOrders } from './orders.ts';

const [stateDir = '', token = '', checks = '0'] = process.argv.slice(2);

function checkOf(index: number): Check {
  return {
    id: `check-${index}/us-east-1`,
    name: `check-${index}`,
    target: 'bench',
    region: 'us-east-1',
    entry: null,
    vantages: null,
    everyMs: 1_000,
    timeoutMs: 1_000,
    kind: 'http',
    url: 'https://example.test/',
    method: 'GET',
    headers: {},
    body: null,
    resolveWith: 'resolver',
    expect: { status: [200], headers: {}, bodyContains: [] },
    identity: { servedBy: null, storedIn: null },
  };
}

const aggregator = await startAggregator(
  {
    listen: { host: '127.0.0.1', port: 0 },
    stateDir,
    writeToken: token,
    readToken: null,
    scenario: 'bench',
    assignment: {
      version: 1,
      checks: Array.from({ length: Number(checks) }, (_, index) => checkOf(index)),
      regions: {},
      references: [],
    },
    objectives: [
      {
        id: 'all',
        check: 'check-0',
        region: null,
        from: 'all',
        indicator: { kind: 'availability', target: 0.99 },
        windowMs: 86_400_000,
      },
    ],
    sources: [],
    prefix: 'bench',
    regions: ['us-east-1'],
    ca: null,
  },
  { clock: systemClock(), random: seededRandom(1), log: silent },
);
answerOrders(aggregator.url, () => aggregator.stop());
