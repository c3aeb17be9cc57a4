/** The clusters of a scenario: who owns replicas, what rights are missing, what differs. Pure: facts in, findings out. */

import { suspendables } from '../../scenarios/scenario.ts';
import { workloadName } from '../cluster.ts';
import { drift, readiness, replicasPerShare } from './clusters/drift.ts';
import type { ClusterFacts } from './clusters/facts.ts';
import { missingRights } from './clusters/rights.ts';
import type { Diagnosis, Finding } from './finding.ts';

export type { ClusterFacts } from './clusters/facts.ts';

export function diagnoseClusters(all: readonly ClusterFacts[]): Diagnosis {
  return {
    findings: [
      ...all.flatMap((one) => [...absent(one), ...missingRights(one), ...owned(one), ...readiness(one)]),
      ...replicasPerShare(all),
      ...drift(all),
    ],
    unseen: all.flatMap(unread),
  };
}

function absent({ region, plan, workloads }: ClusterFacts): readonly Finding[] {
  return workloads
    .filter(({ body }) => body === null)
    .map(({ workload }) => ({
      rule: 'cluster.no-workload',
      level: 'problem',
      about: `${region}: ${workloadName(workload)}`,
      dark: null,
      share: null,
      says: `${plan.context}/${plan.namespace} has no ${workloadName(workload)}, which the scenario names for ${region}`,
      remedy: 'correct the name, the namespace or the context in the scenario',
    }));
}

/** Who undoes a drill, or is against it, although all that its drills suspend is suspended. */
function owned({ region, owners, drills }: ClusterFacts): readonly Finding[] {
  const suspended =
    drills.length === 0 ? [] : suspendables.filter((one) => drills.every(({ suspend }) => suspend.includes(one)));
  return owners
    .filter(({ will }) => will === 'undo' || will === 'maybe-undo' || will === 'forbid')
    .filter(({ suspension, owner }) => suspension === null || !suspended.some((one) => one === owner))
    .map(
      (one): Finding => ({
        rule: 'cluster.owner',
        level: drills.length > 0 ? 'problem' : 'advice',
        about: `${region}: ${one.workload}`,
        dark: null,
        share: null,
        says: `${region}: ${one.sentence}`,
        remedy:
          one.remedy ??
          (one.suspension === null
            ? 'take it away for the time of a drill'
            : `write "suspend: [${one.owner}]" into the drill`),
      }),
    );
}

function unread({ region, owners }: ClusterFacts): readonly string[] {
  return owners.filter(({ will }) => will === 'unread').map(({ sentence }) => `${region}: ${sentence}`);
}
