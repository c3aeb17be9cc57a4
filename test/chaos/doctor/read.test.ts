/** What a doctor does with zones that are large, hidden or slow. */
import { expect, test } from 'vitest';
import { examine } from '../../../chaos/doctor/doctor.ts';
import { diagnoseZone, type ZoneFacts } from '../../../chaos/doctor/zone.ts';
import { Trouble } from '../../../chaos/trouble.ts';
import type { ZoneReader } from '../../../chaos/zone-reader.ts';
import { parseScenario } from '../../../scenarios/define.ts';
import type { RecordSet } from '../../../zone/records.ts';
import { fakeClock } from '../../fakes/clock.ts';
import { check, eu, facts, name, pair, shop, to, us } from './shop.ts';

const sound = facts(pair);

function readerOf(given: ZoneFacts, more: Partial<ZoneReader> = {}): ZoneReader {
  return {
    zone: async () => given.zone,
    healthChecks: async () => given.healthChecks,
    status: async () => [],
    close: () => undefined,
    ...more,
  };
}

function examined(zone: ZoneReader | null) {
  const { regions } = shop() as { readonly regions: Readonly<Record<string, object>> };
  const kubernetes = { ...regions[us], kubernetes: undefined };
  const source = shop({ regions: { ...regions, [us]: kubernetes }, drills: [], allow: undefined });
  const refuse = async () => {
    throw new Trouble('unreachable', 'nobody is there');
  };
  return examine(parseScenario(source), {
    clock: fakeClock(0),
    signal: new AbortController().signal,
    zone,
    openCluster: refuse,
    resolve: refuse,
  });
}

function forbidden(what: string): () => Promise<never> {
  return async () => {
    throw new Trouble('forbidden', `${what}: User is not authorized (AccessDenied)`);
  };
}

test('ten thousand records of others change nothing', () => {
  const others = Array.from(
    { length: 10_000 },
    (_, index): RecordSet => ({ ...to(`host-${index}`, eu, { policy: 'simple' }) }),
  );
  const large = { ...sound, zone: { ...sound.zone, records: [...others, ...sound.zone.records] } };
  expect(diagnoseZone(large).findings).toEqual([]);
});

test('a zone without rights to list it is told, and nothing is made of it', async () => {
  const report = await examined(readerOf(sound, { zone: forbidden('the records of the zone') }));
  expect(report).toMatchObject({
    status: 'inconclusive',
    findings: [],
    seen: [],
    unseen: ['the zone: the records of the zone: User is not authorized (AccessDenied)'],
  });
});

test('health checks that may not be read are not missing: they are taken to see what they guard', async () => {
  const report = await examined(readerOf(sound, { healthChecks: forbidden('the health checks') }));
  expect(report.status).toBe('pass');
  expect(report.findings).toEqual([]);
  expect(report.unseen).toEqual([
    'the health checks, each of which is taken to see what it guards: the health checks: User is not authorized (AccessDenied)',
  ]);
});

test('checkers whose status is throttled are asked three times in all, and no more', async () => {
  const asked: string[] = [];
  const status = async (id: string): Promise<never> => {
    asked.push(id);
    throw new Trouble('unreachable', 'Rate exceeded (Throttling)');
  };
  const regions = ['a', 'b', 'c', 'd', 'e'];
  const records = regions.map((id) => ({
    ...to('api', us, { policy: 'multivalue' } as const),
    setIdentifier: id,
    healthCheckId: id,
  }));
  const given = facts(records, { healthChecks: regions.map((id) => check(us, { id })) });
  const report = await examined(readerOf(given, { status }));
  expect(asked).toEqual(['a', 'b', 'c']);
  expect(report.unseen).toContain('what the checkers of 5 of 5 health checks say now: Rate exceeded (Throttling)');
});

test('a scenario without a zone, and a name of another zone, are told', async () => {
  expect((await examined(null)).unseen).toEqual(['the scenario names no zone']);
  const elsewhere = facts(pair, { source: shop({ entry: { api: 'https://api.other.example' } }) });
  expect(diagnoseZone(elsewhere).unseen).toContain(
    'entry api: api.other.example is outside of zone shop.example., and not looked at',
  );
});

test('delegated names, checks that an alarm decides and chains that leave the zone are told', () => {
  const delegation: RecordSet = {
    ...to('api', us, { policy: 'simple' }),
    type: 'NS',
    target: { kind: 'values', ttlSeconds: 60, values: ['ns.other.example.'] },
  };
  expect(diagnoseZone(facts([...pair, delegation])).unseen).toContain(
    'api.shop.example. is delegated at api.shop.example.: its answers come from another zone, which is not looked at',
  );
  const alarm = check(us, { type: 'CLOUDWATCH_METRIC', hostname: null });
  const decided = diagnoseZone(facts(pair, { healthChecks: [alarm, check(eu)] }));
  expect(decided.findings).toEqual([]);
  expect(decided.unseen).toContain(
    'health check hc-us-east-1 is decided elsewhere (CLOUDWATCH_METRIC): it is taken to see what happens to the region that it guards',
  );
  const chain: RecordSet = {
    ...to('api', us, { policy: 'simple' }),
    type: 'CNAME',
    target: { kind: 'values', ttlSeconds: 60, values: ['cdn.example.'] },
  };
  expect(diagnoseZone(facts([chain])).unseen).toContain(
    `${name('api')}: what cdn.example. leads to is decided outside of the zone`,
  );
});
