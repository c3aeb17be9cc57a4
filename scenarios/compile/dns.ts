import type { Check } from '../../contract/check.ts';
import type { Scenario } from '../scenario.ts';
import { type PlanOf, quorumOf } from './target.ts';

/** One check for each place and server asked. */
export function dnsChecks(
  scenario: Scenario,
  plan: PlanOf<'dns'>,
  nameservers: readonly string[],
): readonly Check<'dns'>[] {
  const places = plan.subnets.length === 0 ? [null] : plan.subnets;
  return serversOf(plan.server, nameservers).flatMap((server) =>
    places.map((place) => {
      const { name, from: vantages, everyMs, timeoutMs, hostname, recordType } = plan;
      const expected = place === null ? undefined : plan.expectRegion[place];
      return {
        id: `${name}${place === null ? '' : `/${place}`}${server === null ? '' : `@${server}`}`,
        name,
        target: scenario.service,
        region: null,
        entry: entryOf(scenario, hostname),
        vantages,
        everyMs,
        timeoutMs,
        ...quorumOf(plan),
        kind: 'dns',
        hostname,
        recordType,
        server,
        subnet: place === null ? null : (scenario.places[place]?.subnet ?? null),
        place,
        expectRegions: expected === undefined ? null : [expected],
        ...plan.more,
      };
    }),
  );
}

/** `null` is the vantage's own resolver. */
function serversOf(server: string, nameservers: readonly string[]): readonly (string | null)[] {
  if (server === 'authorities') return nameservers;
  return [server === 'resolver' ? null : server];
}

/** The entry name whose host this is. */
function entryOf(scenario: Scenario, hostname: string): string | null {
  const host = hostname.replace(/\.$/, '').toLowerCase();
  return Object.entries(scenario.entry).find(([, url]) => new URL(url).hostname === host)?.[0] ?? null;
}
