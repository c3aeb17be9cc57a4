/** The assignment and the objectives in force, over restarts and reloads. */
import { createHash } from 'node:crypto';
import type { Assignment } from '../contract/check.ts';
import { canonicalJson } from '../contract/json.ts';
import type { Objective } from '../contract/objective.ts';
import type { CheckBook } from './checks.ts';
import { withReferences } from './fleet/references.ts';
import type { Plan } from './options.ts';
import type { Store } from './store/store.ts';

export type CurrentPlan = {
  assignment(): Assignment;
  objectives(): readonly Objective[];
  /** Puts another plan in force; its version is one that no agent has seen unless nothing changed. */
  replace(plan: Plan, nowMs: number): Promise<void>;
};

/** Agents keep the newest version that they have seen, so it must grow over restarts too: it is counted here. */
export function currentPlan(store: Store, checks: CheckBook): CurrentPlan {
  let known = store.loaded.assignment;
  let plan: Plan = { assignment: { version: 0, checks: [], regions: {}, references: [] }, objectives: [] };
  return {
    assignment: () => plan.assignment,
    objectives: () => plan.objectives,
    async replace(given, nowMs) {
      const next = { ...given, assignment: withReferences(given.assignment) };
      const hash = createHash('sha256')
        .update(canonicalJson({ ...next.assignment, version: 0 }))
        .digest('hex');
      const version =
        known?.hash === hash ? known.version : Math.max((known?.version ?? 0) + 1, next.assignment.version);
      const isNew = known?.version !== version || known.hash !== hash;
      known = { version, hash };
      plan = { assignment: { ...next.assignment, version }, objectives: next.objectives };
      const changed = checks.assign(plan.assignment, nowMs);
      // Nothing is written that is there: it starts on a full disk too.
      if (isNew) await store.setMeta('assignment', JSON.stringify(known));
      if (changed.length > 0) await store.saveChecks(changed);
    },
  };
}
