import type { HostEndpoint, Scenario } from '../scenario.ts';
import { type Asked, askedBy } from './target.ts';

/** One of the hosts that a check asks below HTTP. */
export type AskedHost = Omit<Asked, 'base'> & { readonly host: string };

/** The hosts of the URLs that an endpoint stands for, an IPv6 address without its brackets; or the one that is written. */
export function hostsAsked(
  scenario: Scenario,
  { name, endpoint }: { readonly name: string; readonly endpoint: HostEndpoint },
): readonly AskedHost[] {
  if (endpoint.to === 'host') return [{ id: name, region: null, entry: null, host: endpoint.host }];
  return askedBy(scenario, { name, endpoint }).map(({ base, ...asked }) => ({
    ...asked,
    host: new URL(base).hostname.replaceAll(/^\[|\]$/g, ''),
  }));
}
