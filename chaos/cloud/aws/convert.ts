import type { ResourceRecordSet, HealthCheck as SdkHealthCheck } from '@aws-sdk/client-route-53';
import {
  type Continent,
  type HealthCheck,
  isHealthCheckType,
  isRecordType,
  type RecordSet,
  type Routing,
} from '../../../zone/records.ts';

/** Lower case, with the final dot. Route 53 writes some characters as octal: `\\052` is an asterisk. */
export function qualified(name: string): string {
  const plain = name.replaceAll(/\\(\d{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  const lower = plain.toLowerCase();
  return lower.endsWith('.') ? lower : `${lower}.`;
}

/** `undefined` for a type that the zone model does not know. */
export function recordSetOf(record: ResourceRecordSet): RecordSet | undefined {
  const { Name, Type, SetIdentifier, HealthCheckId, AliasTarget } = record;
  if (Name === undefined || !isRecordType(Type)) return undefined;
  return {
    name: qualified(Name),
    type: Type,
    setIdentifier: SetIdentifier ?? null,
    routing: routingOf(record),
    healthCheckId: HealthCheckId ?? null,
    target:
      AliasTarget === undefined
        ? {
            kind: 'values',
            ttlSeconds: record.TTL ?? 0,
            values: (record.ResourceRecords ?? []).map(({ Value }) => Value ?? ''),
          }
        : {
            kind: 'alias',
            name: qualified(AliasTarget.DNSName ?? ''),
            hostedZoneId: AliasTarget.HostedZoneId ?? '',
            evaluateTargetHealth: AliasTarget.EvaluateTargetHealth === true,
          },
  };
}

function routingOf(record: ResourceRecordSet): Routing {
  if (record.Failover !== undefined) {
    return { policy: 'failover', role: record.Failover === 'SECONDARY' ? 'SECONDARY' : 'PRIMARY' };
  }
  if (record.Weight !== undefined) return { policy: 'weighted', weight: record.Weight };
  if (record.Region !== undefined) return { policy: 'latency', region: record.Region };
  if (record.MultiValueAnswer === true) return { policy: 'multivalue' };
  if (record.GeoProximityLocation !== undefined) return { policy: 'unmodelled', named: 'geoproximity' };
  if (record.CidrRoutingConfig !== undefined) return { policy: 'unmodelled', named: 'IP-based' };
  const location = record.GeoLocation;
  if (location === undefined) return { policy: 'simple' };
  if (location.ContinentCode !== undefined) {
    return { policy: 'geolocation', location: { continent: location.ContinentCode as Continent } };
  }
  const subdivision = location.SubdivisionCode === undefined ? {} : { subdivision: location.SubdivisionCode };
  return { policy: 'geolocation', location: { country: location.CountryCode ?? '*', ...subdivision } };
}

export function healthCheckOf(check: SdkHealthCheck): HealthCheck {
  const config = check.HealthCheckConfig;
  const type = config?.Type ?? 'TCP';
  return {
    id: check.Id ?? '',
    version: check.HealthCheckVersion ?? 0,
    type: isHealthCheckType(type) ? type : 'TCP',
    ipAddress: config?.IPAddress ?? null,
    port: config?.Port ?? null,
    hostname: config?.FullyQualifiedDomainName ?? null,
    path: config?.ResourcePath ?? null,
    searchString: config?.SearchString ?? null,
    requestIntervalSeconds: config?.RequestInterval ?? 30,
    failureThreshold: config?.FailureThreshold ?? 3,
    inverted: config?.Inverted === true,
    disabled: config?.Disabled === true,
    healthThreshold: config?.HealthThreshold ?? 0,
    childHealthChecks: config?.ChildHealthChecks ?? [],
  };
}

/** The same record set as the API takes it. */
export function sdkRecordOf({
  name,
  type,
  setIdentifier,
  routing,
  healthCheckId,
  target,
}: RecordSet): ResourceRecordSet {
  return {
    Name: name,
    Type: type,
    ...(setIdentifier === null ? {} : { SetIdentifier: setIdentifier }),
    ...sdkRoutingOf(routing),
    ...(healthCheckId === null ? {} : { HealthCheckId: healthCheckId }),
    ...(target.kind === 'values'
      ? { TTL: target.ttlSeconds, ResourceRecords: target.values.map((Value) => ({ Value })) }
      : {
          AliasTarget: {
            HostedZoneId: target.hostedZoneId,
            DNSName: target.name,
            EvaluateTargetHealth: target.evaluateTargetHealth,
          },
        }),
  };
}

function sdkRoutingOf(routing: Routing): Partial<ResourceRecordSet> {
  switch (routing.policy) {
    case 'simple':
      return {};
    case 'failover':
      return { Failover: routing.role };
    case 'weighted':
      return { Weight: routing.weight };
    case 'latency':
      return { Region: routing.region as NonNullable<ResourceRecordSet['Region']> };
    case 'multivalue':
      return { MultiValueAnswer: true };
    // Not as it was: whoever compares sees that such a record cannot be written again.
    case 'unmodelled':
      return {};
    case 'geolocation': {
      const { location } = routing;
      if ('continent' in location) return { GeoLocation: { ContinentCode: location.continent } };
      const subdivision = location.subdivision === undefined ? {} : { SubdivisionCode: location.subdivision };
      return { GeoLocation: { CountryCode: location.country, ...subdivision } };
    }
  }
}
