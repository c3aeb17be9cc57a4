/** What lint finds, as `--json` prints it; docs/lint.md has the shape. */
import { type Rehearsal, rehearse } from '../../aggregator/slo/incident/rehearse.ts';
import type { Finding } from '../../aggregator/slo/lint/finding.ts';
import { findingsOn, statusOfFindings } from '../../aggregator/slo/lint.ts';
import type { Objective } from '../../contract/objective.ts';
import { type Status, worst } from '../../contract/verdict.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { type IncidentOption, probedIn } from './incident.ts';
import { type ProbingOf, probingOf } from './probing.ts';

export type LintAnswer = {
  readonly service: string;
  readonly status: Status;
  readonly incident?: IncidentOption & { readonly seed: number };
  /** With an aggregator: the vantages that are connected there. */
  readonly vantages?: readonly string[];
  /** What imported objectives say that is not judged. */
  readonly notes: readonly string[];
  readonly objectives: readonly ObjectiveLinted[];
};

export type ObjectiveLinted = {
  readonly id: string;
  readonly check: string;
  /** `fail` when it cannot do what it says, at any of the intervals. */
  readonly status: Status;
  /** At the scenario's interval; with `--every` at each of those. */
  readonly at: readonly LintedAt[];
};

export type LintedAt = {
  readonly everyMs: number;
  /** Probes of a round that count, over vantages and targets. */
  readonly perRound: number;
  readonly vantages: number;
  /** Of 30 days: all that the check makes, for this objective or not. */
  readonly probesPerMonth: number;
  readonly status: Status;
  readonly findings: readonly Finding[];
  /** With an incident; a sentence where there is nothing to play. */
  readonly rehearsal?: Rehearsal | { readonly none: string };
};

export type Question = {
  readonly scenario: Scenario;
  /** Those that probe; `null`: as the scenario has them. */
  readonly vantages?: readonly string[] | null;
  /** `null`: as the scenario has it. */
  readonly intervalsMs: readonly number[] | null;
  readonly incident: IncidentOption | null;
  readonly runs: number;
  readonly seed: number;
  readonly nowMs: number;
};

/** `pause` is awaited after each interval of each objective: playing takes its time. */
export async function linted(question: Question, pause: (objective: string) => Promise<void>): Promise<LintAnswer> {
  const objectives: ObjectiveLinted[] = [];
  for (const objective of question.scenario.objectives) {
    const at: LintedAt[] = [];
    for (const everyMs of question.intervalsMs ?? [undefined]) {
      at.push(lintedAt(question, objective, everyMs));
      await pause(objective.id);
    }
    const status = at.every((one) => one.status === 'fail') ? 'fail' : 'pass';
    objectives.push({ id: objective.id, check: objective.check, status, at });
  }
  return answerOf(question, objectives);
}

function answerOf(
  { scenario, vantages, incident, seed }: Question,
  objectives: readonly ObjectiveLinted[],
): LintAnswer {
  // Without objectives there is nothing to find fault with.
  const status = objectives.length === 0 ? 'pass' : worst(objectives.map((one) => one.status));
  return {
    service: scenario.service,
    status,
    ...(incident === null ? {} : { incident: { ...incident, seed } }),
    ...(vantages ? { vantages } : {}),
    notes: scenario.notes ?? [],
    objectives,
  };
}

function lintedAt(question: Question, objective: Objective, everyMs: number | undefined): LintedAt {
  const { scenario, incident, nowMs } = question;
  const probing = probingOf(scenario, objective, { everyMs, vantages: question.vantages });
  const perRound = probing.from.length;
  const counted = perRound === 0 ? [] : findingsOn(objective, { everyMs: probing.everyMs, perRound }, nowMs);
  const findings = [...probing.findings, ...counted];
  return {
    everyMs: probing.everyMs,
    perRound,
    vantages: probing.vantages,
    probesPerMonth: probing.probesPerMonth,
    status: statusOfFindings(findings),
    findings,
    ...(incident === null ? {} : { rehearsal: rehearsed(question, objective, probing, incident) }),
  };
}

function rehearsed(
  { runs, seed }: Question,
  objective: Objective,
  probing: ProbingOf,
  incident: IncidentOption,
): Rehearsal | { readonly none: string } {
  const probed = probedIn(probing, incident);
  if (!probed.streams.some(({ isHit }) => isHit)) return { none: 'the incident is elsewhere: nothing of this fails' };
  const { vantages } = probing;
  const none = 'attempts that fail show nothing of what it measures: it is not played';
  return rehearse({ objective, probed, vantages, incident, runs, seed }) ?? { none };
}
