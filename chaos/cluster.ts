/** All that drills need of a cluster. Each call is one API request, has a deadline, and rejects with a `Trouble`. */
import { isObject } from '../contract/json.ts';
import type { Workload } from '../scenarios/scenario.ts';
import type { Objects } from './objects.ts';

/** The annotation `blackstart.dev/drill`: the undo record in the target itself. */
export type DrillMark = {
  readonly drill: string;
  /** Of the workload: a later one of the same name is another. */
  readonly uid: string;
  readonly original: number;
  readonly injected: number;
  readonly state: 'armed' | 'injected' | 'restoring' | 'restored';
  /** ISO 8601, by the writer's wall clock; for people. */
  readonly at: string;
  /** With `restored`: replicas that somebody else had chosen, and that were left so. */
  readonly found?: number;
};

export type WorkloadState = {
  readonly workload: Workload;
  readonly uid: string;
  /** Compare-and-set is on this; any change of the object, its status too, makes a new one. */
  readonly version: string;
  readonly replicas: number;
  readonly readyReplicas: number;
  /** `null` without one, and with one that is not ours to read. */
  readonly mark: DrillMark | null;
  /** What somebody wrote on it by hand to stop the drill, or to keep drills away (`blackstart.dev/stop`). */
  readonly stop: string | null;
  /** Field managers of `spec.replicas`, the latest first; empty where the cluster does not tell. */
  readonly managers: readonly string[];
  /** From its pod template; absent where the cluster does not tell. */
  readonly pods?: PodSettings;
};

/** How a workload's pods come and go, by their template. */
export type PodSettings = {
  readonly graceMs: number;
  /** As far as it is told; 0 for a hook whose time nobody can tell. */
  readonly preStopMs: number;
  readonly readyDelayMs: number;
  /** 0 without a readiness probe. */
  readonly readyEveryMs: number;
  readonly readyThreshold: number;
};

export type LeaseState = {
  readonly name: string;
  readonly uid: string;
  readonly version: string;
  readonly holder: string;
  readonly durationMs: number;
  /** As the holder wrote it. Only whether it changes matters: wall clocks are never compared. */
  readonly renewedAt: string;
  readonly acquiredAt: string;
  readonly transitions: number;
  readonly annotations: Readonly<Record<string, string>>;
};

/** So many were ready at some moment in between, on the reader's clock. */
export type EndpointsSeen = { readonly sentMs: number; readonly receivedMs: number; readonly ready: number };

export type EndpointWatch = {
  /** Between lists. */
  readonly everyMs: number;
  onSeen(seen: EndpointsSeen): void;
  /** A list or watch that failed; the next is made all the same. */
  onFailure(error: unknown): void;
};

/** What a drill may need to be allowed: `patch deployments/agent-api`, or `update deployments/scale agent-api`. */
export type Right = {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';
  readonly group: string;
  readonly resource: string;
  readonly subresource: string | null;
  readonly name: string | null;
  /** Absent: the cluster's own. */
  readonly namespace?: string;
};

/** What a restorer may do, as its Role says it. */
export type AccessRule = {
  readonly group: string;
  readonly resources: readonly string[];
  readonly verbs: readonly Right['verb'][];
  /** Names of the objects; empty: any. */
  readonly names: readonly string[];
};

/** What a drill's restorer is made of, in the order in which it is made; removed in reverse, so that it is ended first. */
export const restorerParts = ['serviceaccount', 'role', 'rolebinding', 'job'] as const;
/** The Secret is made first, and only where the restorer has somebody to tell. */
export type RestorerPart = (typeof restorerParts)[number] | 'secret';

/** A restorer to be: all its objects bear the Lease's name, belong to it, and go when it goes. */
export type RestorerPlan = {
  readonly drill: string;
  readonly lease: Pick<LeaseState, 'name' | 'uid'>;
  readonly image: string;
  readonly rules: readonly AccessRule[];
  /** What it tells people by, as text; kept in a Secret that goes with the Lease. Absent: it tells nobody. */
  readonly notify?: string | null;
};

/** What a process shows to a cluster, and until when that is good; `null`: it does not tell. */
export type Credential = {
  /** `the client certificate of user admin`. */
  readonly what: string;
  readonly expiresAtMs: number | null;
  /** It is made anew by itself when it ends. */
  readonly renewed: boolean;
};

/** The outcome of a compare-and-set. `conflict`: the object is no longer at that version; nothing was written. */
export type Written = { readonly written: true; readonly version: string } | { readonly written: false };

export type Cluster = Objects & {
  readonly context: string;
  readonly namespace: string;
  workload(workload: Workload, signal: AbortSignal): Promise<WorkloadState>;
  /** Workloads of the namespace that carry a drill's annotation. */
  marked(signal: AbortSignal): Promise<readonly WorkloadState[]>;
  mark(at: WorkloadState, mark: DrillMark | null, signal: AbortSignal): Promise<Written>;
  scale(at: WorkloadState, replicas: number, signal: AbortSignal): Promise<Written>;
  /** `scale` to zero with `dryRun=All`: judged in full, without effect. */
  rehearse(at: WorkloadState, replicas: number, signal: AbortSignal): Promise<void>;
  /** Ready endpoints of the workload's pods, over all its EndpointSlices; its ready replicas where it has no slice. */
  readyEndpoints(workload: Workload, signal: AbortSignal): Promise<number>;
  /** The same, of all these together, again and again until `signal` aborts: by lists and, in between, as it changes. */
  watchEndpoints(workloads: readonly Workload[], how: EndpointWatch, signal: AbortSignal): void;
  /** Leases that drills left or hold. */
  leases(signal: AbortSignal): Promise<readonly LeaseState[]>;
  lease(name: string, signal: AbortSignal): Promise<LeaseState | null>;
  /** `null` when there is one of that name. */
  createLease(lease: LeaseDraft, signal: AbortSignal): Promise<LeaseState | null>;
  /** `null` when it is no longer at that version, or gone. */
  replaceLease(at: LeaseState, to: LeaseDraft, signal: AbortSignal): Promise<LeaseState | null>;
  /** Sets annotations (`null` removes one) and nothing else. `null` when it is no longer at that version, or gone. */
  annotateLease(
    at: LeaseState,
    annotations: Readonly<Record<string, string | null>>,
    signal: AbortSignal,
  ): Promise<LeaseState | null>;
  /** `false` when it is no longer at that version. Gone already is `true`. */
  deleteLease(at: LeaseState, signal: AbortSignal): Promise<boolean>;
  /** Makes one part of a restorer. One that is there already and belongs to the same Lease is as good. */
  createRestorerPart(part: RestorerPart, plan: RestorerPlan, signal: AbortSignal): Promise<void>;
  /** `true`: it is gone, or was already. `false`: the cluster took the wish, and is not done with it. */
  deleteRestorerPart(part: RestorerPart, name: string, signal: AbortSignal): Promise<boolean>;
  /** Names of what restorers of drills left of a part; those of their Leases. */
  restorersWith(part: (typeof restorerParts)[number], signal: AbortSignal): Promise<readonly string[]>;
  /** What this process shows to the cluster; may run the plugin that makes it. */
  credentials(signal: AbortSignal): Promise<readonly Credential[]>;
  mayI(right: Right, signal: AbortSignal): Promise<{ readonly allowed: boolean; readonly because: string }>;
  /** An Event on the workload, for people who look at the cluster. */
  tell(workload: WorkloadState, reason: string, message: string, signal: AbortSignal): Promise<void>;
  close(): void;
};

/**
 * Where a drill's Lease lives. A region that has a cluster keeps its own; what has none takes that of another region, so
 * that two runners meet there all the same.
 */
export type LeaseHome = Pick<
  Cluster,
  'context' | 'namespace' | 'leases' | 'lease' | 'createLease' | 'replaceLease' | 'annotateLease' | 'deleteLease'
>;

/** Who this process is to the cluster; `null`: it does not tell. */
export type WhoAmI = { whoAmI(signal: AbortSignal): Promise<string | null> };

export type LeaseDraft = Omit<LeaseState, 'uid' | 'version'>;

export const markKey = 'blackstart.dev/drill';
/** Set on a drill's Lease by `drill stop`, with the reason: the runner restores. */
export const stopKey = 'blackstart.dev/stop';
/** On a drill's Lease, from its creation on: the undo record, for a restorer that has nothing else. */
export const undoKey = 'blackstart.dev/undo';
/** On a drill's Lease: the last beat of its restorer. No sign of its holder's life. */
export const restorerKey = 'blackstart.dev/restorer';
const leasePrefix = 'blackstart-';

export function leaseNameOf(drillId: string): string {
  return `${leasePrefix}${drillId}`;
}

export function drillOfLease(name: string): string {
  return name.startsWith(leasePrefix) ? name.slice(leasePrefix.length) : name;
}

/** What the API calls a workload's kind. */
export function resourceOf(kind: Workload['kind']): { readonly group: string; readonly resource: string } {
  if (kind === 'deployment' || kind === 'statefulset') return { group: 'apps', resource: `${kind}s` };
  const dot = kind.indexOf('.');
  return { group: kind.slice(dot + 1), resource: kind.slice(0, dot) };
}

export function workloadName(workload: Workload): string {
  return `${workload.kind}/${workload.name}`;
}

const states: ReadonlySet<unknown> = new Set(['armed', 'injected', 'restoring', 'restored']);

/** `null` for anything that was not written by a drill. */
export function parseMark(text: string | undefined): DrillMark | null {
  if (text === undefined) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isMark(value) ? value : null;
}

function isMark(value: unknown): value is DrillMark {
  return (
    isObject(value) &&
    typeof value['drill'] === 'string' &&
    typeof value['uid'] === 'string' &&
    isCount(value['original']) &&
    isCount(value['injected']) &&
    states.has(value['state'])
  );
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
