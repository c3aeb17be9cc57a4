import type { Check } from '../../contract/check.ts';
import type { Scenario } from '../scenario.ts';
import { hostsAsked } from './hosts.ts';
import { type PlanOf, quorumOf } from './target.ts';

export function icmpChecks(scenario: Scenario, plan: PlanOf<'icmp'>): readonly Check<'icmp'>[] {
  const { name, from: vantages, everyMs, timeoutMs, family, resolveWith, payloadBytes, ttl, dontFragment } = plan;
  return hostsAsked(scenario, plan).map(({ id, region, entry, host }) => ({
    ...{ id, name, target: scenario.service, region, entry, vantages, everyMs, timeoutMs, ...quorumOf(plan) },
    kind: 'icmp',
    ...{ host, family, resolveWith, payloadBytes, ttl, dontFragment },
  }));
}
