/** Verdicts as of now and of any past moment, and their changes. */
import type { Objective } from '../../contract/objective.ts';
import type { Status, Verdict } from '../../contract/verdict.ts';
import { type FactsDeps, factsOf, type WindowFacts } from './facts.ts';
import { judge, type Witnesses } from './judge.ts';

export type Verdicts = {
  at(atMs: number): readonly Verdict[];
  /** One, with the facts it was made from. */
  one(id: string, atMs: number): { readonly verdict: Verdict; readonly facts: WindowFacts } | undefined;
  /** As of the last look. */
  latest(): readonly Verdict[];
  /** Judges anew; calls `onChanged` for each verdict whose status is another than at the last look. */
  look(nowMs: number): void;
  replace(objectives: readonly Objective[]): void;
};

export type VerdictDeps = FactsDeps & {
  witnesses(nowMs: number): Witnesses;
  nowMs(): number;
  /** Up to where no slice waits for anybody. */
  completeThroughMs(): number;
  /** Results that are owed, too early to be in the slices. */
  owed(objective: Objective, nowMs: number): number;
  onChanged(verdict: Verdict): void;
};

export function verdicts(objectives: readonly Objective[], deps: VerdictDeps): Verdicts {
  let current = objectives;
  let latest: readonly Verdict[] = [];
  const statuses = new Map<string, Status>();

  function judgeOne(objective: Objective, atMs: number, owedResults: number) {
    const found = factsOf(objective, atMs, deps);
    const facts = { ...found, missing: found.missing + owedResults };
    return { facts, verdict: judge(objective, facts, deps.witnesses(deps.nowMs()), atMs <= deps.completeThroughMs()) };
  }

  return {
    at: (atMs) => current.map((objective) => judgeOne(objective, atMs, 0).verdict),
    one(id, atMs) {
      const objective = current.find((other) => other.id === id);
      return objective === undefined ? undefined : judgeOne(objective, atMs, 0);
    },
    latest: () => latest,
    look(nowMs) {
      latest = current.map((objective) => judgeOne(objective, nowMs, deps.owed(objective, nowMs)).verdict);
      for (const verdict of latest) {
        if (statuses.get(verdict.id) === verdict.status) continue;
        statuses.set(verdict.id, verdict.status);
        deps.onChanged(verdict);
      }
    },
    replace(next) {
      current = next;
      statuses.clear();
    },
  };
}
