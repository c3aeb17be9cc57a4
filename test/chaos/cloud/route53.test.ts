import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { pace } from '../../../chaos/cloud/aws/pace.ts';
import { route53 } from '../../../chaos/cloud/route53.ts';
import { healthCheckOf, readCheckers, readZone } from '../../../chaos/runner/zone.ts';
import { Trouble } from '../../../chaos/trouble.ts';
import type { ZoneReader } from '../../../chaos/zone-reader.ts';
import { systemClock } from '../../../contract/clock.ts';
import { fakeClock } from '../../fakes/clock.ts';
import { checkFor, startApi } from '../../lab-route53/lab.ts';
import { agentZone } from '../../zone/records.ts';

const open = new AbortController().signal;

describe('the zone through the AWS SDK', () => {
  let lab: Awaited<ReturnType<typeof startApi>>;
  let reader: ZoneReader;
  beforeEach(async () => {
    lab = await startApi();
    vi.stubEnv('AWS_ENDPOINT_URL_ROUTE_53', lab.api.url);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'lab');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'lab');
    reader = await route53(agentZone.id, systemClock());
  });
  afterEach(async () => {
    reader.close();
    vi.unstubAllEnvs();
    await lab.close();
  });

  test('is read as it is: every record, every health check, the name servers', async () => {
    const { state } = await readZone(reader, open);
    const byName = (a: object, b: object): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
    const own = state?.zone.records.filter(({ type }) => type !== 'NS' && type !== 'SOA') ?? [];
    expect(own.toSorted(byName)).toEqual(agentZone.records.toSorted(byName));
    expect(state?.zone.name).toBe(agentZone.name);
    expect(state?.healthChecks).toEqual(['127.1.0.1', '127.2.0.1', '127.3.0.1'].map(checkFor));
  });

  test("finds the health check of a region's endpoint, and what its checkers say", async () => {
    const { state } = await readZone(reader, open);
    if (state === null) throw new Error('no zone');
    const record = agentZone.records.find(
      ({ healthCheckId, target }) => healthCheckId !== null && target.kind === 'values',
    );
    const address = record?.target.kind === 'values' ? record.target.values[0] : undefined;
    const check = healthCheckOf(
      { ...state, healthChecks: [checkFor(record?.healthCheckId ?? '')] },
      `https://${address}:40443`,
    );
    expect(check?.id).toBe(record?.healthCheckId);
    const known = checkFor('127.1.0.1');
    expect(await readCheckers(reader, known, systemClock(), open)).toMatchObject({ healthy: true, healthyCount: 16 });
    lab.sick.add('127.1.0.1');
    expect(await readCheckers(reader, known, systemClock(), open)).toMatchObject({ healthy: false, healthyCount: 0 });
  });

  test('is read again, a little later, when others have used up the requests of the account', async () => {
    await lab.close();
    lab = await startApi({ quota: { perSecond: 2, burst: 1 } });
    vi.stubEnv('AWS_ENDPOINT_URL_ROUTE_53', lab.api.url);
    const patient = await route53(agentZone.id, systemClock());
    const { state, because } = await readZone(patient, open);
    patient.close();
    expect(because).toBeNull();
    expect(state?.healthChecks).toHaveLength(3);
  });

  test('a zone that is not there is one sentence', async () => {
    const absent = await route53('Z0000000', systemClock());
    const error: unknown = await absent.zone(open).catch((reason: unknown) => reason);
    absent.close();
    expect(error).toBeInstanceOf(Trouble);
    expect(error).toMatchObject({ kind: 'missing' });
    expect(String(error)).toContain('Route 53, zone Z0000000: the zone: ');
  });
});

test('at most five requests begin within any second', async () => {
  const clock = fakeClock(0);
  const turn = pace(5, clock);
  const begun: number[] = [];
  const all = Promise.all(Array.from({ length: 17 }, () => turn(open).then(() => begun.push(clock.nowMs()))));
  await clock.advance(10_000);
  await all;
  for (const atMs of begun)
    expect(begun.filter((other) => other >= atMs && other < atMs + 1_000).length).toBeLessThan(6);
  expect(begun.at(-1)).toBeLessThan(3_500);
});
