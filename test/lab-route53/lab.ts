/** The API over a store and checkers that a test sets by hand, and the real AWS SDK pointed at it. */
import { Route53Client } from '@aws-sdk/client-route-53';
import { type Clock, systemClock } from '../../contract/clock.ts';
import { silent } from '../../contract/log.ts';
import { seededRandom } from '../../contract/random.ts';
import { geography } from '../../lab/dns/geography.ts';
import { type Route53Options, route53Api } from '../../lab/route53/api.ts';
import { zoneStore } from '../../lab/route53/store.ts';
import { healthOf } from '../../zone/health.ts';
import type { CheckerReport, HealthCheck, Zone } from '../../zone/records.ts';
import { places } from '../lab-dns/ask.ts';
import { agentZone } from '../zone/records.ts';

const sourceAddresses = Array.from({ length: 16 }, (_, index) => `127.15.0.${index + 1}`);

export function checkFor(id: string): HealthCheck {
  return {
    id,
    version: 1,
    type: 'HTTPS',
    ipAddress: '127.1.0.1',
    port: 40_443,
    hostname: 'us.agent.test',
    path: '/health',
    searchString: null,
    requestIntervalSeconds: 1,
    failureThreshold: 3,
    inverted: false,
    disabled: false,
    healthThreshold: 0,
    childHealthChecks: [],
  };
}

export async function startApi(
  options: { quota?: Route53Options['quota']; clock?: Clock; zone?: Zone; healthChecks?: readonly HealthCheck[] } = {},
) {
  const clock = options.clock ?? systemClock();
  const random = seededRandom(11);
  const store = zoneStore(
    {
      zone: options.zone ?? agentZone,
      healthChecks: options.healthChecks ?? ['127.1.0.1', '127.2.0.1', '127.3.0.1'].map(checkFor),
      insyncMs: [20, 20],
    },
    { clock, random },
  );
  const sick = new Set<string>();
  const reports = (id: string): readonly CheckerReport[] =>
    sourceAddresses.map((address) => ({
      region: 'us-east-1',
      address,
      healthy: !sick.has(id),
      status: sick.has(id) ? 'Failure: HTTP Status Code 503, Service Unavailable' : 'Success: HTTP Status Code 200, OK',
      checkedAtMs: clock.nowMs(),
    }));
  const known = {
    check: (id: string) => store.healthChecks().find((one) => one.id === id),
    said: (id: string) => reports(id).map(({ healthy }) => healthy),
  };
  const checkers = { sourceAddresses, reports, lastFailures: () => [], healthy: (id: string) => healthOf(id, known) };
  const api = await route53Api(
    {
      listen: { host: '127.0.0.1', port: 0 },
      store,
      checkers,
      locate: geography(places),
      quota: options.quota ?? { perSecond: 1_000, burst: 1_000 },
    },
    { clock, random, log: silent },
  );
  const client = new Route53Client({
    endpoint: api.url,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'lab', secretAccessKey: 'lab' },
  });
  async function close(): Promise<void> {
    client.destroy();
    store.close();
    await api.close();
  }
  return { api, client, store, sick, close };
}
