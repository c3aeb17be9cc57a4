/** What Route 53 says of one record set by itself. */
import { isWithin } from './names.ts';
import { type RecordSet, type RecordType, type Routing, regionNames, type Zone } from './records.ts';
import { nameProblem, valueProblem } from './validate-values.ts';

const longestTtlSeconds = 2_147_483_647;
const longestIdentifier = 128;
const longestHealthCheckId = 64;
const mostValues = 400;
const notAliasable: ReadonlySet<RecordType> = new Set(['NS', 'SOA']);
const notMultivalue: ReadonlySet<RecordType> = new Set(['NS', 'CNAME', 'SOA']);
const onlyOneValue: ReadonlySet<RecordType> = new Set(['CNAME', 'SOA']);
const notRouted: ReadonlySet<RecordType> = new Set(['NS', 'SOA', 'DS']);
/** The hosted zone that all of CloudFront's names are in. */
const cloudFront = 'Z2FDTNDATAQYW2';

/** `name x, type A, SetIdentifier y`, as Route 53's messages have it. */
export function titleOf({ name, type, setIdentifier }: RecordSet): string {
  return `DNS name ${name}, type ${type}${setIdentifier === null ? '' : `, SetIdentifier ${setIdentifier}`}`;
}

/** What makes the request itself malformed (`InvalidInput`); empty when it is well-formed. `index` from 1, as AWS counts. */
export function malformed(action: string, record: RecordSet, index: number): readonly string[] {
  const { routing, setIdentifier, target } = record;
  const change = `Change with [Action=${action}, Name=${record.name}, Type=${record.type}, SetIdentifier=${setIdentifier}]`;
  const messages: string[] = [];
  if (routing.policy !== 'simple' && setIdentifier === null) {
    messages.push(`Invalid request: Missing field 'SetIdentifier' in ${change}`);
  }
  if (routing.policy === 'simple' && setIdentifier !== null) {
    const policies = 'Weight, Region, Failover, GeoLocation, or MultiValueAnswer';
    messages.push(`Invalid request: Expected exactly one of [${policies}], but found none in ${change}`);
  }
  if (target.kind === 'alias' && target.hostedZoneId === '') {
    messages.push(`Invalid request: Missing field 'HostedZoneId' of the AliasTarget in ${change}`);
  }
  const outside = outOfBounds(record).map(
    ({ field, got, want }) =>
      `Value '${got}' at 'changeBatch.changes.${index}.member.resourceRecordSet.${field}' failed to satisfy constraint: ${want}`,
  );
  const errors = outside.length === 1 ? '1 validation error' : `${outside.length} validation errors`;
  return outside.length === 0 ? messages : [...messages, `${errors} detected: ${outside.join('; ')}`];
}

type Bound = { readonly field: string; readonly got: unknown; readonly want: string };

/** What the API's own model of a request does not allow, whatever the zone holds. */
function outOfBounds({ routing, setIdentifier, healthCheckId, target }: RecordSet): readonly Bound[] {
  const length = (field: string, got: string | null, least: number, most: number): Bound | null =>
    got === null || (got.length >= least && got.length <= most)
      ? null
      : { field, got, want: `Member must have length between ${least} and ${most}, inclusive` };
  const range = (field: string, got: number, most: number): Bound | null =>
    Number.isInteger(got) && got >= 0 && got <= most
      ? null
      : { field, got, want: `Member must have value between 0 and ${most}, inclusive` };
  return [
    length('setIdentifier', setIdentifier, 1, longestIdentifier),
    length('healthCheckId', healthCheckId, 1, longestHealthCheckId),
    target.kind === 'values' ? range('tTL', target.ttlSeconds, longestTtlSeconds) : null,
    routing.policy === 'weighted' ? range('weight', routing.weight, 255) : null,
    routing.policy === 'latency' && !regionNames.has(routing.region)
      ? {
          field: 'region',
          got: routing.region,
          want: `Member must satisfy enum value set: [${[...regionNames].join(', ')}]`,
        }
      : null,
  ].filter((bound) => bound !== null);
}

/** What is wrong with the content of a record that is to be (`InvalidChangeBatch`); empty when nothing is. */
export function mistakesOf(zone: Zone, record: RecordSet): readonly string[] {
  const { name, type, routing } = record;
  const messages: string[] = [];
  const misnamed = nameProblem(name);
  if (misnamed !== null) messages.push(`FATAL problem: ${misnamed} encountered with '${name}'`);
  if (!isWithin(name, zone.name)) messages.push(`RRSet with DNS name ${name} is not permitted in zone ${zone.name}`);
  if (type === 'CNAME' && name === zone.name) {
    messages.push(`RRSet of type CNAME with DNS name ${name} is not permitted at apex in zone ${zone.name}`);
  }
  if (type === 'SOA' && name !== zone.name) {
    messages.push(`RRSet of type SOA with DNS name ${name} is only permitted at apex of zone ${zone.name}`);
  }
  if (notRouted.has(type) && routing.policy !== 'simple') {
    messages.push(
      `RRSet with ${titleOf(record)} cannot be created as type ${type} has no routing policy but the simple one.`,
    );
  }
  if (type === 'NS' && name.startsWith('*.')) {
    messages.push(`RRSet of type NS with DNS name ${name} is not permitted as wildcards cannot be delegated`);
  }
  if (routing.policy === 'multivalue') messages.push(...multivalueMistakes(record));
  if (routing.policy === 'geolocation') messages.push(...locationMistakes(routing, record));
  if (isPrimaryWithoutHealth(record)) {
    messages.push(`RRSet with ${titleOf(record)}: a non-alias primary RRSet must have an associated health check`);
  }
  return [...messages, ...targetMistakes(record)];
}

function targetMistakes(record: RecordSet): readonly string[] {
  const { target, type } = record;
  if (target.kind === 'alias') return aliasOddities(record, target);
  const messages: string[] = [];
  if (target.values.length === 0) messages.push(`RRSet with ${titleOf(record)} has no value`);
  if (target.values.length > mostValues) {
    messages.push(`RRSet with ${titleOf(record)} has more than ${mostValues} values`);
  }
  if (onlyOneValue.has(type) && target.values.length > 1) {
    messages.push(`RRSet of type ${type} with DNS name ${record.name} can have only one value`);
  }
  const once = new Set<string>();
  for (const value of target.values) {
    if (once.has(value)) messages.push(`Duplicate Resource Record: '${value}'`);
    once.add(value);
    const problem = valueProblem(type, value);
    if (problem !== null)
      messages.push(`Invalid Resource Record: 'FATAL problem: ${problem} encountered with '${value}''`);
  }
  return messages;
}

function aliasOddities(
  record: RecordSet,
  { name, hostedZoneId, evaluateTargetHealth }: Extract<RecordSet['target'], { kind: 'alias' }>,
): readonly string[] {
  const messages: string[] = [];
  if (notAliasable.has(record.type)) messages.push(`RRSet with ${titleOf(record)} cannot be an alias`);
  const misnamed = nameProblem(name);
  if (misnamed !== null) messages.push(`FATAL problem: ${misnamed} encountered with '${name}'`);
  if (hostedZoneId === cloudFront && evaluateTargetHealth) {
    messages.push('EvaluateTargetHealth cannot be true when the alias target is a CloudFront distribution');
  }
  return messages;
}

/** Route 53 knows the subdivisions of two countries: the states of the United States, and the regions of Ukraine. */
function locationMistakes(
  { location }: Extract<Routing, { policy: 'geolocation' }>,
  record: RecordSet,
): readonly string[] {
  if ('continent' in location || location.subdivision === undefined) return [];
  const { country, subdivision } = location;
  const fits =
    (country === 'US' && /^[A-Z]{2}$/.test(subdivision)) || (country === 'UA' && /^\d{2}$/.test(subdivision));
  return fits
    ? []
    : [
        `RRSet with ${titleOf(record)}: there is no geolocation with CountryCode ${country} and SubdivisionCode ${subdivision}`,
      ];
}

function multivalueMistakes(record: RecordSet): readonly string[] {
  if (record.target.kind === 'alias') return [`RRSet with ${titleOf(record)}: a multivalue answer cannot be an alias`];
  return notMultivalue.has(record.type) ? [`RRSet with ${titleOf(record)}: not permitted for multivalue answer`] : [];
}

function isPrimaryWithoutHealth({ routing, target, healthCheckId }: RecordSet): boolean {
  return (
    routing.policy === 'failover' && routing.role === 'PRIMARY' && target.kind === 'values' && healthCheckId === null
  );
}
