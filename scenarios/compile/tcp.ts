import type { Check } from '../../contract/check.ts';
import type { Scenario } from '../scenario.ts';
import { type AskedHost, hostsAsked } from './hosts.ts';
import { type PlanOf, quorumOf } from './target.ts';

export function tcpChecks(scenario: Scenario, plan: PlanOf<'tcp'>): readonly Check<'tcp'>[] {
  const { tls, startTls, dialogue } = plan;
  const terms = { ...(tls === undefined ? {} : { tls }), ...(startTls === undefined ? {} : { startTls }) };
  return hostsAsked(scenario, plan).map((asked) => ({
    ...commonOf(scenario, plan, asked),
    kind: 'tcp',
    ...terms,
    dialogue,
  }));
}

export function tlsChecks(scenario: Scenario, plan: PlanOf<'tls'>): readonly Check<'tls'>[] {
  const { tls, startTls, expect } = plan;
  return hostsAsked(scenario, plan).map((asked) => ({
    ...commonOf(scenario, plan, asked),
    kind: 'tls',
    tls,
    ...(startTls === undefined ? {} : { startTls }),
    expect,
  }));
}

function commonOf(scenario: Scenario, plan: PlanOf<'tcp'> | PlanOf<'tls'>, asked: AskedHost) {
  const { name, from: vantages, everyMs, timeoutMs, family, resolveWith } = plan;
  const { id, region, entry, host } = asked;
  const common = { id, name, target: scenario.service, region, entry, vantages, everyMs, timeoutMs };
  return { ...common, ...quorumOf(plan), host, port: plan.port ?? portOf(scenario, asked), family, resolveWith };
}

/** That of the URL which the host is from. */
function portOf(scenario: Scenario, { region, entry }: AskedHost): number {
  const base = region === null ? scenario.entry[entry ?? ''] : scenario.regions[region]?.endpoint;
  const { port, protocol } = new URL(base ?? 'https://unknown.invalid');
  return port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port);
}
