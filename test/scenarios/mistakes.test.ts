import { describe, expect, test } from 'vitest';
import { broken, kubernetes, mistakesOf } from './sound.ts';

const duration = 'a duration with a unit, such as 250ms, 30s, 4m, 1h30m or 30d';
const cron = 'a schedule of five fields (minute hour day month weekday), such as "0 10 1 * *"';

const single: readonly (readonly [string, readonly (string | number)[], unknown, string])[] = [
  [
    'a service without a name',
    ['service'],
    undefined,
    'service: got nothing, want a name of letters, digits, dots, dashes and underscores',
  ],
  [
    'an unknown key',
    ['servce'],
    'x',
    'servce: got the unknown key "servce", want one of service, entry, zone, regions, vantages, identity, residency, inventory, residencyLog, places, references, checks, objectives, drills, allow, switchboards, restorer, metrics, overrides, remoteWrite, federate, alertmanagers, notify, imports (nearest: service)',
  ],
  [
    'an unknown key that is near to none',
    ['regions', 'us-east-1', 'zzz'],
    1,
    'regions.us-east-1.zzz: got the unknown key "zzz", want one of jurisdiction, share, endpoint, place, metrics, kubernetes, whenDark, loadBalancer, aws',
  ],
  [
    'an entry name that is no URL',
    ['entry', 'api'],
    'api.shop.example',
    'entry.api: got "api.shop.example", want a URL that begins with https:// or http://',
  ],
  ['a provider that is not known', ['zone', 'provider'], 'route35', 'zone.provider: got "route35", want route53'],
  [
    'a name server without a port',
    ['zone', 'nameservers', 0],
    '192.0.2.53',
    'zone.nameservers[0]: got "192.0.2.53", want an address and a port, such as 192.0.2.53:53',
  ],
  [
    'a region without a jurisdiction',
    ['regions', 'us-east-1', 'jurisdiction'],
    undefined,
    'regions.us-east-1.jurisdiction: got nothing, want a jurisdiction, such as EU or US',
  ],
  [
    'a share over 100',
    ['regions', 'us-east-1', 'share'],
    160,
    'regions.us-east-1.share: got 160, want a percentage of the traffic, a number from 0 to 100',
  ],
  [
    'a share in quotes',
    ['regions', 'us-east-1', 'share'],
    '60',
    'regions.us-east-1.share: got "60", want a percentage of the traffic, a number from 0 to 100',
  ],
  [
    'shares over 100 in all',
    ['regions', 'eu-west-1', 'share'],
    50,
    'regions: got shares that sum to 110, want shares that sum to 100',
  ],
  [
    'a place that nobody knows',
    ['regions', 'us-east-1', 'place'],
    'new-yrok',
    'regions.us-east-1.place: got "new-yrok", want one of new-york, san-francisco, toronto, sao-paulo, london, dublin, paris, frankfurt, mumbai, singapore, tokyo, sydney, cape-town (nearest: new-york)',
  ],
  [
    'a workload without its kind',
    ['regions', 'us-east-1', 'kubernetes'],
    { ...kubernetes, workloads: ['deployment/shop', 'shop'] },
    'regions.us-east-1.kubernetes.workloads[1]: got "shop", want a workload as kind/name, such as deployment/api, statefulset/store or rollouts.argoproj.io/api',
  ],
  [
    'a country that is none',
    ['residency', 0, 'countries'],
    ['UK'],
    'residency[0].countries[0]: got "UK", want a country as two capital letters (ISO 3166-1), such as DE, or EU or EEA',
  ],
  [
    'a jurisdiction that no region has',
    ['residency', 0, 'storedIn'],
    ['CH'],
    'residency[0].storedIn[0]: got "CH", want one of US, EU',
  ],
  [
    'a refusal that is a success',
    ['residency', 0, 'refusal'],
    200,
    'residency[0].refusal: got 200, want a status code that refuses, from 400 to 599',
  ],
  [
    'an inventory of an unknown region',
    ['inventory'],
    { 'eu-west': { http: 'https://x.example' } },
    'inventory.eu-west: got "eu-west", want one of us-east-1, eu-west-1 (nearest: eu-west-1)',
  ],
  [
    'a JSON path that is more than the subset',
    ['inventory', 'eu-west-1', 'records'],
    '$..records',
    'inventory.eu-west-1.records: got "$..records", want a path made of $, .name and [*], such as $.records[*]',
  ],
  [
    'a check of an unknown kind',
    ['checks', 0, 'kind'],
    'htpp',
    'checks[0].kind: got "htpp", want one of http, dns, residency, grpc, icmp, tcp, tls (nearest: http)',
  ],
  ['a duration without a unit', ['checks', 0, 'every'], 10, `checks[0].every: got 10, want ${duration}`],
  [
    'an interval that no agent keeps',
    ['checks', 0, 'every'],
    '50ms',
    'checks[0].every: got "50ms", want a duration of at least 100ms',
  ],
  [
    'a check of an unknown entry name',
    ['checks', 0, 'to'],
    'entry.apl',
    'checks[0].to: got "entry.apl", want one of regions, entry.api, entry.spare (nearest: entry.api), or a list of regions',
  ],
  [
    'a check of an unknown region',
    ['checks', 0, 'to'],
    ['us-east-2'],
    'checks[0].to[0]: got "us-east-2", want one of us-east-1, eu-west-1 (nearest: us-east-1)',
  ],
  [
    'a check from an unknown vantage',
    ['checks', 0, 'from'],
    'moon',
    'checks[0].from: got "moon", want one of us-east-1, eu-west-1',
  ],
  [
    'a status that is none',
    ['checks', 0, 'expect'],
    { status: 99 },
    'checks[0].expect.status: got 99, want a status code from 100 to 599',
  ],
  [
    'a path that is not absolute',
    ['checks', 0, 'path'],
    'health',
    'checks[0].path: got "health", want a path that begins with /',
  ],
  [
    'a subnet of an unknown place',
    ['checks', 1, 'subnets'],
    ['lodnon'],
    'checks[1].subnets[0]: got "lodnon", want one of new-york, san-francisco, toronto, sao-paulo, london, dublin, paris, frankfurt, mumbai, singapore, tokyo, sydney, cape-town (nearest: london)',
  ],
  [
    'an expectation for a place that is not asked for',
    ['checks', 1, 'expect'],
    { paris: 'eu-west-1' },
    'checks[1].expect.paris: got a place that is not asked for, want london',
  ],
  [
    'a server that is none',
    ['checks', 1, 'server'],
    'ns',
    'checks[1].server: got "ns", want resolver, authorities, or an address and a port, such as 192.0.2.53:53',
  ],
  [
    'two checks of one name',
    ['checks', 1, 'name'],
    'home',
    'checks[1].name: got "home" a second time, want a name that no other has',
  ],
  [
    'residency without a header for the country',
    ['identity'],
    {},
    'checks[2]: got a residency check, want identity.userCountry, to say in which request header the country goes',
  ],
  [
    'an objective of an unknown check',
    ['objectives', 0, 'check'],
    'hone',
    'objectives[0].check: got "hone", want one of home, geo, write (nearest: home)',
  ],
  [
    'a percentage over 100',
    ['objectives', 0, 'target'],
    '120%',
    'objectives[0].target: got "120%", want a percentage from 0% to 100%, such as 99.9%, or a ratio from 0 to 1',
  ],
  [
    'an objective without a target',
    ['objectives', 0, 'target'],
    undefined,
    'objectives[0].target: got nothing, want a percentage for availability, a duration for latency',
  ],
  [
    'an indicator that is none',
    ['objectives', 0, 'indicator'],
    { latency: 95 },
    'objectives[0].indicator: got {"latency":95}, want { latency: p95 }, with any percentile from p1 to p99.99',
  ],
  [
    'a fault in a region that nothing can scale',
    ['drills', 0, 'fault'],
    { 'scale-to-zero': 'eu-west-1' },
    'drills[0].fault.scale-to-zero: got "eu-west-1", want us-east-1',
  ],
  [
    'a key in the wrong place',
    ['drills', 0, 'fault'],
    { 'scale-to-zero': 'us-east-1', hold: '1m' },
    'drills[0].fault.hold: got the unknown key "hold", want one of scale-to-zero, health-route, edge, partition, name-server, scale-to, records, ecs-service',
  ],
  [
    'a drill that expects the region it takes away',
    ['drills', 0, 'expect', 0, 'servedBy'],
    ['us-east-1'],
    'drills[0].expect[0].servedBy: got "us-east-1", want regions other than the one that the fault takes away',
  ],
  [
    'a limit of nothing',
    ['drills', 0, 'expect', 0, 'within'],
    '0s',
    'drills[0].expect[0].within: got "0s", want a duration of more than 0',
  ],
  [
    'a burst faster than it may be',
    ['drills', 0, 'burst'],
    { every: '50ms' },
    'drills[0].burst.every: got "50ms", want a duration of at least 100ms',
  ],
  [
    'a burst slower than it may be',
    ['drills', 0, 'burst'],
    { every: '1s' },
    'drills[0].burst.every: got "1s", want a duration of at most 500ms',
  ],
  [
    'a lease too short to renew',
    ['drills', 0, 'lease'],
    '1s',
    'drills[0].lease: got "1s", want a duration of at least 2000ms',
  ],
  [
    'a schedule of four fields',
    ['drills', 0, 'schedule'],
    '0 10 1 *',
    `drills[0].schedule: got "0 10 1 *", want ${cron}`,
  ],
  [
    'a schedule at hour 25',
    ['drills', 0, 'schedule'],
    '0 25 1 * *',
    `drills[0].schedule: got "0 25 1 * *", want ${cron}`,
  ],
  ['a context that no region names', ['allow', 'contexts'], ['eu'], 'allow.contexts[0]: got "eu", want us'],
  [
    'a workload that no region names',
    ['allow', 'workloads'],
    ['deployment/shup'],
    'allow.workloads[0]: got "deployment/shup", want deployment/shop',
  ],
  [
    'a subnet with a host part that is none',
    ['places'],
    { here: { subnet: '300.0.0.0/24', country: 'DE', continent: 'EU' } },
    'places.here.subnet: got "300.0.0.0/24", want a subnet, such as 198.51.100.0/24',
  ],
  [
    'a prefix that no metric can have',
    ['metrics'],
    { prefix: 'my-shop' },
    'metrics.prefix: got "my-shop", want a metric name prefix of letters, digits and underscores',
  ],
  [
    'an override without a reason',
    ['overrides'],
    { 'guard.headroom': '' },
    'overrides["guard.headroom"]: got "", want the reason, in words',
  ],
  [
    'a reference that is no URL',
    ['references'],
    ['status.example'],
    'references[0]: got "status.example", want a URL that begins with https:// or http://',
  ],
];

describe('a scenario', () => {
  for (const [claim, path, value, mistake] of single) {
    test(`with ${claim} says so, and nothing else`, () => {
      expect(mistakesOf(broken(path, value))).toEqual([mistake]);
    });
  }
});
