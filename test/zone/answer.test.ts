import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../contract/random.ts';
import { answer, possibleAnswers } from '../../zone/answer.ts';
import type { ClientLocation, RecordSet, Zone } from '../../zone/records.ts';
import {
  agentZone,
  alias,
  checked,
  failover,
  geo,
  lagos,
  london,
  newYork,
  nowhere,
  routed,
  singapore,
  values,
  weighted,
  zoneOf,
} from './records.ts';

const down =
  (...ids: readonly string[]) =>
  (id: string): boolean =>
    !ids.includes(id);

function ask(zone: Zone, name: string, client: ClientLocation = nowhere, healthy = down()): readonly string[] {
  const question = { name: `${name}.agent.test`, type: 'A' };
  return answer(zone, question, client, healthy, seededRandom(1)).records.map(({ value }) => value);
}

function shares(zone: Zone, name: string, client = nowhere, healthy = down()): Record<string, number> {
  const possible = possibleAnswers(zone, { name: `${name}.agent.test`, type: 'A' }, client, healthy);
  return Object.fromEntries(possible.map(({ values, probability }) => [values.join('+'), probability]));
}

describe('world agent-api', () => {
  test('each place is led to its region', () => {
    expect(ask(agentZone, 'api', newYork)).toEqual(['127.1.0.1']);
    expect(ask(agentZone, 'api', london)).toEqual(['127.2.0.1']);
    expect(ask(agentZone, 'api', singapore)).toEqual(['127.3.0.1']);
    expect(shares(agentZone, 'api', lagos)).toEqual({ '127.1.0.1': 0.6, '127.2.0.1': 0.3, '127.3.0.1': 0.1 });
  });

  test('without us-east-1 North America moves to eu-west-1 and the weights become 75/25', () => {
    const dark = down('127.1.0.1');
    expect(ask(agentZone, 'api', newYork, dark)).toEqual(['127.2.0.1']);
    expect(ask(agentZone, 'standby', nowhere, dark)).toEqual(['127.2.0.1']);
    expect(shares(agentZone, 'global', nowhere, dark)).toEqual({ '127.2.0.1': 0.75, '127.3.0.1': 0.25 });
  });

  test('without eu-west-1 Europe keeps getting its address', () => {
    expect(ask(agentZone, 'api', london, down('127.2.0.1'))).toEqual(['127.2.0.1']);
  });

  test('with both regions of a branch dark its users go to the default branch', () => {
    expect(ask(agentZone, 'api', newYork, down('127.1.0.1', '127.2.0.1'))).toEqual(['127.3.0.1']);
  });

  test('with everything dark the smallest region is answered, and in it the primary', () => {
    const dark = down('127.1.0.1', '127.2.0.1', '127.3.0.1');
    expect(ask(agentZone, 'api', newYork, dark)).toEqual(['127.1.0.1']);
    expect(shares(agentZone, 'global', nowhere, dark)).toEqual({
      '127.1.0.1': 0.6,
      '127.2.0.1': 0.3,
      '127.3.0.1': 0.1,
    });
  });
});

describe('policies', () => {
  test('a weight of 0 is answered only when nothing with a weight is healthy', () => {
    const zone = zoneOf(weighted('w', '10.0.0.1', 10), weighted('w', '10.0.0.2', 0));
    expect(shares(zone, 'w')).toEqual({ '10.0.0.1': 1 });
    expect(shares(zone, 'w', nowhere, down('10.0.0.1'))).toEqual({ '10.0.0.2': 1 });
    expect(shares(zone, 'w', nowhere, down('10.0.0.1', '10.0.0.2'))).toEqual({ '10.0.0.1': 1 });
  });

  test('weights that are all 0 are equal', () => {
    const zone = zoneOf(weighted('w', '10.0.0.1', 0), weighted('w', '10.0.0.2', 0));
    expect(shares(zone, 'w')).toEqual({ '10.0.0.1': 0.5, '10.0.0.2': 0.5 });
  });

  test('the secondary is answered only while it is healthy or has no health check', () => {
    const zone = zoneOf(failover('f', '10.0.0.1', 'PRIMARY'), failover('f', '10.0.0.2', 'SECONDARY'));
    expect(ask(zone, 'f', nowhere, down('10.0.0.1'))).toEqual(['10.0.0.2']);
    expect(ask(zone, 'f', nowhere, down('10.0.0.1', '10.0.0.2'))).toEqual(['10.0.0.1']);
    const bare = routed(values('f', '10.0.0.2'), 's', { policy: 'failover', role: 'SECONDARY' });
    expect(ask(zoneOf(failover('f', '10.0.0.1', 'PRIMARY'), bare), 'f', nowhere, down('10.0.0.1'))).toEqual([
      '10.0.0.2',
    ]);
  });

  test('latency answers the nearest healthy region, and the nearest when none is', () => {
    const near = (address: string, region: string): RecordSet =>
      checked(routed(values('l', address), region, { policy: 'latency', region }), address);
    const zone = zoneOf(near('10.0.0.1', 'us-east-1'), near('10.0.0.2', 'eu-west-1'), near('10.0.0.3', 'ap-south-1'));
    const client = { ...nowhere, latencyMs: { 'us-east-1': 80, 'eu-west-1': 20 } };
    expect(ask(zone, 'l', client)).toEqual(['10.0.0.2']);
    expect(ask(zone, 'l', client, down('10.0.0.2'))).toEqual(['10.0.0.1']);
    expect(ask(zone, 'l', client, down('10.0.0.1', '10.0.0.2'))).toEqual(['10.0.0.3']);
    expect(ask(zone, 'l', client, () => false)).toEqual(['10.0.0.2']);
  });

  test('geolocation goes from subdivision to country to continent to default', () => {
    const at = (address: string, location: Parameters<typeof geo>[2]): RecordSet =>
      checked(geo(values('g', address), address, location), address);
    const zone = zoneOf(
      at('10.0.0.4', { country: '*' }),
      at('10.0.0.3', { continent: 'NA' }),
      at('10.0.0.2', { country: 'US' }),
      at('10.0.0.1', { country: 'US', subdivision: 'NY' }),
    );
    expect(ask(zone, 'g', newYork)).toEqual(['10.0.0.1']);
    expect(ask(zone, 'g', newYork, down('10.0.0.1'))).toEqual(['10.0.0.2']);
    expect(ask(zone, 'g', newYork, down('10.0.0.1', '10.0.0.2'))).toEqual(['10.0.0.3']);
    expect(ask(zone, 'g', newYork, down('10.0.0.1', '10.0.0.2', '10.0.0.3'))).toEqual(['10.0.0.4']);
    expect(ask(zone, 'g', newYork, () => false)).toEqual(['10.0.0.1']);
    expect(ask(zone, 'g', { ...newYork, subdivision: 'CA' })).toEqual(['10.0.0.2']);
    expect(ask(zone, 'g', nowhere)).toEqual(['10.0.0.4']);
  });

  test('where no location fits, the answer is empty but the name exists', () => {
    const zone = zoneOf(geo(values('g', '10.0.0.1'), 'eu', { continent: 'EU' }));
    const got = answer(zone, { name: 'g.agent.test', type: 'A' }, newYork, down(), seededRandom(1));
    expect(got).toMatchObject({ rcode: 'NOERROR', records: [], located: true });
    expect(got.authoritySoa?.type).toBe('SOA');
  });

  test('a multivalue answer has at most eight records, the healthy ones while there are any', () => {
    const many = Array.from({ length: 10 }, (_, index) => {
      const address = `10.0.0.${index}`;
      return checked(routed(values('m', address), address, { policy: 'multivalue' }), address);
    });
    expect(new Set(ask(zoneOf(...many), 'm')).size).toBe(8);
    expect(ask(zoneOf(...many), 'm', nowhere, (id) => id === '10.0.0.3')).toEqual(['10.0.0.3']);
    expect(ask(zoneOf(...many), 'm', nowhere, () => false)).toHaveLength(8);
    expect(possibleAnswers(zoneOf(...many), { name: 'm.agent.test', type: 'A' }, nowhere, down())).toHaveLength(45);
  });
});

describe('names', () => {
  const code = (name: string, type = 'A') => answer(zone, { name, type }, nowhere, down(), seededRandom(1));
  const zone: Zone = zoneOf(
    values('deep.er', '10.0.0.1'),
    { ...values('www'), type: 'CNAME', target: { kind: 'values', ttlSeconds: 5, values: ['deep.er.agent.test'] } },
    values('*.wild', '10.0.0.9'),
  );

  test('a name outside the zone is refused, also one that only ends like it', () => {
    expect(code('other.test').rcode).toBe('REFUSED');
    expect(code('evilagent.test').rcode).toBe('REFUSED');
  });

  test('a name that does not exist is told from one without that type, each with the SOA', () => {
    expect(code('nope.agent.test')).toMatchObject({ rcode: 'NXDOMAIN', authoritySoa: { ttlSeconds: 900 } });
    expect(code('er.agent.test')).toMatchObject({ rcode: 'NOERROR', records: [] });
    expect(code('deep.er.agent.test', 'AAAA')).toMatchObject({ rcode: 'NOERROR', records: [] });
  });

  test('a CNAME is followed inside the zone', () => {
    expect(code('WWW.agent.test').records.map(({ name, value }) => `${name} ${value}`)).toEqual([
      'www.agent.test. deep.er.agent.test',
      'deep.er.agent.test. 10.0.0.1',
    ]);
  });

  test('a wildcard answers below it under the name that was asked', () => {
    expect(code('a.b.wild.agent.test').records).toMatchObject([{ name: 'a.b.wild.agent.test.', value: '10.0.0.9' }]);
  });

  test('aliases that lead in a circle end without an answer', () => {
    const circle = zoneOf(alias('a', 'b', true), alias('b', 'a', true));
    expect(answer(circle, { name: 'a.agent.test', type: 'A' }, nowhere, down(), seededRandom(1)).records).toEqual([]);
  });

  test('an alias outside the zone is foretold by its name', () => {
    const target = { kind: 'alias', name: 'lb.aws.test.', hostedZoneId: 'ZELB', evaluateTargetHealth: true } as const;
    const outside = zoneOf({ ...values('x'), target });
    expect(shares(outside, 'x')).toEqual({ 'lb.aws.test.': 1 });
  });

  test('the apex has SOA and NS records of its own', () => {
    expect(code('agent.test', 'NS').records).toMatchObject([{ value: 'ns-1.agent.test.' }]);
    expect(code('agent.test', 'SOA').records).toHaveLength(1);
  });
});

describe('names that lead to each other in very many ways', () => {
  const healthy = () => true;
  const weighing = (record: RecordSet, id: string): RecordSet => routed(record, id, { policy: 'weighted', weight: 1 });

  test('are worked out once each: ten ways at each of fifteen steps', () => {
    const steps = Array.from({ length: 15 }, (_, step) =>
      Array.from({ length: 10 }, (_, way) => weighing(alias(`s${step}`, `s${step + 1}`, true), `way ${way}`)),
    );
    const zone = zoneOf(...steps.flat(), values('s15', '10.0.0.1'));
    const got = possibleAnswers(zone, { name: 's0.agent.test', type: 'A' }, nowhere, healthy);
    expect(got).toEqual([{ values: ['10.0.0.1'], probability: expect.closeTo(1, 9) }]);
    const sick = zoneOf(...steps.flat(), checked(values('s15', '10.0.0.1'), 'sick'));
    expect(possibleAnswers(sick, { name: 's0.agent.test', type: 'A' }, nowhere, () => false)).toHaveLength(1);
  });

  test.each([
    ['aliases', (from: string, to: string) => alias(from, to, true), []],
    [
      'CNAMEs',
      (from: string, to: string): RecordSet => ({
        ...values(from, `${to}.agent.test.`),
        type: 'CNAME',
      }),
      ['a.agent.test.', 'b.agent.test.'],
    ],
  ] as const)('come to an end where %s go round in circles', (_what, lead, ends) => {
    const both = (from: string, to: string) =>
      Array.from({ length: 10 }, (_, way) => weighing(lead(from, to), `way ${way}`));
    const zone = zoneOf(...both('a', 'b'), ...both('b', 'a'));
    const got = possibleAnswers(zone, { name: 'a.agent.test', type: 'A' }, nowhere, healthy);
    expect(got).toHaveLength(1);
    expect(got[0]?.values.every((value) => ends.some((end) => end === value))).toBe(true);
    expect(answer(zone, { name: 'a.agent.test', type: 'A' }, nowhere, healthy, () => 0).rcode).toBe('NOERROR');
  });
});
