/** Facts with nothing wrong in them, and one thing wrong each. */
import type { AlertFacts } from '../../../aggregator/alerts/facts.ts';
import type { DrillReport } from '../../../contract/drill.ts';
import type { Objective } from '../../../contract/objective.ts';
import type { Verdict } from '../../../contract/verdict.ts';
import { drill } from '../posts.ts';

export const nowMs = 1_700_000_000_000;

export function factsWith(over: Partial<AlertFacts> = {}): AlertFacts {
  const nothing = {
    scenario: 'shop',
    failing: [],
    unvouched: [],
    unread: [],
    burns: [],
    unseen: [],
    dark: [],
    gone: [],
  };
  return { nowMs, ...nothing, sources: [], destinations: [], drills: [], scheduled: [], leaks: [], ...over };
}

export const objective: Objective = {
  id: 'latency.eu',
  check: 'home',
  region: 'eu-west-1',
  from: 'own',
  indicator: { kind: 'latency', quantile: 0.95, targetMs: 100 },
  windowMs: 86_400_000,
};

export const verdict: Verdict = {
  id: objective.id,
  status: 'fail',
  because: 'p95 is 140 ms (131 to 150 ms with 95 % confidence, 400 samples), over 100 ms',
  measured: 140,
  target: 100,
  n: 400,
  interval: [131, 150],
  needed: null,
  missing: 0,
  at: nowMs - 20_000,
  final: true,
};

export function drillWith(over: Partial<DrillReport>): DrillReport {
  return { ...drill, left: [], restored: false, aliveAtMs: nowMs, ...over } as unknown as DrillReport;
}
