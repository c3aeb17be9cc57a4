import type { Check, ResidencyCheck } from '../../contract/check.ts';
import { regionsWithin, residencyRuleFor, type Scenario } from '../scenario.ts';
import { type Asked, askedBy, type PlanOf, quorumOf, urlAt } from './target.ts';

export function residencyChecks(scenario: Scenario, plan: PlanOf<'residency'>): readonly Check<'residency'>[] {
  const { name, from: vantages, everyMs, timeoutMs, userCountry, method, body } = plan;
  const content = body === null ? {} : { 'content-type': 'application/json' };
  const headers =
    scenario.userCountryHeader === null ? content : { ...content, [scenario.userCountryHeader]: userCountry };
  return askedBy(scenario, plan).map((asked) => ({
    id: asked.id,
    name,
    target: scenario.service,
    region: asked.region,
    entry: asked.entry,
    vantages,
    everyMs,
    timeoutMs,
    ...quorumOf(plan),
    kind: 'residency',
    url: urlAt(asked.base, plan.path),
    method,
    headers,
    body,
    userCountry,
    identity: scenario.identity,
    expect: expectationOf(scenario, userCountry, asked),
  }));
}

/**
 * An entry name has to lead to a region that may serve the user. A region that is asked itself serves if it may, and
 * refuses otherwise. Where no rule is for the user, anybody may serve and store.
 */
function expectationOf(scenario: Scenario, country: string, asked: Asked): ResidencyCheck['expect'] {
  const rule = residencyRuleFor(scenario, country);
  const may = regionsWithin(scenario, rule?.servedIn ?? null);
  const storedIn = rule === undefined || rule.storedIn === null ? null : regionsWithin(scenario, rule.storedIn);
  if (asked.region === null) {
    return { answer: 'served', servedIn: rule === undefined || rule.servedIn === null ? null : may, storedIn };
  }
  return rule === undefined || may.includes(asked.region)
    ? { answer: 'served', servedIn: [asked.region], storedIn }
    : { answer: 'refused', status: rule.refusal };
}
