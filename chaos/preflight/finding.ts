/** Who else owns a workload's replicas, and what they will do when a drill takes them away. */
import type { Suspension } from '../faults/scale-to-zero.ts';

export type Finding = {
  readonly owner: Owner;
  /** `HorizontalPodAutoscaler default/agent-api` */
  readonly name: string;
  /** The workload it is about: `deployment/agent-api`. */
  readonly workload: string;
  readonly will: Will;
  /** By when after the injection, at the latest; `null`: never, or not known. */
  readonly withinMs: number | null;
  /** How it can be suspended; `null`: not by a drill. */
  readonly suspension: Suspension | null;
  /** For people. */
  readonly sentence: string;
  /** What a person can do about it; `null` where nothing needs doing. */
  readonly remedy: string | null;
};

export type Owner = 'hpa' | 'keda' | 'argo-cd' | 'flux' | 'operator' | 'disruption-budget' | 'node-autoscaler';

export type Will =
  /** Leaves the workload as the drill leaves it. */
  | 'leave'
  /** Puts replicas back during the drill. */
  | 'undo'
  /** It owns the replicas, and what it will do cannot be seen from here. */
  | 'maybe-undo'
  /** It says that so many pods must not go at once. */
  | 'forbid'
  /** We may not list such objects. */
  | 'unread';

type Given = Pick<Finding, 'owner' | 'name' | 'workload' | 'will' | 'sentence'> & Partial<Finding>;

export function finding(given: Given): Finding {
  return { withinMs: null, suspension: null, remedy: null, ...given };
}

/** Who will undo the drill although all that may be is suspended. */
export function unsuspended(findings: readonly Finding[], suspend: readonly string[]): readonly Finding[] {
  return findings.filter(({ will, suspension, owner }) => {
    if (will !== 'undo' && will !== 'maybe-undo') return false;
    return suspension === null || !suspend.includes(owner);
  });
}

/** What has to be suspended, each once. */
export function suspensionsFor(findings: readonly Finding[], suspend: readonly string[]): readonly Suspension[] {
  const wanted = findings.flatMap(({ will, suspension, owner }) =>
    suspension !== null && (will === 'undo' || will === 'maybe-undo') && suspend.includes(owner) ? [suspension] : [],
  );
  return [
    ...new Map(wanted.map((one) => [JSON.stringify([one.resource, one.namespace, one.name, one.path]), one])).values(),
  ];
}
