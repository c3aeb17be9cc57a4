/** The hosted zone and its records. */
import { answer } from '../../zone/answer.ts';
import { canonicalName, compareNames, compareTexts } from '../../zone/names.ts';
import type { RecordSet } from '../../zone/records.ts';
import { spelledOut } from '../../zone/validate.ts';
import { readChanges, shownName, writeRecord } from './record-xml.ts';
import { Refusal, refuse } from './refusal.ts';
import { type Call, idOf, isoTime, pageSize, type Reply, type Route, type Service } from './route.ts';
import type { Submission, ZoneStore } from './store.ts';
import { element, optional, textAt, type Xml } from './xml.ts';

const mostListed = 300;
const mostZones = 100;

export const zoneRoutes: readonly Route[] = [
  { operation: 'GetHostedZone', method: 'GET', path: /^hostedzone\/([^/]+)$/, run: getZone },
  { operation: 'ListHostedZones', method: 'GET', path: /^hostedzone$/, run: listZones },
  { operation: 'ListHostedZonesByName', method: 'GET', path: /^hostedzonesbyname$/, run: listZonesByName },
  { operation: 'GetHostedZoneCount', method: 'GET', path: /^hostedzonecount$/, run: countZones },
  { operation: 'ListResourceRecordSets', method: 'GET', path: /^hostedzone\/([^/]+)\/rrset$/, run: listRecords },
  { operation: 'ChangeResourceRecordSets', method: 'POST', path: /^hostedzone\/([^/]+)\/rrset$/, run: changeRecords },
  { operation: 'GetChange', method: 'GET', path: /^change\/([^/]+)$/, run: getChange },
  { operation: 'TestDNSAnswer', method: 'GET', path: /^testdnsanswer$/, run: testAnswer },
];

function getZone(call: Call, { store }: Service): Reply {
  requireZone(idOf(call), store);
  const servers = store.zone().nameservers.map((server) => element('NameServer', server));
  return {
    xml: element('GetHostedZoneResponse', [
      zoneXml(store),
      element('DelegationSet', [element('NameServers', servers)]),
    ]),
  };
}

function listZones({ query }: Call, { store }: Service): Reply {
  return {
    xml: element('ListHostedZonesResponse', [
      element('HostedZones', [zoneXml(store)]),
      optional('Marker', query.get('marker')),
      element('IsTruncated', false),
      element('MaxItems', pageSize(query, mostZones)),
    ]),
  };
}

function listZonesByName({ query }: Call, { store }: Service): Reply {
  const from = query.get('dnsname');
  const listed = from === null || compareNames(canonicalName(from), store.zone().name) <= 0;
  return {
    xml: element('ListHostedZonesByNameResponse', [
      element('HostedZones', listed ? [zoneXml(store)] : []),
      optional('DNSName', from),
      optional('HostedZoneId', query.get('hostedzoneid')),
      element('IsTruncated', false),
      element('MaxItems', pageSize(query, mostZones)),
    ]),
  };
}

function countZones(): Reply {
  return { xml: element('GetHostedZoneCountResponse', [element('HostedZoneCount', 1)]) };
}

function listRecords(call: Call, { store }: Service): Reply {
  requireZone(idOf(call), store);
  const { query } = call;
  const size = pageSize(query, mostListed);
  const name = query.get('name');
  const type = query.get('type');
  const identifier = query.get('identifier');
  if ((type !== null && name === null) || (identifier !== null && type === null)) {
    return refuse('InvalidInput', 'The input is not valid: a type needs a name, and an identifier a type');
  }
  const start = name === null ? null : ([canonicalName(name), type ?? '', identifier ?? ''] as const);
  const all = spelledOut(store.zone())
    .map((record) => ({ record, key: [record.name, record.type, record.setIdentifier ?? ''] as const }))
    .sort((a, b) => compareKeys(a.key, b.key))
    .filter(({ key }) => start === null || compareKeys(key, start) >= 0)
    .map(({ record }) => record);
  const next = all[size];
  return {
    xml: element('ListResourceRecordSetsResponse', [
      element('ResourceRecordSets', all.slice(0, size).map(writeRecord)),
      element('IsTruncated', next !== undefined),
      element('MaxItems', size),
      ...nextXml(next),
    ]),
  };
}

function nextXml(next: RecordSet | undefined): readonly (Xml | null)[] {
  if (next === undefined) return [];
  return [
    element('NextRecordName', shownName(next.name)),
    element('NextRecordType', next.type),
    optional('NextRecordIdentifier', next.setIdentifier),
  ];
}

function changeRecords(call: Call, { store }: Service): Reply {
  requireZone(idOf(call), store);
  const submitted = store.submit(readChanges(call.body), textAt(call.body, 'ChangeBatch', 'Comment'));
  if (!submitted.ok) throw new Refusal(submitted.code, submitted.messages);
  return { xml: element('ChangeResourceRecordSetsResponse', [changeXml(submitted.submission)]) };
}

function getChange(call: Call, { store }: Service): Reply {
  const submission = store.submission(idOf(call));
  if (submission === undefined) {
    return refuse('NoSuchChange', `Could not find resource with ID: ${idOf(call)}`);
  }
  return { xml: element('GetChangeResponse', [changeXml(submission)]) };
}

function testAnswer({ query }: Call, service: Service): Reply {
  const { store, checkers, random } = service;
  requireZone((query.get('hostedzoneid') ?? '').replace(/^\/hostedzone\//, ''), store);
  const name = query.get('recordname') ?? '';
  const type = query.get('recordtype') ?? '';
  const got = answer(store.zone(), { name, type }, locationOf(query, service), checkers.healthy, random);
  const data = got.records
    .filter((record) => record.type === type)
    .map(({ value }) => element('RecordDataEntry', value));
  return {
    xml: element('TestDNSAnswerResponse', [
      element('Nameserver', store.zone().nameservers[0] ?? ''),
      element('RecordName', canonicalName(name)),
      element('RecordType', type),
      element('RecordData', data),
      element('ResponseCode', got.rcode),
      element('Protocol', 'UDP'),
    ]),
  };
}

function locationOf(query: URLSearchParams, { locate, usualLocation }: Service) {
  const subnet = query.get('edns0clientsubnetip');
  const resolver = query.get('resolverip');
  if (subnet !== null) {
    const mask = query.get('edns0clientsubnetmask') ?? (subnet.includes(':') ? '64' : '24');
    return locate(`${subnet}/${mask}`);
  }
  return resolver === null ? usualLocation : locate(resolver);
}

function zoneXml(store: ZoneStore): Xml {
  const zone = store.zone();
  return element('HostedZone', [
    element('Id', `/hostedzone/${zone.id}`),
    element('Name', zone.name),
    element('CallerReference', 'lab'),
    element('Config', [element('PrivateZone', false)]),
    element('ResourceRecordSetCount', spelledOut(zone).length),
  ]);
}

function changeXml({ id, status, submittedAtMs, comment }: Submission): Xml {
  return element('ChangeInfo', [
    element('Id', `/change/${id}`),
    element('Status', status),
    element('SubmittedAt', isoTime(submittedAtMs)),
    optional('Comment', comment),
  ]);
}

function requireZone(id: string, store: ZoneStore): void {
  if (id !== store.zone().id) refuse('NoSuchHostedZone', `No hosted zone found with ID: ${id}`);
}

type Key = readonly [name: string, type: string, identifier: string];
function compareKeys(a: Key, b: Key): number {
  return compareNames(a[0], b[0]) || compareTexts(a[1], b[1]) || compareTexts(a[2], b[2]);
}
