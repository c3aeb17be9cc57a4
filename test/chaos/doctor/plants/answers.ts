/** Where users end up. */
import {
  alias,
  anywhere,
  both,
  continent,
  eu,
  facts,
  geography,
  loseUs,
  name,
  nearest,
  pair,
  residency,
  shop,
  us,
  weighted,
} from '../shop.ts';
import { changed, type Plant } from './plant.ts';

export const answers: readonly Plant[] = [
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
];
