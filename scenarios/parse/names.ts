import { isObject } from '../../contract/json.ts';
import { builtInPlaces } from '../places.ts';

/** What a scenario defines, by name: what its other parts may refer to. Read before anything is checked. */
export type Names = {
  readonly regions: readonly string[];
  readonly entries: readonly string[];
  readonly checks: readonly string[];
  readonly places: readonly string[];
  readonly vantages: readonly string[];
  readonly jurisdictions: readonly string[];
  readonly contexts: readonly string[];
  readonly workloads: readonly string[];
  /** Regions whose workloads a fault can reach. */
  readonly reachable: readonly string[];
  /** Regions that records of the zone can lead to, and those with services of ECS. */
  readonly withZone: readonly string[];
  readonly onEcs: readonly string[];
  /** Ids of objectives on availability. */
  readonly availabilities: readonly string[];
  readonly nameservers: boolean;
  readonly userCountry: boolean;
};

type Raw = { readonly [key: string]: unknown };

export function namesIn(source: Raw): Names {
  const regions = inside(source, 'regions');
  const plans = Object.values(regions).filter(isObject);
  const clusters = plans.map((plan) => inside(plan, 'kubernetes'));
  const nameservers = inside(source, 'zone')['nameservers'];
  return {
    regions: Object.keys(regions),
    entries: Object.keys(inside(source, 'entry')),
    checks: textsOf(items(source, 'checks').map((check) => check['name'])),
    places: [...new Set([...Object.keys(builtInPlaces), ...Object.keys(inside(source, 'places'))])],
    vantages: [...new Set([...Object.keys(regions), ...textsOf(source['vantages'])])],
    jurisdictions: textsOf(plans.map((plan) => plan['jurisdiction'])),
    contexts: textsOf(clusters.map((cluster) => cluster['context'])),
    workloads: textsOf(clusters.flatMap((cluster) => cluster['workloads'])),
    reachable: Object.keys(regions).filter((region) => isObject(inside(regions, region)['kubernetes'])),
    withZone: isObject(source['zone']) ? Object.keys(regions) : [],
    onEcs: Object.keys(regions).filter((region) => isObject(inside(inside(regions, region), 'aws')['ecs'])),
    availabilities: textsOf(
      items(source, 'objectives')
        .filter(({ indicator }) => indicator === 'availability')
        .map(({ id }) => id),
    ),
    nameservers: Array.isArray(nameservers) && nameservers.length > 0,
    userCountry: isObject(inside(source, 'identity')['userCountry']),
  };
}

function inside(value: Raw, key: string): Raw {
  const inner = value[key];
  return isObject(inner) ? inner : {};
}

function items(value: Raw, key: string): Raw[] {
  const inner = value[key];
  return Array.isArray(inner) ? inner.filter(isObject) : [];
}

function textsOf(values: unknown): string[] {
  const texts = Array.isArray(values) ? values.filter((value) => typeof value === 'string') : [];
  return [...new Set(texts)];
}
