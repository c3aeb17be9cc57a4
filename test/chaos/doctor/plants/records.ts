/** Records and times. */
import {
  alias,
  both,
  eu,
  facts,
  loseUs,
  name,
  nearest,
  pair,
  primary,
  shop,
  to,
  us,
  weight,
  weighted,
} from '../shop.ts';
import { changed, type Plant, simple, usCheck, withTtl } from './plant.ts';

export const records: readonly Plant[] = [
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
