import { expect, test } from 'vitest';
import { guardOf } from '../../chaos/predict.ts';
import type { RecordSet } from '../../zone/records.ts';
import { checkFor } from '../lab-route53/lab.ts';
import { alias, checked, nowhere, routed, values, zoneOf } from '../zone/records.ts';

type Named = Parameters<typeof guardOf>[0];

const cname = (name: string, to: string, ttlSeconds: number): RecordSet => ({
  ...values(name),
  type: 'CNAME',
  target: { kind: 'values', ttlSeconds, values: [`${to}.agent.test.`] },
});
const role = (record: RecordSet, failover: 'PRIMARY' | 'SECONDARY'): RecordSet =>
  routed(record, failover, { policy: 'failover', role: failover });
const guard = (...records: readonly RecordSet[]) =>
  guardOf({
    zone: zoneOf(...records),
    healthChecks: [checkFor('hc-us')],
    hostname: 'api.agent.test',
    addresses: ['10.0.0.1'],
    client: nowhere,
    mode: 'status-503',
    targets: 'gone',
  } as Named);

test('the check and the TTL of a CNAME on the way decide too', () => {
  const found = guard(
    checked(role(cname('api', 'us', 300), 'PRIMARY'), 'hc-us'),
    role(cname('api', 'eu', 300), 'SECONDARY'),
    values('us', '10.0.0.1'),
    values('eu', '10.0.0.2'),
  );
  expect(found).toMatchObject({ check: { everyMs: 1_000, threshold: 3 }, ttlMs: 300_000, share: { well: 1, dark: 0 } });
});

test('circles, and very many ways through a zone, come to an end', () => {
  const both = (from: string, to: string): readonly RecordSet[] =>
    Array.from({ length: 20 }, (_, way) => routed(alias(from, to, true), `${way}`, { policy: 'weighted', weight: 1 }));
  const found = guard(...both('api', 'a'), ...both('a', 'b'), ...both('b', 'api'));
  expect(found).toMatchObject({ check: null, share: { well: 0, dark: 0 } });
});
