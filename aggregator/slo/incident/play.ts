/** One incident, played to its end against one objective, with the code that makes verdicts and budgets of real ones. */
import type { Spending } from '../../../contract/api.ts';
import type { Objective } from '../../../contract/objective.ts';
import type { Random } from '../../../contract/random.ts';
import { sliceWidthMs } from '../../../contract/slo/spans.ts';
import type { Verdict } from '../../../contract/verdict.ts';
import { spendingOf } from '../budget.ts';
import { judge } from '../judge.ts';
import { windowAt } from '../window.ts';
import { type Attempt, attemptsOf, type Incident, type Probed } from './incident.ts';
import type { Stage } from './stage.ts';
import { type Watch, type Watched, watchOf } from './watch.ts';

export type Played = {
  readonly fromMs: number;
  readonly failed: number;
  readonly pairs: readonly Watched[];
  /** When all results of its time are in. */
  readonly verdict: Verdict;
  readonly budget: Spending | null;
};

export type Play = {
  readonly objective: Objective;
  readonly target: number;
  readonly probed: Probed;
  readonly incident: Incident;
  /** For the judgement: how many vantages there are. */
  readonly vantages: number;
  /** What comes later is not looked at. */
  readonly endMs: number;
};

/** The stage is left as it was found. */
export function play(stage: Stage, of: Play, fromMs: number, random: Random): Played {
  const { objective, target, probed, incident, endMs } = of;
  const floor = (ms: number): number => Math.floor(ms / sliceWidthMs) * sliceWidthMs;
  const toMs = fromMs + incident.forMs;
  // Whole slices, from the first round that may have an attempt in it to the last.
  const firstMs = floor(Math.floor(fromMs / probed.everyMs) * probed.everyMs);
  const lastMs = floor(Math.floor(toMs / probed.everyMs) * probed.everyMs) + sliceWidthMs;
  const attempts = attemptsOf(probed, firstMs, lastMs);
  const fails = ({ atMs, isHit }: Attempt): boolean =>
    isHit && atMs >= fromMs && atMs < toMs && (incident.rate >= 1 || random() < incident.rate);

  const watch = watchOf(objective, target, stage.ledger);
  const counts = new Map<number, { good: number; bad: number }>();
  const touched = new Set<number>();
  let failed = 0;
  let next = 0;
  let nowMs = firstMs;
  while (next < attempts.length) {
    // A slice that has begun has what came of it, until then what would have come.
    if (nowMs < lastMs) touched.add(nowMs);
    nowMs += sliceWidthMs;
    const before = failed;
    for (; (attempts[next]?.atMs ?? Number.POSITIVE_INFINITY) < nowMs; next += 1) {
      const attempt = attempts[next] as Attempt;
      const sliceMs = floor(attempt.roundMs);
      const slice = counts.get(sliceMs) ?? { good: 0, bad: 0 };
      counts.set(sliceMs, slice);
      touched.add(sliceMs);
      if (fails(attempt)) {
        slice.bad += 1;
        failed += 1;
      } else slice.good += 1;
    }
    const dueMs = watch.nextLookMs();
    if (failed === before && (dueMs === null || dueMs > nowMs) && next < attempts.length) continue;
    for (const sliceMs of touched) stage.write(sliceMs, counts.get(sliceMs) ?? { good: 0, bad: 0 });
    touched.clear();
    watch.look(nowMs, failed > before);
  }
  const after = judged(stage, of, nowMs);
  untilQuiet(watch, endMs);
  stage.clear(firstMs, lastMs);
  return { fromMs, failed, pairs: watch.pairs, ...after };
}

function judged({ ledger }: Stage, { objective, vantages }: Play, atMs: number): Pick<Played, 'verdict' | 'budget'> {
  const window = windowAt(objective, atMs);
  const evidence = ledger.evidence({ fromMs: window.fromMs, toMs: Math.min(window.toMs, atMs) });
  const witnesses = { known: vantages, healthy: vantages };
  return {
    verdict: judge(objective, evidence, { atMs, witnesses, final: true }),
    budget: spendingOf(objective, ledger, window, atMs),
  };
}

function untilQuiet(watch: Watch, endMs: number): void {
  for (let dueMs = watch.nextLookMs(); dueMs !== null && dueMs <= endMs; dueMs = watch.nextLookMs()) {
    watch.look(dueMs, false);
  }
}
