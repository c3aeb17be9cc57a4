/** What makes a request malformed, or too large, whatever the zone holds. */
import { a, alias, create, type Row, set, texts, upsert } from './record-sets.ts';

export const requests: readonly Row[] = [
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

export const batchLimits: readonly Row[] = [
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
