/** When a Job is over, and what its status says. */
import type { JsonObject } from '../../../contract/json.ts';
import { type Api, nowStamp } from '../call.ts';
import { type KubeObject, listAt, numberAt, objectAt, textAt } from '../object.ts';

export type JobCounts = {
  /** Neither finished nor being deleted. */
  readonly active: readonly KubeObject[];
  readonly ready: number;
  readonly terminating: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Of containers in the pods that are active. */
  readonly restarts: number;
};

/** `null` while it is under way. What was said once stays. */
export function outcomeOf(job: KubeObject, counts: JobCounts): 'Complete' | 'Failed' | null {
  const said = conditionsOf(job).find((type) => type === 'Complete' || type === 'Failed');
  if (said !== undefined) return said as 'Complete' | 'Failed';
  if (counts.succeeded >= (numberAt(job, 'spec', 'completions') ?? 1)) return 'Complete';
  const limit = numberAt(job, 'spec', 'backoffLimit') ?? 6;
  if (counts.failed > limit) return 'Failed';
  const isRestarted = textAt(job, 'spec', 'template', 'spec', 'restartPolicy') === 'OnFailure' && counts.restarts > 0;
  return isRestarted && counts.restarts >= limit ? 'Failed' : null;
}

function conditionsOf(job: KubeObject): readonly string[] {
  return listAt(job, 'status', 'conditions').map((one) => textAt(one, 'type') ?? '');
}

/** As in the real one, most counts of zero are left out. */
export function jobStatus(
  api: Api,
  job: KubeObject,
  counts: JobCounts,
  outcome: 'Complete' | 'Failed' | null,
): JsonObject {
  const before = objectAt(job, 'status');
  const shown = { active: counts.active.length, succeeded: counts.succeeded, failed: counts.failed };
  const { completionTime, conditions } = before;
  return {
    ...Object.fromEntries(Object.entries(shown).filter(([, count]) => count > 0)),
    ready: counts.ready,
    terminating: counts.terminating,
    startTime: before['startTime'] ?? nowStamp(api),
    uncountedTerminatedPods: {},
    ...(outcome === 'Complete' ? { completionTime: completionTime ?? nowStamp(api) } : {}),
    ...(outcome === null ? {} : { conditions: conditions ?? conditionsFor(api, outcome) }),
  };
}

function conditionsFor(api: Api, outcome: 'Complete' | 'Failed'): JsonObject[] {
  const at = nowStamp(api);
  const condition = (type: string, reason: string, message: string): JsonObject => ({
    type,
    status: 'True',
    lastProbeTime: at,
    lastTransitionTime: at,
    reason,
    message,
  });
  const [reason, message] =
    outcome === 'Complete'
      ? ['CompletionsReached', 'Reached expected number of succeeded pods']
      : ['BackoffLimitExceeded', 'Job has reached the specified backoff limit'];
  return [
    condition(outcome === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget', reason, message),
    condition(outcome, reason, message),
  ];
}
