/** An aggregator in a process of its own, for a test to kill. Says its address on stdout. */
import { startAggregator } from '../../aggregator/aggregator.ts';
import { systemClock } from '../../contract/clock.ts';
import { silent } from '../../contract/log.ts';
import { seededRandom } from '../../contract/random.ts';

const check = {
  id: 'home/us-east-1',
  name: 'home',
  target: 'agent-api',
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
} as const;

const { url } = await startAggregator(
  {
    listen: { host: '127.0.0.1', port: 0 },
    stateDir: process.argv[2] ?? '',
    writeToken: 'write-token',
    readToken: null,
    scenario: 'agent-api',
    assignment: { version: 1, checks: [check], regions: {}, references: [] },
    objectives: [
      {
        id: 'all',
        check: 'home',
        region: null,
        from: 'all',
        indicator: { kind: 'availability', target: 0.5 },
        windowMs: 3_600_000,
      },
    ],
    sources: [],
    prefix: 'agent',
    regions: ['us-east-1'],
    ca: null,
  },
  { clock: systemClock(), random: seededRandom(1), log: silent },
);
process.stdout.write(`${url}\n`);
