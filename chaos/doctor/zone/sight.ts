/** Whether a health check sees a region go dark, and why it does not. Dark: its door stands, and nobody is behind it. */

import { canonicalName } from '../../../zone/names.ts';
import type { HealthCheck } from '../../../zone/records.ts';
import type { RuleId } from '../finding.ts';
import { type RegionPlace, regionOf, regionOfRecord, type Surroundings } from './facts.ts';

export type Blindness = { readonly rule: RuleId; readonly because: string; readonly remedy: string };

/** It asks an endpoint itself, so that its settings tell what it sees. */
export function isEndpointCheck({ type }: HealthCheck): boolean {
  return type !== 'CALCULATED' && !isDecidedElsewhere(type);
}

/** By an alarm, or by a person: nothing here tells when. */
export function isDecidedElsewhere(type: HealthCheck['type']): boolean {
  return type === 'CLOUDWATCH_METRIC' || type === 'RECOVERY_CONTROL';
}

/** Why a check does not see that a region is dark; empty when it does. Of checks that ask endpoints. */
export function blindnessOf(check: HealthCheck, place: RegionPlace, around: Surroundings): readonly Blindness[] {
  const { region } = place;
  const asked = check.ipAddress ?? check.hostname ?? 'nothing';
  const regions = watchedBy(check, around);
  if (regions.length > 1) {
    const others = regions.filter((other) => other !== region).join(' and ');
    return [
      {
        rule: 'check.entry-name',
        because: `it asks ${asked}, a name that itself moves: with ${region} dark it follows it to ${others} and stays healthy`,
        remedy: `let it ask ${place.host}, the address of ${region}`,
      },
    ];
  }
  if (regions[0] !== region) {
    return [
      {
        rule: 'check.wrong-address',
        because: `it asks ${asked}, which is ${regions[0] ?? 'no region of the scenario'}`,
        remedy: `let it ask ${place.host}, the address of ${region}`,
      },
    ];
  }
  return doorBlindness(check, place);
}

function doorBlindness(check: HealthCheck, { region, port, secure }: RegionPlace): readonly Blindness[] {
  const isSecure = check.type.startsWith('HTTPS');
  const own = check.port ?? (isSecure ? 443 : 80);
  const scheme = secure ? 'HTTPS' : 'HTTP';
  const remedy = `make it ${scheme}, at port ${port}, of a path that the service behind the door answers`;
  if (own !== port) {
    const redirect = own === 80 && secure ? ', where a redirect counts as healthy' : '';
    const because = `it asks port ${own}${redirect}: users come to port ${port}`;
    return [{ rule: 'check.wrong-port', because, remedy }];
  }
  if (check.type === 'TCP') {
    const because = `it only connects: the door of ${region} accepts connections also when nobody is behind it`;
    return [{ rule: 'check.wrong-type', because, remedy }];
  }
  if (isSecure !== secure) {
    const because = `it speaks ${isSecure ? 'HTTPS' : 'HTTP'} where users speak ${scheme}: what it hears is not what they hear`;
    return [{ rule: 'check.wrong-type', because, remedy }];
  }
  return [];
}

/** The regions that what it asks leads to. */
function watchedBy({ ipAddress, hostname }: HealthCheck, around: Surroundings): readonly string[] {
  if (ipAddress !== null) return given(regionOf(ipAddress, around.places));
  if (hostname === null) return [];
  const below = regionsBelow(canonicalName(hostname), around, 16);
  return below.length > 0 ? [...new Set(below)] : given(regionOf(hostname, around.places));
}

function regionsBelow(name: string, around: Surroundings, hops: number): readonly string[] {
  if (hops === 0) return [];
  return around.zone.records
    .filter((record) => record.name === name && ['A', 'AAAA', 'CNAME'].includes(record.type))
    .flatMap((record) => {
      const region = regionOfRecord(record, around.places);
      if (region !== undefined) return [region];
      const next =
        record.target.kind === 'alias' ? [record.target.name] : record.type === 'CNAME' ? record.target.values : [];
      return next.flatMap((target) => regionsBelow(canonicalName(target), around, hops - 1));
    });
}

function given(region: string | undefined): readonly string[] {
  return region === undefined ? [] : [region];
}
