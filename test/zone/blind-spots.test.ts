import { describe, expect, test } from 'vitest';
import { blindSpots } from '../../zone/blind-spots.ts';
import type { HealthCheck, RecordSet, Zone } from '../../zone/records.ts';
import { checkFor } from '../lab-route53/lab.ts';
import { agentZone, alias, checked, failover, routed, values, zoneOf } from './records.ts';

const cname = (name: string, to: string): RecordSet => ({ ...values(name, to), type: 'CNAME' });
const delegation = (name: string): RecordSet => ({ ...values(name, 'ns.elsewhere.test.'), type: 'NS' });
const check = (id: string, more: Partial<HealthCheck>): HealthCheck => ({ ...checkFor(id), ...more });
const load: RecordSet = {
  ...values('n'),
  target: { kind: 'alias', name: 'lb.elb.amazonaws.com.', hostedZoneId: 'ZELB', evaluateTargetHealth: true },
};

describe('what a zone leaves unknown is said in a sentence', () => {
  test.each<[what: string, zone: Zone, checks: readonly HealthCheck[], kind: string, says: RegExp]>([
    [
      'a private zone',
      { ...zoneOf(values('n', '10.0.0.1')), isPrivate: true },
      [],
      'private-zone',
      /zone agent\.test\. is private/,
    ],
    ['a name without records', zoneOf(), [], 'missing', /^n\.agent\.test\. has no records in zone agent\.test\.$/],
    [
      'a name in a delegated child',
      zoneOf(delegation('n')),
      [],
      'delegated',
      /lies in n\.agent\.test\., which zone agent\.test\. delegates/,
    ],
    [
      'a CNAME into a delegated child',
      zoneOf(cname('n', 'x.child.agent.test'), delegation('child')),
      [],
      'delegated',
      /n\.agent\.test\. leads to x\.child\.agent\.test\., and .* lies in child\.agent\.test\./,
    ],
    [
      'a chain of CNAMEs that leaves the zone',
      zoneOf(cname('n', 'm.agent.test'), cname('m', 'cdn.other.test')),
      [],
      'outside',
      /n\.agent\.test\. leads to cdn\.other\.test\., and cdn\.other\.test\. is not in zone/,
    ],
    [
      'a CNAME to nothing',
      zoneOf(cname('n', 'm.agent.test')),
      [],
      'missing',
      /leads to m\.agent\.test\., and m\.agent\.test\. has no records/,
    ],
    [
      'CNAMEs that go round',
      zoneOf(cname('n', 'm.agent.test'), cname('m', 'n.agent.test')),
      [],
      'circle',
      /n\.agent\.test\. leads back to itself, over n\.agent\.test\. and m\.agent\.test\./,
    ],
    [
      'aliases that go round',
      zoneOf(alias('n', 'm', true), alias('m', 'n', true)),
      [],
      'circle',
      /leads back to itself/,
    ],
    [
      'IP-based routing',
      zoneOf(routed(values('n', '10.0.0.1'), 'x', { policy: 'unmodelled', named: 'IP-based' })),
      [],
      'policy',
      /IP-based routing, which is not modelled/,
    ],
    [
      'the health of a load balancer',
      zoneOf(load),
      [],
      'target-health',
      /alias of lb\.elb\.amazonaws\.com\., whose health is AWS's to know/,
    ],
    [
      'a check that is gone',
      zoneOf(checked(values('n', '10.0.0.1'), 'gone')),
      [],
      'health-check',
      /health check gone is named by a record and is not in the account/,
    ],
    [
      'an alarm',
      zoneOf(checked(values('n', '10.0.0.1'), 'h')),
      [check('h', { type: 'CLOUDWATCH_METRIC' })],
      'health-check',
      /decided by a CloudWatch alarm \(CLOUDWATCH_METRIC\)/,
    ],
    [
      'a routing control',
      zoneOf(checked(values('n', '10.0.0.1'), 'h')),
      [check('h', { type: 'RECOVERY_CONTROL' })],
      'health-check',
      /decided by a routing control/,
    ],
    [
      'a calculation over an alarm',
      zoneOf(checked(values('n', '10.0.0.1'), 'h')),
      [
        check('h', { type: 'CALCULATED', childHealthChecks: ['fine', 'alarm'] }),
        checkFor('fine'),
        check('alarm', { type: 'CLOUDWATCH_METRIC' }),
      ],
      'health-check',
      /health check h is calculated, also from alarm, which cannot be evaluated/,
    ],
  ])('%s', (_what, zone, checks, kind, says) => {
    expect(blindSpots(zone, checks, 'N.agent.test')).toEqual([
      { kind, subject: expect.any(String), says: expect.stringMatching(says) },
    ]);
  });

  test('and of a sound zone nothing, CNAMEs and aliases to several levels included', () => {
    const checks = ['127.1.0.1', '127.2.0.1', '127.3.0.1'].map(checkFor);
    const zone = {
      ...agentZone,
      records: [...agentZone.records, cname('shop', 'api.agent.test.'), delegation('child')],
    };
    expect(blindSpots(zone, checks, 'shop.agent.test')).toEqual([]);
  });

  test('a chain of very many CNAMEs', () => {
    const chain = Array.from({ length: 10_000 }, (_, step) => cname(`s${step}`, `s${step + 1}.agent.test`));
    expect(blindSpots(zoneOf(...chain), [], 's0.agent.test')).toEqual([
      expect.objectContaining({ kind: 'long-chain', says: expect.stringMatching(/over more than 16 other names/) }),
    ]);
  });

  test('and of very many a dozen, with the number of the others', () => {
    const gone = Array.from({ length: 40 }, (_, index) =>
      checked(routed(values('n', `10.0.0.${index}`), `${index}`, { policy: 'weighted', weight: 1 }), `gone-${index}`),
    );
    const spots = blindSpots(zoneOf(...gone), [], 'n.agent.test');
    expect(spots).toHaveLength(13);
    expect(spots.at(-1)?.says).toBe('n.agent.test.: 28 more of the kind are not listed');
  });

  test('in a zone of ten thousand records, each read once', () => {
    const steps = Array.from({ length: 100 }, (_, step) =>
      Array.from({ length: 100 }, (_, way) => ({
        ...failover(`s${step}`, `10.0.${step}.${way}`, 'PRIMARY'),
        ...alias(`s${step}`, `s${(step + way) % 101}`, true),
        setIdentifier: `${way}`,
      })),
    );
    const spots = blindSpots(zoneOf(...steps.flat(), values('s100', '10.0.0.1')), [], 's0.agent.test');
    expect(spots.every(({ kind }) => kind === 'circle' || kind === 'long-chain')).toBe(true);
  });
});
