/** What Route 53 refuses, asked of the lab's by the real AWS SDK. Each row says the rule that it breaks. */
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  CreateHealthCheckCommand,
  type CreateHealthCheckCommandInput,
  DeleteHealthCheckCommand,
  GetChangeCommand,
  GetHealthCheckCommand,
  type HealthCheckConfig,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  UpdateHealthCheckCommand,
} from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi } from './lab.ts';

let lab: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  lab = await startApi();
});
afterAll(() => lab.close());

const submit = (...changes: readonly Change[]) =>
  lab.client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: 'Z1', ChangeBatch: { Changes: [...changes] } }));
const create = (set: ResourceRecordSet): Change => ({ Action: 'CREATE', ResourceRecordSet: set });
const upsert = (set: ResourceRecordSet): Change => ({ Action: 'UPSERT', ResourceRecordSet: set });
const remove = (set: ResourceRecordSet): Change => ({ Action: 'DELETE', ResourceRecordSet: set });

/** `name` below the zone; of one type, with values. */
function set(name: string, type: string, ...values: readonly string[]): ResourceRecordSet {
  const ResourceRecords = values.map((Value) => ({ Value }));
  return { Name: `${name}.agent.test`, Type: type as 'A', TTL: 60, ResourceRecords };
}
const a = (name: string, address = '127.3.0.1'): ResourceRecordSet => set(name, 'A', address);
const alias = (name: string, to: string, HostedZoneId = 'Z1', type = 'A'): ResourceRecordSet => ({
  Name: `${name}.agent.test`,
  Type: type as 'A',
  AliasTarget: { DNSName: to, HostedZoneId, EvaluateTargetHealth: true },
});
/** Some hundred values of `length` characters, all different. */
const texts = (count: number, length: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `"${String(index).padStart(length - 2, '0')}"`);

type Row = readonly [rule: string, changes: Change | readonly Change[], code: string, message: RegExp];

const requests: readonly Row[] = [
  ['no changes', [], 'InvalidInput', /at least one change/],
  [
    'a weight without SetIdentifier',
    create({ ...a('n'), Weight: 1 }),
    'InvalidInput',
    /Missing field 'SetIdentifier' in Change with \[Action=CREATE, Name=n.agent.test., Type=A, SetIdentifier=null\]/,
  ],
  [
    'a SetIdentifier without a policy',
    create({ ...a('n'), SetIdentifier: 'x' }),
    'InvalidInput',
    /Expected exactly one of \[Weight, Region, Failover, GeoLocation, or MultiValueAnswer\], but found none/,
  ],
  [
    'an empty SetIdentifier',
    create({ ...a('n'), SetIdentifier: '', Weight: 1 }),
    'InvalidInput',
    /setIdentifier' failed to satisfy constraint: Member must have length between 1 and 128/,
  ],
  [
    'a SetIdentifier of 129 characters',
    create({ ...a('n'), SetIdentifier: 'x'.repeat(129), Weight: 1 }),
    'InvalidInput',
    /length between 1 and 128/,
  ],
  [
    'two policies on one record',
    create({ ...a('n'), SetIdentifier: 'x', Weight: 1, Region: 'us-east-1' }),
    'InvalidInput',
    /but found more than one/,
  ],
  ['neither alias nor values', create({ Name: 'n.agent.test', Type: 'A' }), 'InvalidInput', /but found none/],
  [
    'values without TTL',
    create({ Name: 'n.agent.test', Type: 'A', ResourceRecords: [{ Value: '127.3.0.1' }] }),
    'InvalidInput',
    /all of \[TTL, and ResourceRecords\]/,
  ],
  ['an alias with a TTL', create({ ...alias('n', 'eu.agent.test'), TTL: 60 }), 'InvalidInput', /found more than one/],
  [
    'an alias with values',
    create({ ...alias('n', 'eu.agent.test'), TTL: 60, ResourceRecords: [{ Value: '127.3.0.1' }] }),
    'InvalidInput',
    /found more than one/,
  ],
  [
    'a weight of 256',
    create({ ...a('n'), SetIdentifier: 'x', Weight: 256 }),
    'InvalidInput',
    /Value '256' at 'changeBatch.changes.1.member.resourceRecordSet.weight'/,
  ],
  ['a weight below 0', create({ ...a('n'), SetIdentifier: 'x', Weight: -1 }), 'InvalidInput', /weight' failed/],
  [
    'a TTL above 2,147,483,647',
    create({ ...a('n'), TTL: 2_147_483_648 }),
    'InvalidInput',
    /tTL' failed to satisfy constraint: Member must have value between 0 and 2147483647/,
  ],
  ['a TTL below 0', create({ ...a('n'), TTL: -1 }), 'InvalidInput', /tTL' failed/],
  [
    'the second change, which is counted from 1',
    [create(a('n')), create({ ...a('m'), TTL: -1 })],
    'InvalidInput',
    /changes\.2\.member/,
  ],
  [
    'a region that AWS has not',
    create({ ...a('n'), SetIdentifier: 'x', Region: 'mars-east-1' as 'us-east-1' }),
    'InvalidInput',
    /Member must satisfy enum value set: \[af-south-1, /,
  ],
  [
    'a continent that is none',
    create({ ...a('n'), SetIdentifier: 'x', GeoLocation: { ContinentCode: 'XX' } }),
    'InvalidInput',
    /ContinentCode XX/,
  ],
  [
    'a country that is none',
    create({ ...a('n'), SetIdentifier: 'x', GeoLocation: { CountryCode: 'XX' } }),
    'InvalidInput',
    /CountryCode XX/,
  ],
  [
    'a continent and a country',
    create({ ...a('n'), SetIdentifier: 'x', GeoLocation: { ContinentCode: 'EU', CountryCode: 'DE' } }),
    'InvalidInput',
    /one continent or one country/,
  ],
  [
    'a subdivision without its country',
    create({ ...a('n'), SetIdentifier: 'x', GeoLocation: { SubdivisionCode: 'NY' } }),
    'InvalidInput',
    /one continent or one country/,
  ],
  ['a type that is none', create(set('n', 'ZZ', 'x')), 'InvalidInput', /unknown Type/],
  [
    'geoproximity, which the lab has not',
    create({ ...a('n'), SetIdentifier: 'x', GeoProximityLocation: { AWSRegion: 'us-east-1' } }),
    'InvalidInput',
    /GeoProximityLocation is not to be had here/,
  ],
  ['an alias without a zone', create(alias('n', 'eu.agent.test', '')), 'InvalidInput', /HostedZoneId/],
];

const zoneRules: readonly Row[] = [
  [
    'creating what is there',
    create(a('eu')),
    'InvalidChangeBatch',
    /Tried to create resource record set \[name='eu.agent.test.', type='A'\] but it already exists/,
  ],
  [
    'creating a set that is there',
    create({ ...a('us'), SetIdentifier: '127.1.0.1', Failover: 'PRIMARY', HealthCheckId: '127.1.0.1' }),
    'InvalidChangeBatch',
    /set-identifier='127.1.0.1'\] but it already exists/,
  ],
  [
    'deleting what is not there',
    remove(a('nope')),
    'InvalidChangeBatch',
    /Tried to delete resource record set \[name='nope.agent.test.', type='A'\] but it was not found/,
  ],
  [
    'deleting with another value',
    remove({ ...a('eu'), HealthCheckId: '127.2.0.1' }),
    'InvalidChangeBatch',
    /values provided do not match the current values/,
  ],
  [
    'the same set twice',
    [create(a('n')), upsert(a('n'))],
    'InvalidChangeBatch',
    /The request contains an invalid set of changes for a resource record set 'A n.agent.test.'/,
  ],
  [
    'a name outside the zone',
    create({ ...a('n'), Name: 'n.evilagent.test' }),
    'InvalidChangeBatch',
    /RRSet with DNS name n.evilagent.test. is not permitted in zone agent.test./,
  ],
  [
    'a second PRIMARY',
    create({ ...a('us'), SetIdentifier: 'x', Failover: 'PRIMARY', HealthCheckId: '127.1.0.1' }),
    'InvalidChangeBatch',
    /a failover PRIMARY exists with the same name and type/,
  ],
  [
    'a second SECONDARY',
    create({ ...a('us'), SetIdentifier: 'x', Failover: 'SECONDARY' }),
    'InvalidChangeBatch',
    /a failover SECONDARY exists/,
  ],
  [
    'a primary without a health check',
    create({ ...a('n'), SetIdentifier: 'x', Failover: 'PRIMARY' }),
    'InvalidChangeBatch',
    /must have an associated health check/,
  ],
  [
    'failover beside weights',
    create({ ...a('global'), SetIdentifier: 'x', Failover: 'SECONDARY' }),
    'InvalidChangeBatch',
    /a non-failover set exists with the same name and type/,
  ],
  [
    'latency beside failover',
    create({ ...a('us'), SetIdentifier: 'x', Region: 'us-east-1' }),
    'InvalidChangeBatch',
    /a non-latency set exists/,
  ],
  [
    'a simple record beside weights',
    create(a('global')),
    'InvalidChangeBatch',
    /cannot be created as other RRSets exist with the same name and type/,
  ],
  [
    'a weighted record beside a simple one',
    create({ ...a('eu'), SetIdentifier: 'x', Weight: 1 }),
    'InvalidChangeBatch',
    /a non-weighted set exists/,
  ],
  [
    'another TTL among weights',
    create({ ...a('global'), SetIdentifier: 'x', Weight: 1, TTL: 5 }),
    'InvalidChangeBatch',
    /weighted sets must contain the same TTL/,
  ],
  [
    'one region twice',
    [
      create({ ...a('l'), SetIdentifier: 'x', Region: 'us-east-1' }),
      create({ ...a('l'), SetIdentifier: 'y', Region: 'us-east-1' }),
    ],
    'InvalidChangeBatch',
    /latency RRSet with the same name, type and region already exists/,
  ],
  [
    'one location twice',
    create({ ...alias('api', 'us.agent.test'), SetIdentifier: 'x', GeoLocation: { ContinentCode: 'EU' } }),
    'InvalidChangeBatch',
    /a geolocation record for \{"continent":"EU"\} exists/,
  ],
  [
    'a subdivision that is none',
    create({ ...a('g'), SetIdentifier: 'x', GeoLocation: { CountryCode: 'DE', SubdivisionCode: 'BY' } }),
    'InvalidChangeBatch',
    /no geolocation with CountryCode DE and SubdivisionCode BY/,
  ],
  [
    'a health check that is none',
    create({ ...a('n'), SetIdentifier: 'x', Weight: 1, HealthCheckId: 'nope' }),
    'InvalidChangeBatch',
    /Health check with ID nope does not exist/,
  ],
  [
    'a CNAME beside an address',
    create(set('eu', 'CNAME', 'a.test')),
    'InvalidChangeBatch',
    /RRSet of type CNAME with DNS name eu.agent.test. is not permitted as it conflicts with other records with the same DNS name in zone agent.test./,
  ],
  [
    'an address beside a CNAME',
    [create(set('c', 'CNAME', 'a.test')), create(a('c'))],
    'InvalidChangeBatch',
    /conflicting RRSet of type CNAME with the same DNS name already exists/,
  ],
  [
    'a CNAME at the apex',
    create({ ...set('n', 'CNAME', 'a.test'), Name: 'agent.test' }),
    'InvalidChangeBatch',
    /is not permitted at apex in zone agent.test./,
  ],
  [
    'an alias to a name of another zone',
    create(alias('n', 'lb.other.test')),
    'InvalidChangeBatch',
    /type A in zone Z1, but the alias target name does not lie within the target zone, Tried .* but that target was not found/,
  ],
  [
    'an alias to an own name under a foreign zone id',
    create(alias('n', 'eu.agent.test', 'ZOTHER')),
    'InvalidChangeBatch',
    /type A in zone ZOTHER, but the alias target name does not lie within the target zone/,
  ],
  ['an alias to nothing', create(alias('n', 'nope.agent.test')), 'InvalidChangeBatch', /but that target was not found/],
  [
    'an alias to a type that is not there',
    create(alias('n', 'eu.agent.test', 'Z1', 'AAAA')),
    'InvalidChangeBatch',
    /targets eu.agent.test., type AAAA in zone Z1, but that target was not found/,
  ],
  ['an alias to itself', create(alias('n', 'n.agent.test')), 'InvalidChangeBatch', /but that target was not found/],
  ['an alias of type NS', create(alias('n', 'agent.test', 'Z1', 'NS')), 'InvalidChangeBatch', /cannot be an alias/],
  [
    'an alias to CloudFront that evaluates its health',
    create(alias('n', 'd1.cloudfront.net', 'Z2FDTNDATAQYW2')),
    'InvalidChangeBatch',
    /EvaluateTargetHealth cannot be true/,
  ],
  [
    'a multivalue alias',
    create({ ...alias('n', 'eu.agent.test'), SetIdentifier: 'x', MultiValueAnswer: true }),
    'InvalidChangeBatch',
    /a multivalue answer cannot be an alias/,
  ],
  [
    'a multivalue CNAME',
    create({ ...set('n', 'CNAME', 'a.test'), SetIdentifier: 'x', MultiValueAnswer: true }),
    'InvalidChangeBatch',
    /not permitted for multivalue answer/,
  ],
  [
    'weighted name servers',
    create({ ...set('n', 'NS', 'ns.a.test'), SetIdentifier: 'x', Weight: 1 }),
    'InvalidChangeBatch',
    /type NS has no routing policy but the simple one/,
  ],
  [
    'a second SOA',
    create(set('n', 'SOA', 'a.test. b.test. 1 7200 900 1209600 86400')),
    'InvalidChangeBatch',
    /only permitted at apex/,
  ],
  [
    'two values of a CNAME',
    create(set('n', 'CNAME', 'a.test', 'b.test')),
    'InvalidChangeBatch',
    /can have only one value/,
  ],
  [
    'one value twice',
    create(set('n', 'A', '127.3.0.1', '127.3.0.1')),
    'InvalidChangeBatch',
    /Duplicate Resource Record: '127.3.0.1'/,
  ],
  [
    '401 values',
    create(set('n', 'A', ...Array.from({ length: 401 }, (_, index) => `127.3.${index >> 8}.${index & 255}`))),
    'InvalidChangeBatch',
    /more than 400 values/,
  ],
];

const wrongValues: readonly (readonly [type: string, value: string, code: string])[] = [
  ['A', 'nonsense', 'ARRDATAIllegalIPv4Address'],
  ['A', '127.3.0.256', 'ARRDATAIllegalIPv4Address'],
  ['AAAA', '127.3.0.1', 'AAAARRDATAIllegalIPv6Address'],
  ['CNAME', 'a..test', 'DomainLabelEmpty'],
  ['CNAME', `${'a'.repeat(64)}.test`, 'DomainLabelTooLong'],
  ['CNAME', `${'abc.'.repeat(70)}test`, 'DomainNameTooLong'],
  ['NS', 'ns one.test', 'UnsupportedCharacter'],
  ['TXT', 'without quotation marks', 'InvalidCharacterString'],
  ['TXT', `"${'x'.repeat(256)}"`, 'CharacterStringTooLong'],
  ['MX', 'mail.test', 'MXRRDATAIllegal'],
  ['MX', '65536 mail.test', 'MXRRDATAIllegal'],
  ['SRV', '1 2 mail.test', 'SRVRRDATAIllegal'],
  ['CAA', '0 issue letsencrypt.org', 'CAARRDATAIllegal'],
  ['CAA', '256 issue "letsencrypt.org"', 'CAARRDATAIllegal'],
  ['PTR', '', 'DomainNameEmpty'],
];

const batchLimits: readonly Row[] = [
  [
    '1,001 values',
    texts(1_001, 6).map((text, index) => create(set(`n${index}`, 'TXT', text))),
    'InvalidChangeBatch',
    /Number of records limit of 1000 exceeded/,
  ],
  [
    '501 values to be upserted',
    texts(501, 6).map((text, index) => upsert(set(`n${index}`, 'TXT', text))),
    'InvalidChangeBatch',
    /Number of records limit of 1000 exceeded/,
  ],
  [
    'four records with more than a thousand values',
    texts(4, 6).map((text, index) => create(set(`n${index}`, 'TXT', text, ...texts(260, 7)))),
    'InvalidChangeBatch',
    /Number of records limit of 1000 exceeded/,
  ],
  [
    '32,001 characters',
    [
      ...texts(128, 250).map((text, index) => create(set(`n${index}`, 'TXT', text))),
      create(set('n', 'TXT', `"${'x'.repeat(1)}"`)),
    ],
    'InvalidChangeBatch',
    /Number of characters in record values limit of 32000 exceeded/,
  ],
  [
    '16,001 characters to be upserted',
    [...texts(64, 250).map((text, index) => upsert(set(`n${index}`, 'TXT', text))), upsert(set('n', 'TXT', '"x"'))],
    'InvalidChangeBatch',
    /Number of characters in record values limit of 32000 exceeded/,
  ],
];

describe('refused as Route 53 refuses it, with nothing of the batch done:', () => {
  test.each([...requests, ...zoneRules, ...batchLimits])('%s', async (_rule, changes, code, message) => {
    const before = lab.store.zone();
    const batch = Array.isArray(changes) ? (changes as readonly Change[]) : [changes as Change];
    // Beside a change that could be made by itself: it is not made either.
    const beside = batch.length === 0 || batch.length > 4 ? batch : [...batch, create(a('beside'))];
    const error: unknown = await submit(...beside).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: code,
      message: expect.stringMatching(message),
      $metadata: { httpStatusCode: 400 },
    });
    if (code === 'InvalidChangeBatch') {
      expect((error as Error).message).toMatch(/^\[.*\]$/s);
      expect(`[${(error as { messages: readonly string[] }).messages.join(', ')}]`).toBe((error as Error).message);
    }
    expect(lab.store.zone()).toBe(before);
  });

  test.each(wrongValues)('a %s with the value %s', async (type, value, code) => {
    const message = expect.stringContaining(`Invalid Resource Record: 'FATAL problem: ${code} (`);
    await expect(submit(create(set('n', type, value)))).rejects.toMatchObject({ name: 'InvalidChangeBatch', message });
  });

  test('a name with an empty label, and every other mistake of the batch at once', async () => {
    const failed = submit(create(a('n.')), create(a('eu')), create(set('m', 'A', 'nonsense')));
    await expect(failed).rejects.toMatchObject({
      messages: [
        expect.stringMatching(/already exists/),
        expect.stringMatching(/^FATAL problem: DomainLabelEmpty .* encountered with 'n..agent.test.'$/),
        expect.stringMatching(/ARRDATAIllegalIPv4Address/),
      ],
    });
  });

  test('an action that is none', async () => {
    const failed = submit({ Action: 'REPLACE' as 'UPSERT', ResourceRecordSet: a('n') });
    await expect(failed).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringMatching(/^Invalid XML ; .*REPLACE/),
    });
  });

  test('a zone and a change that are not there', async () => {
    const zone = lab.client.send(new ListResourceRecordSetsCommand({ HostedZoneId: 'ZNOPE' }));
    await expect(zone).rejects.toMatchObject({ name: 'NoSuchHostedZone', $metadata: { httpStatusCode: 404 } });
    const change = lab.client.send(new GetChangeCommand({ Id: 'C0' }));
    await expect(change).rejects.toMatchObject({ name: 'NoSuchChange', $metadata: { httpStatusCode: 404 } });
  });
});

describe('done, at the edge of what may be:', () => {
  const insync = async (id = ''): Promise<void> => {
    while (lab.store.submission(id.replace('/change/', ''))?.status === 'PENDING') {
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const both = async (...sets: readonly ResourceRecordSet[]): Promise<void> => {
    await insync((await submit(...sets.map(create))).ChangeInfo?.Id);
    await insync((await submit(...sets.map(remove))).ChangeInfo?.Id);
  };

  test('every type with a sound value', async () => {
    await both(
      set('n', 'A', '127.3.0.1', '127.3.0.2'),
      set('n', 'AAAA', '2001:db8::1'),
      set('n', 'TXT', '"one" "two \\"quoted\\""', `"${'x'.repeat(255)}"`),
      set('n', 'MX', '0 mail.test', '65535 mail.test.'),
      set('n', 'SRV', '1 2 65535 host.test'),
      set('n', 'CAA', '0 issue "letsencrypt.org"'),
      set('p', 'PTR', 'host.test.'),
      set('d', 'NS', 'ns-1.test', 'ns-2.test'),
      set('_underscored', 'CNAME', 'host.test'),
      set('\\052.wild', 'A', '127.3.0.1'),
    );
  });

  test('weights 0 and 255, TTL 0, subdivisions, multivalue, an alias into a load balancer with a health check', async () => {
    await both(
      { ...a('w'), TTL: 0, SetIdentifier: 'x', Weight: 0 },
      { ...a('w'), TTL: 0, SetIdentifier: 'y'.repeat(128), Weight: 255 },
      { ...a('g'), SetIdentifier: 'x', GeoLocation: { CountryCode: 'US', SubdivisionCode: 'NY' } },
      { ...a('g'), SetIdentifier: 'y', GeoLocation: { CountryCode: 'US' } },
      { ...a('m'), SetIdentifier: 'x', MultiValueAnswer: true },
      {
        ...alias('lb', 'lb-1.us-east-1.elb.amazonaws.com', 'Z35SXDOTRQ7X7K'),
        HealthCheckId: '127.1.0.1',
        SetIdentifier: 'x',
        Failover: 'PRIMARY',
      },
    );
  });

  test('500 upserts, and a primary that changes places with its secondary in one batch', async () => {
    const many = texts(500, 6).map((text, index) => set(`u${index}`, 'TXT', text));
    await insync((await submit(...many.map(upsert))).ChangeInfo?.Id);
    await insync((await submit(...many.map(remove))).ChangeInfo?.Id);
    const role = (id: string, Failover: 'PRIMARY' | 'SECONDARY'): ResourceRecordSet => ({
      ...a('us', id),
      SetIdentifier: id,
      HealthCheckId: id,
      Failover,
    });
    await insync(
      (await submit(upsert(role('127.1.0.1', 'SECONDARY')), upsert(role('127.2.0.1', 'PRIMARY')))).ChangeInfo?.Id,
    );
    await insync(
      (await submit(upsert(role('127.1.0.1', 'PRIMARY')), upsert(role('127.2.0.1', 'SECONDARY')))).ChangeInfo?.Id,
    );
  });
});

describe('health checks', () => {
  const make = (config: HealthCheckConfig, reference = JSON.stringify(config).slice(0, 60)) => {
    const input: CreateHealthCheckCommandInput = { CallerReference: reference, HealthCheckConfig: config };
    return lab.client.send(new CreateHealthCheckCommand(input));
  };
  const endpoint: HealthCheckConfig = { Type: 'HTTP', IPAddress: '127.1.0.1', Port: 80 };

  test.each<[rule: string, config: HealthCheckConfig, message: RegExp]>([
    ['a type that is none', { Type: 'PING' as 'TCP' }, /got Type PING/],
    ['no endpoint', { Type: 'HTTP' }, /want IPAddress or FullyQualifiedDomainName/],
    ['an address that is none', { ...endpoint, IPAddress: '127.1.0.999' }, /got IPAddress 127.1.0.999/],
    ['a port above 65535', { ...endpoint, Port: 65_536 }, /got Port 65536/],
    ['TCP without a port', { Type: 'TCP', IPAddress: '127.1.0.1' }, /got Port null/],
    [
      'TCP with a path',
      { Type: 'TCP', IPAddress: '127.1.0.1', Port: 80, ResourcePath: '/' },
      /ResourcePath with Type TCP/,
    ],
    ['a match without its text', { ...endpoint, Type: 'HTTP_STR_MATCH' }, /want a SearchString/],
    ['a text without a match', { ...endpoint, SearchString: 'x' }, /SearchString with Type HTTP/],
    ['a text of 256 characters', { ...endpoint, Type: 'HTTP_STR_MATCH', SearchString: 'x'.repeat(256) }, /at most 255/],
    ['a threshold of 0', { ...endpoint, FailureThreshold: 0 }, /got FailureThreshold 0, want 1 to 10/],
    ['an interval of 31 s', { ...endpoint, RequestInterval: 31 }, /got RequestInterval 31, want 10 or 30/],
    ['children of an endpoint', { ...endpoint, ChildHealthChecks: ['127.1.0.1'] }, /ChildHealthChecks with Type HTTP/],
    [
      'a health threshold of 257',
      { Type: 'CALCULATED', ChildHealthChecks: ['127.1.0.1'], HealthThreshold: 257 },
      /got HealthThreshold 257/,
    ],
    [
      'a child that is none',
      { Type: 'CALCULATED', ChildHealthChecks: ['nope'] },
      /child health check nope does not exist/,
    ],
  ])('%s is refused', async (_rule, config, message) => {
    await expect(make(config)).rejects.toMatchObject({ name: 'InvalidInput', message: expect.stringMatching(message) });
  });

  test('a calculated child of a calculated check is refused', async () => {
    const child = (await make({ Type: 'CALCULATED', ChildHealthChecks: ['127.1.0.1'] })).HealthCheck?.Id ?? '';
    const parent = make({ Type: 'CALCULATED', ChildHealthChecks: [child] });
    await expect(parent).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringMatching(/is calculated/),
    });
  });

  test('a caller’s reference is good for one check: the same again, another never, none once it is deleted', async () => {
    const made = (await make(endpoint, 'mine')).HealthCheck?.Id;
    expect((await make(endpoint, 'mine')).HealthCheck?.Id).toBe(made);
    await expect(make({ ...endpoint, Port: 81 }, 'mine')).rejects.toMatchObject({ name: 'HealthCheckAlreadyExists' });
    await lab.client.send(new DeleteHealthCheckCommand({ HealthCheckId: made }));
    await expect(make(endpoint, 'mine')).rejects.toMatchObject({
      name: 'HealthCheckAlreadyExists',
      $metadata: { httpStatusCode: 409 },
    });
    await expect(make(endpoint, 'x'.repeat(65))).rejects.toMatchObject({ name: 'InvalidInput' });
  });

  test('of two updates that read the same version one is done', async () => {
    const { HealthCheck: check } = await make(endpoint, 'raced');
    const update = (FailureThreshold: number) =>
      lab.client.send(
        new UpdateHealthCheckCommand({
          HealthCheckId: check?.Id,
          HealthCheckVersion: check?.HealthCheckVersion,
          FailureThreshold,
        }),
      );
    const ends = await Promise.allSettled([update(1), update(2)]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(ends.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { name: 'HealthCheckVersionMismatch', $metadata: { httpStatusCode: 409 } },
    });
  });

  test('an update that cannot be changes nothing', async () => {
    const { HealthCheck: check } = await make(endpoint, 'kept');
    const update = new UpdateHealthCheckCommand({ HealthCheckId: check?.Id, FailureThreshold: 11 });
    await expect(lab.client.send(update)).rejects.toMatchObject({ name: 'InvalidInput' });
    const after = await lab.client.send(new GetHealthCheckCommand({ HealthCheckId: check?.Id }));
    expect(after.HealthCheck).toEqual(check);
  });

  test('an account has two hundred', async () => {
    while (lab.store.healthChecks().length < 200) await make(endpoint, `many-${lab.store.healthChecks().length}`);
    await expect(make(endpoint, 'one more')).rejects.toMatchObject({ name: 'TooManyHealthChecks' });
  });
});
