import type { FleetAnswer, StoredResult } from '../../contract/api.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { SubjectHealth } from './facts.ts';
import { healthyRounds } from './rules.ts';

type Subject = Pick<SubjectHealth, 'kind' | 'name'> & {
  /** Names of the http checks that ask it. */
  readonly checks: readonly string[];
  readonly everyMs: number;
};

/** The entry names of a drill and all regions, each with the http checks that ask it. Those without a check are left out. */
export function subjectsOf(scenario: Scenario, entries: readonly string[]): readonly Subject[] {
  const asked = scenario.checks.filter((check) => check.kind === 'http');
  const subject = (kind: Subject['kind'], name: string, checks: typeof asked): Subject => ({
    kind,
    name,
    checks: checks.map((check) => check.name),
    everyMs: Math.max(0, ...checks.map((check) => check.everyMs)),
  });
  return [
    ...entries.map((name) =>
      subject(
        'entry',
        name,
        asked.filter(({ endpoint }) => endpoint.to === 'entry' && endpoint.entry === name),
      ),
    ),
    ...Object.keys(scenario.regions).map((name) =>
      subject(
        'region',
        name,
        asked.filter(({ endpoint }) => endpoint.to === 'regions' && (endpoint.only?.includes(name) ?? true)),
      ),
    ),
  ].filter(({ checks }) => checks.length > 0);
}

/**
 * Each subject's last rounds. It was well in a round if most vantages got a good answer to at least one of its checks:
 * a check of something that one page alone has broken says nothing against a region.
 */
export function healthOf(
  subjects: readonly Subject[],
  results: readonly StoredResult[],
  nowMs: number,
): SubjectHealth[] {
  return subjects.map(({ kind, name, checks, everyMs }) => {
    const about = results.filter(
      (result) =>
        result.burst === null &&
        checks.includes(result.check) &&
        (kind === 'region' ? result.region === name : result.entry === name) &&
        nowMs - result.atMs < (healthyRounds + 2) * everyMs + 10_000,
    );
    const byCheck = checks.map((check) => wellRoundsOf(about.filter((result) => result.check === check)));
    const known = Math.max(0, ...byCheck.map((rounds) => rounds.length));
    const rounds = Array.from({ length: known }, (_, index) => byCheck.some((of) => of[index] === true));
    const reason = about.find(({ outcome }) => outcome === 'bad')?.reason ?? null;
    return { kind, name, rounds, because: reason };
  });
}

/** The k-th newest results of the vantages make the k-th newest round: agents' clocks may differ, their order does not. */
function wellRoundsOf(results: readonly StoredResult[]): readonly boolean[] {
  const byVantage = Map.groupBy(
    results.filter(({ outcome }) => outcome !== 'missing').toSorted((a, b) => b.atMs - a.atMs),
    ({ vantage }) => vantage,
  );
  const known = Math.min(healthyRounds, ...[...byVantage.values()].map((list) => list.length));
  if (byVantage.size === 0) return [];
  return Array.from({ length: known }, (_, index) => {
    const bad = [...byVantage.values()].filter((list) => list[index]?.outcome === 'bad').length;
    return bad * 2 <= byVantage.size && bad < byVantage.size;
  });
}

/** A vantage is healthy when its agent is connected and something that it asked lately was well. */
export function vantagesOf(fleet: FleetAnswer, results: readonly StoredResult[]) {
  const good = new Set(results.filter(({ outcome }) => outcome === 'good').map(({ vantage }) => vantage));
  const names = [...new Set(fleet.agents.map(({ vantage }) => vantage))];
  return names.map((name) => ({
    name,
    healthy: good.has(name) && fleet.agents.some(({ vantage, connected }) => vantage === name && connected),
  }));
}
