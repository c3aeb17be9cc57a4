import type { CheckPlan, Endpoint, Scenario } from '../scenario.ts';

export type PlanOf<K extends CheckPlan['kind']> = Extract<CheckPlan, { readonly kind: K }>;

/** One of the places that a check asks. */
export type Asked = {
  readonly id: string;
  readonly region: string | null;
  readonly entry: string | null;
  /** The URL that the check's path is below. */
  readonly base: string;
};

export function askedBy(
  scenario: Scenario,
  plan: { readonly name: string; readonly endpoint: Endpoint },
): readonly Asked[] {
  const { name, endpoint } = plan;
  if (endpoint.to === 'entry') {
    const { entry } = endpoint;
    return [{ id: name, region: null, entry, base: scenario.entry[entry] ?? '' }];
  }
  return (endpoint.only ?? Object.keys(scenario.regions)).map((region) => ({
    id: `${name}/${region}`,
    region,
    entry: null,
    base: scenario.regions[region]?.endpoint ?? '',
  }));
}

/** `base` may have a path of its own. */
export function urlAt(base: string, path: string): string {
  return `${base.replace(/\/+$/, '')}${path}`;
}

export function quorumOf({ quorum }: Pick<CheckPlan, 'quorum'>): { readonly quorum?: number } {
  return quorum === undefined ? {} : { quorum };
}
