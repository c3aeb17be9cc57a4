/** Why they are led on into the dark. */
import {
  alias,
  balanced,
  both,
  eu,
  facts,
  name,
  pair,
  primary,
  secondary,
  soundZones,
  to,
  us,
  weighted,
} from '../shop.ts';
import { changed, led, ofUs, type Plant, reports, simple } from './plant.ts';

export const causes: readonly Plant[] = [
  {
    mistake: 'a weighted record without a health check',
    rule: 'zone.no-check',
    level: 'problem',
    share: 0.6,
    says: led('60'),
    make: () => facts(ofUs(weighted, { healthCheckId: null })),
  },
  {
    mistake: 'several values without health checks',
    rule: 'zone.no-check',
    level: 'problem',
    share: 0.5,
    says: led('50'),
    make: () => facts(changed(weighted, () => ({ routing: { policy: 'multivalue' }, healthCheckId: null }))),
  },
  {
    mistake: 'an alias that does not look at its target',
    rule: 'zone.no-target-health',
    level: 'problem',
    share: 1,
    says: /"us\.elb\.example\." does not look at the health .* with us-east-1 dark, 100 %/,
    make: () => {
      const sound = soundZones['aliases to load balancers']?.() ?? facts(balanced);
      const deaf = sound.zone.records.map((record) =>
        record.setIdentifier === 'us.elb.example.' && record.target.kind === 'alias'
          ? { ...record, target: { ...record.target, evaluateTargetHealth: false } }
          : record,
      );
      return { ...sound, zone: { ...sound.zone, records: deaf } };
    },
  },
  {
    mistake: 'an alias further down that does not look at its target',
    rule: 'zone.no-target-health',
    level: 'problem',
    share: 1,
    says: /^middle\.shop\.example\. A does not look at the health of low\.shop\.example\./,
    make: () =>
      facts(
        both((type) => [
          alias('api', { target: name('middle'), routing: primary, looks: true, type }),
          to('api', eu, secondary, type),
          alias('middle', { target: name('low'), routing: simple, looks: false, type }),
          { ...to('low', us, simple, type), healthCheckId: `hc-${us}` },
        ]),
      ),
  },
  {
    mistake: 'one record and nothing beside it',
    rule: 'zone.no-failover',
    level: 'problem',
    share: 1,
    says: /^api\.shop\.example\. A leads to us-east-1 and has nothing beside it: with us-east-1 dark, 100 %/,
    make: () => facts(both((type) => [to('api', us, simple, type)])),
  },
  {
    mistake: 'a primary and a secondary in one region',
    rule: 'zone.fail-open',
    level: 'problem',
    share: 1,
    says: /all beside it lead to us-east-1: when all are unhealthy, Route 53 answers as if all were healthy/,
    make: () =>
      facts(
        both((type) => [to('api', us, primary, type), { ...to('api', us, secondary, type), setIdentifier: 'spare' }]),
      ),
  },
  {
    mistake: 'a secondary that is unhealthy itself',
    rule: 'zone.fail-open',
    level: 'problem',
    share: 1,
    says: /"eu-west-1" beside it, which is unhealthy already \(health check hc-eu-west-1\)/,
    make: () => facts(pair, { status: { [`hc-${eu}`]: reports(false, 'Failure: HTTP Status Code 404, Not Found') } }),
  },
  {
    mistake: 'one health check for both regions',
    rule: 'zone.same-check',
    level: 'problem',
    share: 1,
    says: /have the same health check \(hc-us-east-1\), so that both are unhealthy together/,
    make: () => facts(changed(pair, () => ({ healthCheckId: `hc-${us}` }))),
  },
];
