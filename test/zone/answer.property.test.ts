import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../contract/random.ts';
import { answer, possibleAnswers } from '../../zone/answer.ts';
import type { ClientLocation, Continent, RecordSet, Zone } from '../../zone/records.ts';
import { alias, checked, geo, nowhere, routed, values, weighted, zoneOf } from './records.ts';

const question = { name: 'x.agent.test', type: 'A' };
const address = (index: number): string => `10.0.0.${index}`;
const health = fc.uniqueArray(fc.integer({ min: 0, max: 9 })).map((sick) => {
  const ids = new Set(sick.map(address));
  return (id: string): boolean => !ids.has(id);
});
const weights = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 8 });
const continents: readonly Continent[] = ['AF', 'AN', 'AS', 'EU', 'NA', 'OC', 'SA'];
const client: fc.Arbitrary<ClientLocation> = fc.record({
  continent: fc.constantFrom(...continents, null),
  country: fc.constantFrom('US', 'GB', 'SG', null),
  subdivision: fc.constantFrom('NY', null),
  latencyMs: fc.dictionary(fc.constantFrom('r0', 'r1', 'r2', 'r3'), fc.integer({ min: 1, max: 300 })),
});

/** A group at x.agent.test of any policy; each record's health check is its address. */
const group: fc.Arbitrary<readonly RecordSet[]> = fc.oneof(
  weights.map((all) => all.map((weight, index) => weighted('x', address(index), weight))),
  fc.integer({ min: 1, max: 9 }).map((count) => many(count, () => ({ policy: 'multivalue' }))),
  fc.integer({ min: 1, max: 5 }).map((count) => many(count, (index) => ({ policy: 'latency', region: `r${index}` }))),
  fc
    .integer({ min: 1, max: 2 })
    .map((count) => many(count, (index) => ({ policy: 'failover', role: index === 0 ? 'PRIMARY' : 'SECONDARY' }))),
  fc.shuffledSubarray(
    [
      geoRecord(0, { country: 'US', subdivision: 'NY' }),
      geoRecord(1, { country: 'US' }),
      geoRecord(2, { continent: 'NA' }),
      geoRecord(3, { continent: 'EU' }),
      geoRecord(4, { country: '*' }),
    ],
    { minLength: 1 },
  ),
);

function many(count: number, routing: (index: number) => RecordSet['routing']): readonly RecordSet[] {
  return Array.from({ length: count }, (_, index) =>
    checked(routed(values('x', address(index)), address(index), routing(index)), address(index)),
  );
}
function geoRecord(index: number, location: Parameters<typeof geo>[2]): RecordSet {
  return checked(geo(values('x', address(index)), address(index), location), address(index));
}
const valuesOf = (zone: Zone, where: ClientLocation, healthy: (id: string) => boolean, seed: number): string[] =>
  answer(zone, question, where, healthy, seededRandom(seed)).records.map(({ value }) => value);

describe('answers', () => {
  test('an unhealthy record is never answered while a healthy one could be', () => {
    fc.assert(
      fc.property(group, client, health, fc.integer(), (records, where, healthy, seed) => {
        const got = valuesOf(zoneOf(...records), where, healthy, seed);
        // Of a located group only what fits the client can be answered: whatever its record alone would answer.
        const candidates = records.filter((record) => valuesOf(zoneOf(record), where, () => true, seed).length > 0);
        const sick = got.filter((value) => !healthy(value));
        if (sick.length > 0) expect(candidates.filter(({ healthCheckId }) => healthy(healthCheckId ?? ''))).toEqual([]);
      }),
    );
  });

  test('a name is answered unless its locations leave the client out', () => {
    fc.assert(
      fc.property(group, client, health, fc.integer(), (records, where, healthy, seed) => {
        const got = valuesOf(zoneOf(...records), where, healthy, seed).length;
        const asWell = valuesOf(zoneOf(...records), where, () => true, seed).length;
        expect(got > 0).toBe(asWell > 0);
      }),
    );
  });

  test('what is drawn is among what may be drawn, and the probabilities add up to 1', () => {
    fc.assert(
      fc.property(group, client, health, fc.integer(), (records, where, healthy, seed) => {
        const possible = possibleAnswers(zoneOf(...records), question, where, healthy);
        const key = (texts: readonly string[]): string => [...texts].sort().join();
        expect(possible.map((one) => key(one.values))).toContain(
          key(valuesOf(zoneOf(...records), where, healthy, seed)),
        );
        expect(possible.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(
          records.length > 0 ? 1 : 1,
          9,
        );
      }),
    );
  });

  test('weights are re-normalised over the healthy ones', () => {
    fc.assert(
      fc.property(weights, health, (all, healthy) => {
        const left = all.map((weight, index) => (healthy(address(index)) ? weight : 0));
        const total = left.reduce((sum, weight) => sum + weight, 0);
        fc.pre(total > 0);
        const zone = zoneOf(...all.map((weight, index) => weighted('x', address(index), weight)));
        const possible = possibleAnswers(zone, question, nowhere, healthy);
        const share = new Map(possible.map((one) => [one.values[0], one.probability]));
        for (const [index, weight] of left.entries())
          expect(share.get(address(index)) ?? 0).toBeCloseTo(weight / total, 9);
      }),
    );
  });

  test('an alias with target health is as healthy as the best record behind it', () => {
    fc.assert(
      fc.property(group, client, health, (records, where, healthy) => {
        const behind = records.map((record) => ({ ...record, name: 'y.agent.test.' }));
        const primary = routed(alias('x', 'y', true), 'p', { policy: 'failover', role: 'PRIMARY' });
        const secondary = routed(values('x', '10.1.1.1'), 's', { policy: 'failover', role: 'SECONDARY' });
        const got = valuesOf(zoneOf(...behind, primary, secondary), where, healthy, 1);
        expect(got.includes('10.1.1.1')).toBe(!records.some((record) => healthy(record.healthCheckId ?? '')));
        const deaf = routed(alias('x', 'y', false), 'p', { policy: 'failover', role: 'PRIMARY' });
        expect(valuesOf(zoneOf(...behind, deaf, secondary), where, healthy, 1)).not.toContain('10.1.1.1');
      }),
    );
  });
});
