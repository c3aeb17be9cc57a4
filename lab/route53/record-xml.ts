/** Record sets and changes, to and from the API's XML. */
import { countryCodes } from '../../scenarios/countries.ts';
import { canonicalName } from '../../zone/names.ts';
import {
  type Continent,
  type GeoLocation,
  isRecordType,
  type RecordSet,
  type RecordType,
  type Routing,
} from '../../zone/records.ts';
import type { Change } from '../../zone/validate.ts';
import { refuse } from './refusal.ts';
import { childOf, element, optional, textAt, type Xml, type XmlNode } from './xml.ts';

const continents: ReadonlySet<string> = new Set<Continent>(['AF', 'AN', 'AS', 'EU', 'NA', 'OC', 'SA']);
const actions: ReadonlySet<string> = new Set<Change['action']>(['CREATE', 'DELETE', 'UPSERT']);
const policies = ['Weight', 'Region', 'Failover', 'GeoLocation', 'MultiValueAnswer'] as const;
const notInLab = ['GeoProximityLocation', 'CidrRoutingConfig', 'TrafficPolicyInstanceId'];
/** Route 53 has these too; the lab's name servers do not. */
const notServed: ReadonlySet<RecordType> = new Set(['DS', 'HTTPS', 'NAPTR', 'SPF', 'SSHFP', 'SVCB', 'TLSA']);

const longestName = 1_024;

export function readChanges(body: XmlNode | undefined): readonly Change[] {
  const changes = childOf(childOf(body, 'ChangeBatch'), 'Changes');
  if (body?.name !== 'ChangeResourceRecordSetsRequest' || changes === undefined) {
    return refuse('InvalidInput', 'Invalid XML ; want ChangeResourceRecordSetsRequest/ChangeBatch/Changes');
  }
  return changes.children.map((change) => {
    const action = textAt(change, 'Action');
    const set = childOf(change, 'ResourceRecordSet');
    if (action === null || !isAction(action)) {
      const want = `It must be a value from the enumeration [CREATE, DELETE, UPSERT]`;
      return refuse(
        'InvalidInput',
        `Invalid XML ; cvc-enumeration-valid: Value '${action}' is not facet-valid. ${want}.`,
      );
    }
    if (set === undefined) return refuse('InvalidInput', 'Invalid XML ; want a ResourceRecordSet in every Change');
    return { action, record: readRecord(set, action) };
  });
}

function readRecord(set: XmlNode, action: string): RecordSet {
  const name = textAt(set, 'Name') ?? '';
  const type = textAt(set, 'Type') ?? '';
  const setIdentifier = textAt(set, 'SetIdentifier');
  const change = `Change with [Action=${action}, Name=${name}, Type=${type}, SetIdentifier=${setIdentifier}]`;
  if (!isRecordType(type)) return refuse('InvalidInput', `Invalid request: unknown Type in ${change}`);
  if (name.length > longestName) return refuse('InvalidInput', `Invalid request: Name is too long in ${change}`);
  const foreign = notServed.has(type) ? `type ${type}` : notInLab.find((tag) => childOf(set, tag) !== undefined);
  if (foreign !== undefined)
    return refuse('InvalidInput', `Invalid request: ${foreign} is not to be had here, in ${change}`);
  return {
    name: canonicalName(name),
    type,
    setIdentifier,
    routing: readRouting(set, change),
    healthCheckId: textAt(set, 'HealthCheckId'),
    target: readTarget(set, change),
  };
}

function readRouting(set: XmlNode, change: string): Routing {
  const present = policies.filter((tag) => childOf(set, tag) !== undefined && textAt(set, tag) !== 'false');
  const policy = present[0];
  if (policy === undefined) return { policy: 'simple' };
  const text = textAt(set, policy) ?? '';
  if (present.length > 1) {
    const all = policies.join(', ');
    return refuse(
      'InvalidInput',
      `Invalid request: Expected exactly one of [${all}], but found more than one in ${change}`,
    );
  }
  switch (policy) {
    case 'Weight':
      return { policy: 'weighted', weight: /^-?\d+$/.test(text) ? Number(text) : Number.NaN };
    case 'Region':
      return { policy: 'latency', region: text };
    case 'MultiValueAnswer':
      return { policy: 'multivalue' };
    case 'GeoLocation':
      return { policy: 'geolocation', location: readLocation(childOf(set, 'GeoLocation'), change) };
    case 'Failover':
      if (text === 'PRIMARY' || text === 'SECONDARY') return { policy: 'failover', role: text };
      return refuse('InvalidInput', `Invalid request: got Failover ${text}, want PRIMARY or SECONDARY, in ${change}`);
  }
}

function readLocation(node: XmlNode | undefined, change: string): GeoLocation {
  const continent = textAt(node, 'ContinentCode');
  const country = textAt(node, 'CountryCode');
  const subdivision = textAt(node, 'SubdivisionCode');
  if (continent !== null && country === null && isContinent(continent)) return { continent };
  if (continent === null && country !== null && (country === '*' || countryCodes.has(country))) {
    return subdivision === null ? { country } : { country, subdivision };
  }
  const got = `ContinentCode ${continent}, CountryCode ${country}, SubdivisionCode ${subdivision}`;
  return refuse(
    'InvalidInput',
    `Invalid request: got ${got}, want one continent or one country that exists in ${change}`,
  );
}

function readTarget(set: XmlNode, change: string): RecordSet['target'] {
  const alias = childOf(set, 'AliasTarget');
  const ttl = textAt(set, 'TTL');
  const values = childOf(set, 'ResourceRecords')?.children.map((record) => textAt(record, 'Value') ?? '');
  const full = ttl !== null && values !== undefined;
  if ((alias === undefined) !== full || (alias !== undefined && (ttl !== null || values !== undefined))) {
    const found = alias === undefined ? 'found none' : 'found more than one';
    const want = '[AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]';
    return refuse('InvalidInput', `Invalid request: Expected exactly one of ${want}, but ${found} in ${change}`);
  }
  if (alias === undefined) {
    return { kind: 'values', ttlSeconds: /^\d+$/.test(ttl ?? '') ? Number(ttl) : Number.NaN, values: values ?? [] };
  }
  return {
    kind: 'alias',
    name: canonicalName(textAt(alias, 'DNSName') ?? '.'),
    hostedZoneId: (textAt(alias, 'HostedZoneId') ?? '').replace(/^\/hostedzone\//, ''),
    evaluateTargetHealth: textAt(alias, 'EvaluateTargetHealth') === 'true',
  };
}

export function writeRecord({ name, type, setIdentifier, routing, healthCheckId, target }: RecordSet): Xml {
  return element('ResourceRecordSet', [
    element('Name', shownName(name)),
    element('Type', type),
    optional('SetIdentifier', setIdentifier),
    writeRouting(routing),
    ...(target.kind === 'values'
      ? [
          element('TTL', target.ttlSeconds),
          element(
            'ResourceRecords',
            target.values.map((value) => element('ResourceRecord', [element('Value', value)])),
          ),
        ]
      : [
          element('AliasTarget', [
            element('HostedZoneId', target.hostedZoneId),
            element('DNSName', target.name),
            element('EvaluateTargetHealth', target.evaluateTargetHealth),
          ]),
        ]),
    optional('HealthCheckId', healthCheckId),
  ]);
}

function writeRouting(routing: Routing): Xml | null {
  switch (routing.policy) {
    case 'simple':
      return null;
    case 'weighted':
      return element('Weight', routing.weight);
    case 'latency':
      return element('Region', routing.region);
    case 'failover':
      return element('Failover', routing.role);
    case 'multivalue':
      return element('MultiValueAnswer', true);
    case 'geolocation': {
      const { location } = routing;
      return element(
        'GeoLocation',
        'continent' in location
          ? [element('ContinentCode', location.continent)]
          : [element('CountryCode', location.country), optional('SubdivisionCode', location.subdivision ?? null)],
      );
    }
  }
}

/** Route 53 shows a wildcard by its octal code. */
export function shownName(name: string): string {
  return name.replace('*', '\\052');
}

function isContinent(text: string): text is Continent {
  return continents.has(text);
}
function isAction(text: string): text is Change['action'] {
  return actions.has(text);
}
