/** What an objective can and cannot do at the rate at which it is probed, in sentences: before anybody pays for it. */
import type { Objective } from '../../contract/objective.ts';
import type { Status } from '../../contract/verdict.ts';
import { alertFindings } from './lint/alerts.ts';
import { countingFindings } from './lint/counting.ts';
import type { Finding } from './lint/finding.ts';
import { budgetFinding, drillFindings, quantileFindings, sampleFindings } from './lint/samples.ts';
import { type Probing, stepsOf } from './lint/steps.ts';

/** `nowMs`: clock changes and exclusions are those that lie ahead, and in the window, then. */
export function findingsOn(objective: Objective, probing: Probing, nowMs: number): readonly Finding[] {
  const { indicator, windowMs } = objective;
  const steps = stepsOf(objective, probing);
  const counting = countingFindings(objective, steps, nowMs);
  if (indicator.kind === 'failover') return [...drillFindings(indicator.target), ...counting];
  if (indicator.kind === 'latency' || indicator.kind === 'replication-lag')
    return [...quantileFindings(indicator, objective, probing), ...counting];
  const { target } = indicator;
  return [
    budgetFinding(target, steps),
    ...sampleFindings(target, objective, probing),
    ...alertFindings(target, steps, windowMs),
    ...counting,
  ];
}

/** `fail` where an objective cannot do what it says. */
export function statusOfFindings(findings: readonly Finding[]): Status {
  return findings.some(({ level }) => level === 'problem') ? 'fail' : 'pass';
}
