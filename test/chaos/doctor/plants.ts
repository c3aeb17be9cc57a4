/** One mistake each, planted in a zone that is sound without it. */
import type { RuleId } from '../../../chaos/doctor/finding.ts';
import type { ZoneFacts } from '../../../chaos/doctor/zone.ts';
import type { CheckerReport, HealthCheck, RecordSet } from '../../../zone/records.ts';
import {
  alias,
  anywhere,
  balanced,
  both,
  check,
  continent,
  eu,
  facts,
  geography,
  loseUs,
  name,
  nearest,
  pair,
  primary,
  residency,
  secondary,
  shop,
  soundZones,
  to,
  us,
  weight,
  weighted,
} from './shop.ts';

export type Plant = {
  readonly mistake: string;
  readonly rule: RuleId;
  readonly level: 'problem' | 'advice';
  /** Of the users; `null`: the scenario does not tell. */
  readonly share: number | null;
  /** What its sentence has to say. */
  readonly says: RegExp;
  readonly make: () => ZoneFacts;
};

const led = (share: string): RegExp => new RegExp(`with us-east-1 dark, ${share} % of your users .*get us-east-1`);
const simple = { policy: 'simple' } as const;

function changed(
  records: readonly RecordSet[],
  change: (record: RecordSet) => Partial<RecordSet>,
): readonly RecordSet[] {
  return records.map((record) => ({ ...record, ...change(record) }));
}

function ofUs(records: readonly RecordSet[], more: Partial<RecordSet>): readonly RecordSet[] {
  return changed(records, ({ setIdentifier }) => (setIdentifier === us ? more : {}));
}

function usCheck(more: Partial<HealthCheck>, others: readonly HealthCheck[] = []): Partial<ZoneFacts> {
  return { healthChecks: [check(us, more), check(eu), ...others] };
}

function reports(healthy: boolean, status: string): readonly CheckerReport[] {
  return Array.from({ length: 16 }, (_, index) => ({
    region: 'us-east-1',
    address: `192.0.2.${index}`,
    healthy,
    status,
    checkedAtMs: 0,
  }));
}

function withTtl(record: RecordSet, ttlSeconds: number): Partial<RecordSet> {
  return record.target.kind === 'values' ? { target: { ...record.target, ttlSeconds } } : {};
}

function calculated(threshold: number, children: readonly string[]): Partial<ZoneFacts> {
  const all = {
    id: 'all',
    type: 'CALCULATED',
    hostname: null,
    healthThreshold: threshold,
    childHealthChecks: children,
  } as const;
  return { healthChecks: [check(us), check(eu), check(us, { id: 'tcp', type: 'TCP' }), check(us, all)] };
}

const byAll = ofUs(pair, { healthCheckId: 'all' });

const records: readonly Plant[] = [
  {
    mistake: 'an entry name that nobody made',
    rule: 'zone.name-missing',
    level: 'problem',
    share: 1,
    says: /api\.shop\.example\. is not in zone shop\.example\.: everybody .* no such name/,
    make: () => facts([]),
  },
  {
    mistake: 'records for two continents, none of which is where some users are',
    rule: 'zone.no-answer',
    level: 'problem',
    share: 0.4,
    says: /^40 % of your users \(users of eu-west-1 \(frankfurt\)\) get no A record for api\.shop\.example\./,
    make: () =>
      facts([
        ...both((type) => [alias('api', { target: name('world'), routing: continent('NA'), looks: true, type })]),
        ...geography.filter((one) => one.name !== name('api')),
      ]),
  },
  {
    mistake: 'no default location',
    rule: 'zone.no-answer',
    level: 'advice',
    share: null,
    says: /^users in Africa, Asia, Oceania, South America get no A record/,
    make: () =>
      facts(
        changed(geography, ({ routing }) => (routing === anywhere ? { routing: continent('NA') } : {})),
        { source: shop(residency) },
      ),
  },
  {
    mistake: 'an address with a slip of the finger',
    rule: 'zone.stray-address',
    level: 'problem',
    share: 0.6,
    says: /^60 % of your users .* get 192\.0\.2\.9 for api\.shop\.example\. \(A\), which is no region's/,
    make: () =>
      facts(
        weighted.map((record) =>
          record.type === 'A' && record.setIdentifier === us
            ? { ...record, target: { kind: 'values', ttlSeconds: 60, values: ['192.0.2.9'] } }
            : record,
        ),
      ),
  },
  {
    mistake: 'a city that is led elsewhere than its check expects',
    rule: 'zone.wrong-region',
    level: 'problem',
    share: null,
    says: /^users in london are led to us-east-1 .* a check of the scenario expects eu-west-1/,
    make: () => {
      const geo = {
        name: 'geo',
        kind: 'dns',
        hostname: 'api.shop.example',
        subnets: ['london'],
        expect: { london: eu },
        every: '30s',
      };
      return facts(pair, { source: shop({ checks: [geo] }) });
    },
  },
  {
    mistake: 'a standby that the drill does not expect',
    rule: 'zone.wrong-region',
    level: 'problem',
    share: 1,
    says: /^with us-east-1 dark, 100 % of your users .* are led to eu-west-1 .* the drill expects ap-south-1 to take over/,
    make: () => {
      const { regions } = shop() as { readonly regions: object };
      const third = { jurisdiction: 'IN', share: 0, endpoint: 'https://192.0.2.3' };
      return facts(pair, {
        source: shop({ regions: { ...regions, 'ap-south-1': third }, drills: [loseUs(['ap-south-1'])] }),
      });
    },
  },
  {
    mistake: 'plain weights for residents too',
    rule: 'zone.residency',
    level: 'problem',
    share: 0.24,
    says: /^with everything well, 24 % of your users .* are led to us-east-1 .* may only be served in eu-west-1/,
    make: () => facts(weighted, { source: shop(residency) }),
  },
  {
    mistake: 'residents by latency, who fall out of their jurisdiction',
    rule: 'zone.residency',
    level: 'problem',
    share: 0.4,
    says: /^with eu-west-1 dark, 40 % of your users .* are led to us-east-1/,
    make: () => facts(nearest, { source: shop(residency) }),
  },
  {
    mistake: 'an alias for residents that looks at health',
    rule: 'zone.residency',
    level: 'problem',
    share: 0.4,
    says: /^with eu-west-1 dark, 40 % of your users .* are led to us-east-1/,
    make: () =>
      facts(
        changed(geography, ({ target }) =>
          target.kind === 'alias' ? { target: { ...target, evaluateTargetHealth: true } } : {},
        ).map((record) => (record.name === name('europe') ? { ...record, healthCheckId: `hc-${eu}` } : record)),
        { source: shop(residency) },
      ),
  },
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
  {
    mistake: 'a weight of 0 where users are to go',
    rule: 'zone.weight-zero',
    level: 'advice',
    share: 0.4,
    says: /"eu-west-1" has a weight of 0: eu-west-1 is to have 40 % of your users/,
    make: () => facts(changed(weighted, ({ setIdentifier }) => (setIdentifier === eu ? { routing: weight(0) } : {}))),
  },
  {
    mistake: 'weights that are not the shares',
    rule: 'zone.weights',
    level: 'advice',
    share: 0.3,
    says: /leads 90 % of those who ask to us-east-1, and the shares of the scenario are 60 %/,
    make: () => facts(changed(weighted, ({ setIdentifier }) => ({ routing: weight(setIdentifier === us ? 90 : 10) }))),
  },
  {
    mistake: 'a latency record with the address of the other region',
    rule: 'zone.latency-region',
    level: 'problem',
    share: 0.4,
    says: /is the latency record of eu-west-1 and leads to us-east-1: 40 % of your users/,
    make: () =>
      facts(
        nearest.map((record) =>
          record.setIdentifier === eu
            ? { ...to('api', us, record.routing, record.type as 'A'), setIdentifier: eu }
            : record,
        ),
      ),
  },
  {
    mistake: 'an alias to a name that was taken away',
    rule: 'zone.alias-dangling',
    level: 'problem',
    share: null,
    says: /is an alias to gone\.shop\.example\., which has no A record in the zone/,
    make: () => facts([...pair.slice(1), alias('api', { target: name('gone'), routing: primary, looks: true })]),
  },
  {
    mistake: 'aliases in a circle',
    rule: 'zone.alias-loop',
    level: 'problem',
    share: null,
    says: /api\.shop\.example\. → middle\.shop\.example\. → api\.shop\.example\. leads round in a circle/,
    make: () =>
      facts(
        both((type) => [
          alias('api', { target: name('middle'), routing: simple, looks: true, type }),
          alias('middle', { target: name('api'), routing: simple, looks: true, type }),
        ]),
      ),
  },
  {
    mistake: 'TTLs that differ',
    rule: 'zone.ttl-unequal',
    level: 'advice',
    share: null,
    says: /the records of api\.shop\.example\. A have TTLs of 5, 60 s/,
    make: () => facts(changed(pair, (record) => (record.setIdentifier === eu ? withTtl(record, 5) : {}))),
  },
  {
    mistake: 'IPv4 alone',
    rule: 'zone.no-aaaa',
    level: 'advice',
    share: null,
    says: /has A records and no AAAA beside them/,
    make: () => facts(pair.filter(({ type }) => type === 'A')),
  },
  {
    mistake: 'IPv6 that does not fail over',
    rule: 'zone.aaaa-differs',
    level: 'advice',
    share: 1,
    says: /^with us-east-1 dark, 100 % .* are led to us-east-1 over IPv6, and elsewhere over IPv4/,
    make: () => facts([...pair.filter(({ type }) => type === 'A'), to('api', us, simple, 'AAAA')]),
  },
  {
    mistake: 'an interval and a threshold that no luck can bring under the limit',
    rule: 'time.impossible',
    level: 'problem',
    share: 0.6,
    says: /^30\.00 s × 3 \(health check hc-us-east-1\) and a TTL of 60\.00 s cannot give 30\.00 s/,
    make: () =>
      facts(pair, { ...usCheck({ requestIntervalSeconds: 30 }), source: shop({ drills: [loseUs([eu], '30s')] }) }),
  },
  {
    mistake: 'a TTL with which only the lucky meet the limit',
    rule: 'time.unlikely',
    level: 'advice',
    share: 0.6,
    says: /and a TTL of 5\.0 min can take 5\.5 min, and the limit is 2\.0 min/,
    make: () => facts(changed(pair, (record) => withTtl(record, 300))),
  },
];

const checks: readonly Plant[] = [
  {
    mistake: 'a health check that somebody deleted',
    rule: 'check.missing',
    level: 'problem',
    share: 1,
    says: led('100'),
    make: () => facts(pair, { healthChecks: [check(eu)] }),
  },
  {
    mistake: 'a disabled health check',
    rule: 'check.disabled',
    level: 'problem',
    share: 1,
    says: led('100'),
    make: () => facts(pair, usCheck({ disabled: true })),
  },
  {
    mistake: 'an inverted health check',
    rule: 'check.inverted',
    level: 'problem',
    share: 1,
    says: led('100'),
    make: () => facts(pair, usCheck({ inverted: true })),
  },
  {
    mistake: 'a health check of the other region',
    rule: 'check.wrong-address',
    level: 'problem',
    share: 1,
    says: /asks eu-west-1\.shop\.example, which is eu-west-1: with us-east-1 dark, 100 %/,
    make: () => facts(pair, usCheck({ hostname: 'eu-west-1.shop.example' })),
  },
  {
    mistake: 'a health check of an address that nobody has any more',
    rule: 'check.wrong-address',
    level: 'problem',
    share: 1,
    says: /asks 192\.0\.2\.77, which is no region of the scenario/,
    make: () => facts(pair, usCheck({ ipAddress: '192.0.2.77', hostname: null })),
  },
  {
    mistake: 'a health check of the entry name',
    rule: 'check.entry-name',
    level: 'problem',
    share: 1,
    says: /a name that itself moves: with us-east-1 dark it follows it to eu-west-1 and stays healthy/,
    make: () => facts(pair, usCheck({ hostname: 'api.shop.example' })),
  },
  {
    mistake: 'a health check at port 80, where there is a redirect',
    rule: 'check.wrong-port',
    level: 'problem',
    share: 1,
    says: /it asks port 80, where a redirect counts as healthy: users come to port 443/,
    make: () => facts(pair, usCheck({ type: 'HTTP', port: 80 })),
  },
  {
    mistake: 'a health check that only connects',
    rule: 'check.wrong-type',
    level: 'problem',
    share: 1,
    says: /it only connects: the door of us-east-1 accepts/,
    make: () => facts(pair, usCheck({ type: 'TCP' })),
  },
  {
    mistake: 'a health check without TLS at a door with it',
    rule: 'check.wrong-type',
    level: 'problem',
    share: 1,
    says: /it speaks HTTP where users speak HTTPS/,
    make: () => facts(pair, usCheck({ type: 'HTTP', port: 443 })),
  },
  {
    mistake: 'a dead database behind a green /liveness',
    rule: 'check.liveness',
    level: 'advice',
    share: 0.6,
    says: /asks \/liveness, which a process answers that has lost its database.* 60 % of your users/,
    make: () => facts(pair, usCheck({ path: '/liveness' })),
  },
  {
    mistake: 'a calculated check that needs nobody',
    rule: 'check.threshold',
    level: 'problem',
    share: 1,
    says: /needs 0 healthy children: it is always healthy/,
    make: () => facts(byAll, calculated(0, [`hc-${us}`])),
  },
  {
    mistake: 'a calculated check that needs more than there are',
    rule: 'check.threshold',
    level: 'advice',
    share: 0.6,
    says: /needs 3 healthy children of 2: it is never healthy/,
    make: () => facts(byAll, calculated(3, [`hc-${us}`, 'tcp'])),
  },
  {
    mistake: 'a calculated check that the blind keep up',
    rule: 'check.threshold',
    level: 'problem',
    share: 1,
    says: /needs 1 of 2: 1 children do not see that us-east-1 is dark/,
    make: () => facts(byAll, calculated(1, [`hc-${us}`, 'tcp'])),
  },
  {
    mistake: 'a calculated check of a check that is gone',
    rule: 'check.children',
    level: 'problem',
    share: 1,
    says: /counts 1 health checks that do not exist \(gone\) as healthy/,
    make: () => facts(byAll, calculated(1, [`hc-${us}`, 'gone'])),
  },
  {
    mistake: 'a health check whose path answers 404',
    rule: 'check.unhealthy-now',
    level: 'problem',
    share: 0.4,
    says: /unhealthy already, with nothing dark: 16 of 16 checkers say "Failure: HTTP Status Code 404, Not Found"/,
    make: () => facts(pair, { status: { [`hc-${eu}`]: reports(false, 'Failure: HTTP Status Code 404, Not Found') } }),
  },
];

export const plants: readonly Plant[] = [...records, ...checks];
