/** Answers of several aggregators as one. */
import type { FleetAgent, ObjectiveAnswer, ObjectiveSlice, QuorumAnswer, QuorumCheck } from '../../contract/api.ts';
import { type Verdict, worst } from '../../contract/verdict.ts';

export type Judged = ObjectiveAnswer;

/** Each agent once, as the aggregator has it where it is; what was expected and is missing is summed. */
export function mergedAgents(agents: readonly FleetAgent[]): readonly FleetAgent[] {
  return [...Map.groupBy(agents, ({ agent }) => agent).values()].flatMap((known) => {
    const [best] = [...known].sort((a, b) => rank(a) - rank(b) || b.lastSeenMs - a.lastSeenMs);
    if (best === undefined) return [];
    const sum = (of: (agent: FleetAgent) => number): number => known.reduce((total, one) => total + of(one), 0);
    return [{ ...best, expected: sum(({ expected }) => expected), missing: sum(({ missing }) => missing) }];
  });
}

function rank({ connected, elsewhere }: FleetAgent): number {
  if (connected) return 0;
  return elsewhere === true ? 2 : 1;
}

/**
 * With an engine they all say the same. Without one each judged what its own agents saw: the worst of them holds, a pass
 * only if all pass, those left out whose agents had nothing to see.
 */
export function worstOf<V extends Verdict>(all: readonly V[]): V {
  // Of one whose agents have all moved to others no vantage is expected: what it saw before says nothing of now.
  const seeing = all.filter(({ n, missing, unvouched }) => n + missing > 0 && unvouched?.known !== 0);
  const verdicts = seeing.length === 0 ? all : seeing;
  const status = worst(verdicts.map((verdict) => verdict.status));
  const found = verdicts.find((verdict) => verdict.status === status);
  if (found === undefined) throw new Error('want a verdict of somebody');
  return found;
}

/** Oldest first; of the same time and width they are one. */
export function slicesOf(answers: readonly ObjectiveAnswer[]): readonly ObjectiveSlice[] {
  const slices = new Map<string, ObjectiveSlice>();
  for (const slice of answers.flatMap((answer) => answer.slices)) {
    const key = `${slice.atMs} ${slice.widthMs}`;
    const { good = 0, bad = 0, missing = 0 } = slices.get(key) ?? {};
    slices.set(key, {
      ...slice,
      good: good + slice.good,
      bad: bad + slice.bad,
      missing: missing + slice.missing,
    });
  }
  return [...slices.values()].sort((a, b) => a.atMs - b.atMs);
}

/** An aggregator that is rounds behind the others judges nobody any more: its agents have moved to them. */
function ofNow(all: readonly QuorumCheck[]): readonly QuorumCheck[] {
  const newest = Math.max(...all.map(({ round = 0 }) => round));
  return all.filter(({ round = newest }) => round >= newest - roundsBehind);
}

/** One may have judged a round that the other still waits for. */
const roundsBehind = 4;

/** Each aggregator judges its own vantages. Where they blame different ones, nobody is to blame for sure. */
export function mergedQuorum(answers: readonly QuorumAnswer[]): QuorumAnswer {
  const byCheck = Map.groupBy(
    answers.flatMap(({ checks }) => checks),
    ({ check }) => check,
  );
  return {
    round: Math.max(0, ...answers.map(({ round }) => round)),
    checks: [...byCheck].map(([check, all]): QuorumCheck => {
      const known = ofNow(all);
      const blames = new Set(known.map(({ blame }) => blame).filter((blame) => blame !== null));
      const [blame = null, ...more] = blames;
      return {
        check,
        matrix: Object.assign({}, ...known.map(({ matrix }) => matrix)) as QuorumCheck['matrix'],
        blame: more.length > 0 ? 'inconclusive' : blame,
        evidence: known.flatMap(({ evidence }) => evidence),
        k: Math.max(...known.map(({ k }) => k)),
        n: known.reduce((sum, { n }) => sum + n, 0),
      };
    }),
  };
}
