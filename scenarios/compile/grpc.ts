import type { Check } from '../../contract/check.ts';
import type { Scenario } from '../scenario.ts';
import { hostsAsked } from './hosts.ts';
import { type PlanOf, quorumOf } from './target.ts';

export function grpcChecks(scenario: Scenario, plan: PlanOf<'grpc'>): readonly Check<'grpc'>[] {
  const { name, from: vantages, everyMs, timeoutMs, port, family, resolveWith, service, tls, metadata } = plan;
  return hostsAsked(scenario, plan).map(({ id, region, entry, host }) => ({
    ...{ id, name, target: scenario.service, region, entry, vantages, everyMs, timeoutMs, ...quorumOf(plan) },
    kind: 'grpc',
    ...{ host, port, family, resolveWith, service, ...(tls === undefined ? {} : { tls }), metadata },
    identity: scenario.identity,
  }));
}
