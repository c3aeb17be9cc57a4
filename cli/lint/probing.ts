/** How often an objective is probed, and from where, by the scenario alone: no agent is asked. */
import type { Finding } from '../../aggregator/slo/lint/finding.ts';
import { asWritten, inWords } from '../../aggregator/slo/lint/words.ts';
import type { Check } from '../../contract/check.ts';
import type { Objective } from '../../contract/objective.ts';
import { assignmentOf } from '../../scenarios/compile.ts';
import type { Scenario } from '../../scenarios/scenario.ts';

/** The rounds of one check at one vantage, as far as they count. */
export type ProbedFrom = { readonly check: Check; readonly vantage: string };

export type ProbingOf = {
  readonly everyMs: number;
  readonly from: readonly ProbedFrom[];
  /** Vantages that any of it comes from. */
  readonly vantages: number;
  /** Of the check, whether they count for this objective or not. */
  readonly probesPerMonth: number;
  /** What no number can show: that nothing counts, or something else than is meant. */
  readonly findings: readonly Finding[];
};

export const monthMs = 30 * 86_400_000;
/** A zone that names no servers is asked at those that it is delegated to: Route 53 has four. */
const delegated = ['ns1', 'ns2', 'ns3', 'ns4'];

/** What goes before the scenario: another interval, and the vantages that there really are. */
export type Instead = {
  readonly everyMs?: number | undefined;
  readonly vantages?: readonly string[] | null | undefined;
};

export function probingOf(scenario: Scenario, objective: Objective, { everyMs, vantages }: Instead = {}): ProbingOf {
  const nameservers = scenario.zone?.nameservers ?? [];
  const { checks } = assignmentOf(scenario, 1, nameservers.length === 0 ? delegated : nameservers);
  const own = checks.filter(({ name }) => name === objective.check);
  // Where the scenario names none, it is whoever connects: one at least.
  const everybody = vantages ?? (scenario.vantages.length === 0 ? ['vantage'] : scenario.vantages);
  const isThere = (vantage: string): boolean =>
    vantages === undefined || vantages === null || vantages.includes(vantage);
  const made = own.flatMap((check) =>
    (check.vantages ?? everybody).filter(isThere).map((vantage) => ({ check, vantage })),
  );
  const from = made.filter((one) => counts(one, objective));
  const often = everyMs ?? own[0]?.everyMs ?? monthMs;
  return {
    everyMs: often,
    from,
    vantages: new Set(from.map(({ vantage }) => vantage)).size,
    probesPerMonth: Math.round((monthMs / often) * made.length),
    findings: [...absentOf(own, vantages ?? null), ...findingsOf(objective, own, { made, from })],
  };
}

/** Vantages that the check is for and that nobody has. */
function absentOf(own: readonly Check[], vantages: readonly string[] | null): readonly Finding[] {
  if (vantages === null) return [];
  const wanted = [...new Set(own.flatMap((check) => check.vantages ?? []))];
  const absent = wanted.filter((vantage) => !vantages.includes(vantage));
  const [plan] = own;
  if (plan === undefined || (absent.length === 0 && vantages.length > 0)) return [];
  const says =
    vantages.length === 0
      ? 'no vantage is connected: nothing is probed'
      : `${plan.name} is to be made from ${absent.join(', ')}, and nobody is connected from there`;
  const remedy = vantages.length === 0 ? 'start agents' : `agents there, or another from for ${plan.name}`;
  return [{ level: 'problem', topic: 'check', says, remedy }];
}

/**
 * As the aggregator counts: of a region what asked it, or, of a name that leads to all of them, what it answered; who
 * asks from within a region is taken to be answered there.
 */
function counts({ check, vantage }: ProbedFrom, { region, from }: Objective): boolean {
  if (region === null) return true;
  if (from === 'own' && vantage !== region) return false;
  return check.region === null ? vantage === region : check.region === region;
}

type Made = { readonly made: readonly ProbedFrom[]; readonly from: readonly ProbedFrom[] };

function findingsOf(objective: Objective, own: readonly Check[], { made, from }: Made): readonly Finding[] {
  const { check, region, indicator } = objective;
  if (indicator.kind === 'failover') return [];
  const found: Finding[] = [];
  const add = (level: Finding['level'], says: string, remedy: string): void => {
    found.push({ level, topic: 'check', says, remedy });
  };
  if (from.length === 0 && made.length > 0) {
    const who = objective.from === 'own' ? `asks ${region} from there` : `asks ${region}`;
    add(
      'problem',
      `no round of ${check} ${who}: nothing will ever count`,
      'another check or region, or the vantage in its from',
    );
  }
  const limitMs = 'limitMs' in indicator ? indicator.limitMs : 'targetMs' in indicator ? indicator.targetMs : null;
  const [plan] = own;
  if (plan !== undefined && indicator.kind !== 'freshness' && limitMs !== null && limitMs >= plan.timeoutMs) {
    const says = `an attempt of ${check} is given up after ${inWords(plan.timeoutMs)}: none that is good takes longer than ${inWords(limitMs)}`;
    add('note', says, `a limit under ${asWritten(plan.timeoutMs)}, or a longer timeout`);
  }
  const isResidency = own.some(({ kind }) => kind === 'residency');
  if (indicator.kind === 'residency' && own.length > 0 && !isResidency) {
    add(
      'problem',
      `${check} is no residency check: what it counts says nothing of where data is`,
      'a check of kind residency',
    );
  }
  if (new Set(from.map(({ vantage }) => vantage)).size === 1 && objective.from === 'all') {
    add(
      'note',
      `it is probed from ${from[0]?.vantage} alone: a broken vantage cannot be told from a broken target`,
      'a second and a third vantage',
    );
  }
  return found;
}
