import {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  GetHostedZoneCommand,
  ListHostedZonesByNameCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  TestDNSAnswerCommand,
} from '@aws-sdk/client-route-53';
import { afterEach, describe, expect, test } from 'vitest';
import { agentZone, values } from '../zone/records.ts';
import { startApi } from './lab.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
async function start(...options: Parameters<typeof startApi>) {
  const lab = await startApi(...options);
  closing.push(lab.close);
  const change = (action: 'CREATE' | 'DELETE' | 'UPSERT', ...records: readonly ResourceRecordSet[]) =>
    lab.client.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: 'Z1',
        ChangeBatch: { Changes: records.map((record) => ({ Action: action, ResourceRecordSet: record })) },
      }),
    );
  return { ...lab, change };
}
const simple = (name: string, ...addresses: readonly string[]): ResourceRecordSet => ({
  Name: `${name}.agent.test`,
  Type: 'A',
  TTL: 60,
  ResourceRecords: addresses.map((Value) => ({ Value })),
});

describe('reading, with the AWS SDK', () => {
  test('the zone is found by id, by listing and by name', async () => {
    const { client } = await start();
    const got = await client.send(new GetHostedZoneCommand({ Id: 'Z1' }));
    expect(got.HostedZone).toMatchObject({ Id: '/hostedzone/Z1', Name: 'agent.test.', ResourceRecordSetCount: 16 });
    expect(got.DelegationSet?.NameServers).toEqual(['ns-1.agent.test.']);
    expect((await client.send(new ListHostedZonesCommand({}))).HostedZones).toHaveLength(1);
    const named = await client.send(new ListHostedZonesByNameCommand({ DNSName: 'agent.test' }));
    expect(named.HostedZones?.[0]?.Id).toBe('/hostedzone/Z1');
  });

  test('records come as they are, every policy and both kinds of target', async () => {
    const { client } = await start();
    const { ResourceRecordSets: sets = [] } = await client.send(
      new ListResourceRecordSetsCommand({ HostedZoneId: 'Z1' }),
    );
    const named = (name: string, identifier?: string) =>
      sets.find((set) => set.Name === `${name}.agent.test.` && set.SetIdentifier === identifier);
    expect(named('global', '127.1.0.1')).toMatchObject({ Weight: 60, TTL: 60, HealthCheckId: '127.1.0.1' });
    expect(named('us', '127.1.0.1')).toMatchObject({ Failover: 'PRIMARY' });
    expect(named('eu')).toMatchObject({ ResourceRecords: [{ Value: '127.2.0.1' }] });
    expect(named('api', 'europe')).toMatchObject({
      GeoLocation: { ContinentCode: 'EU' },
      AliasTarget: { DNSName: 'eu.agent.test.', HostedZoneId: 'Z1', EvaluateTargetHealth: false },
    });
    expect(named('api', 'default')).toMatchObject({ GeoLocation: { CountryCode: '*' } });
    expect(sets.filter(({ Type }) => Type === 'SOA' || Type === 'NS')).toHaveLength(2);
  });

  test('pages of three make up the whole, in the order of the zone', async () => {
    const { client } = await start();
    const whole = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: 'Z1' }));
    const paged: ResourceRecordSet[] = [];
    let page = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: 'Z1', MaxItems: 3 }));
    paged.push(...(page.ResourceRecordSets ?? []));
    while (page.IsTruncated) {
      page = await client.send(
        new ListResourceRecordSetsCommand({
          HostedZoneId: 'Z1',
          MaxItems: 3,
          StartRecordName: page.NextRecordName,
          StartRecordType: page.NextRecordType,
          StartRecordIdentifier: page.NextRecordIdentifier,
        }),
      );
      paged.push(...(page.ResourceRecordSets ?? []));
    }
    expect(paged).toEqual(whole.ResourceRecordSets);
    expect(paged[0]?.Name).toBe('agent.test.');
  });

  test('an answer can be tried out, from any place', async () => {
    const { client, sick } = await start();
    const tried = async (place: { EDNS0ClientSubnetIP?: string }) => {
      const got = await client.send(
        new TestDNSAnswerCommand({ HostedZoneId: 'Z1', RecordName: 'api.agent.test', RecordType: 'A', ...place }),
      );
      return [got.ResponseCode, ...(got.RecordData ?? [])];
    };
    expect(await tried({})).toEqual(['NOERROR', '127.1.0.1']);
    expect(await tried({ EDNS0ClientSubnetIP: '203.0.113.9' })).toEqual(['NOERROR', '127.2.0.1']);
    sick.add('127.1.0.1');
    expect(await tried({})).toEqual(['NOERROR', '127.2.0.1']);
  });
});

describe('changing, with the AWS SDK', () => {
  test('a change is PENDING until every name server has it', async () => {
    const { client, store, change } = await start();
    let reach: () => void = () => undefined;
    store.publishTo(() => new Promise((resolve) => (reach = resolve)));
    const { ChangeInfo } = await change('CREATE', simple('new', '127.3.0.1'));
    expect(ChangeInfo?.Status).toBe('PENDING');
    const id = ChangeInfo?.Id ?? '';
    const status = async () => (await client.send(new GetChangeCommand({ Id: id }))).ChangeInfo?.Status;
    expect(await status()).toBe('PENDING');
    reach();
    let seen = await status();
    while (seen === 'PENDING') seen = await status();
    expect(seen).toBe('INSYNC');
  });

  test('a second change meanwhile is told to come back', async () => {
    const { store, change } = await start();
    store.publishTo(() => new Promise(() => undefined));
    await change('CREATE', simple('new', '127.3.0.1'));
    await expect(change('CREATE', simple('other', '127.3.0.1'))).rejects.toMatchObject({
      name: 'PriorRequestNotComplete',
      $metadata: { httpStatusCode: 400 },
    });
  });

  test('a batch with a mistake changes nothing and names all of them', async () => {
    const { store, change } = await start();
    const failed = change('CREATE', simple('good', '127.3.0.1'), simple('bad', 'nonsense'), simple('eu', '127.2.0.1'));
    await expect(failed).rejects.toMatchObject({
      name: 'InvalidChangeBatch',
      messages: [expect.any(String), expect.any(String)],
    });
    expect(store.zone().records).toHaveLength(agentZone.records.length);
  });

  test.each<[string, ResourceRecordSet, string]>([
    [
      'two policies',
      { ...simple('a', '127.3.0.1'), SetIdentifier: 'x', Weight: 1, Failover: 'PRIMARY' },
      'InvalidInput',
    ],
    ['a policy without SetIdentifier', { ...simple('a', '127.3.0.1'), Weight: 1 }, 'InvalidInput'],
    ['neither alias nor values', { Name: 'a.agent.test', Type: 'A' }, 'InvalidInput'],
    [
      'values without TTL',
      { Name: 'a.agent.test', Type: 'A', ResourceRecords: [{ Value: '127.3.0.1' }] },
      'InvalidInput',
    ],
    [
      'a policy that the lab has not',
      { ...simple('a', '127.3.0.1'), SetIdentifier: 'x', GeoProximityLocation: { AWSRegion: 'us-east-1' } },
      'InvalidInput',
    ],
    [
      'an unknown health check',
      { ...simple('a', '127.3.0.1'), SetIdentifier: 'x', Weight: 1, HealthCheckId: 'nope' },
      'InvalidChangeBatch',
    ],
  ])('%s is refused', async (_what, record, name) => {
    const { change } = await start();
    await expect(change('CREATE', record)).rejects.toMatchObject({ name });
  });

  test('what was read can be deleted as it was read, and created again', async () => {
    const { client, store, change } = await start({
      zone: { ...agentZone, records: [...agentZone.records, values('*.wild', '127.1.0.1')] },
    });
    const { ResourceRecordSets: sets = [] } = await client.send(
      new ListResourceRecordSetsCommand({ HostedZoneId: 'Z1' }),
    );
    const own = sets.filter(({ Type }) => Type === 'A');
    expect(own.some(({ Name }) => Name === '\\052.wild.agent.test.')).toBe(true);
    const insync = async (id = ''): Promise<void> => {
      while (store.submission(id.replace('/change/', ''))?.status === 'PENDING') {
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await insync((await change('DELETE', ...own)).ChangeInfo?.Id);
    expect(store.zone().records.filter(({ type }) => type === 'A')).toEqual([]);
    await insync((await change('CREATE', ...own)).ChangeInfo?.Id);
    const again = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: 'Z1' }));
    expect(again.ResourceRecordSets).toEqual(sets);
  });
});
