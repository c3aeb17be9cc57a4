import type { FailureMode } from '../../contract/failure-mode.ts';

/** From a least to a most; what lies between is equally likely. */
export type Range = { readonly fromMs: number; readonly toMs: number };

/** `over-http`: Route 53's HTTP and HTTPS checks, with or without a search string. */
export type CheckKind = 'over-http' | 'tcp';

export type HealthCheckSettings = {
  readonly kind: CheckKind;
  readonly everyMs: number;
  readonly threshold: number;
  readonly checkers: number;
};

/** A resolver's copy of the answer: when it ends, and for how long it will keep the next one. */
export type CachedCopy = Range & { readonly lengthMs: number };

/** All that a prediction is made from: plain numbers, read from the live zone and cluster, and from drills before. */
export type PredictionInput = {
  readonly way: 'failover' | 'failback';
  /** `null`: no health check guards the region's record, or names have nowhere else to lead, or its timing is not known. */
  readonly check: HealthCheckSettings | null;
  /** Whether names leave the region once it is dark; `null`: by something whose timing the zone does not tell. */
  readonly leaves: boolean | null;
  readonly mode: FailureMode;
  /** Of the record that answers for the entry name. */
  readonly ttlMs: number;
  /** `alias`: to an AWS resource, whose TTL of 60 s nobody can set. */
  readonly ttlOf: 'record' | 'alias';
  /** Each vantage's cache as seen just before; one that is over was renewed. Empty: unknown, any time is as likely. */
  readonly copies: readonly CachedCopy[];
  /** From the call to the last ready endpoint gone; for failback to the first of them ready. One is drawn of several. */
  readonly drain: readonly Range[];
  /** From there to the end of service: pods end in their own time. For failback to the first answer. */
  readonly serving: readonly Range[];
  /** Of failover, instead of both: from the call to the end of service, as drills before have bounded it. */
  readonly served?: readonly Range[];
  /** For failback, instead of `drain` and `filling`: each pod is ready at some time of its own in one of `starting`. */
  readonly pods: { readonly replicas: number; readonly starting: readonly Range[] } | null;
  /** For failback: from the first ready endpoint to as many as before. */
  readonly filling: readonly Range[];
  /**
   * Where names follow the targets of a load balancer: from the first of `drain` to a balancer that has none that is
   * healthy; for failback to one that has. Empty: they do not.
   */
  readonly targets: readonly Range[];
  /** Where there are a check and targets: whether each alone leads names away, or only both together. */
  readonly needs: 'either' | 'both';
  /** From the flip of health to a name server that answers by it. */
  readonly publish: readonly Range[];
  /** A good look of a checker at the endpoint, from its first packet to its answer: a cycle is so much longer. */
  readonly look: Range;
  readonly nameservers: number;
  /** How often each vantage asks. */
  readonly burstEveryMs: number;
  /** How often the status of the checkers is read: a report cannot place `detect` more finely. */
  readonly statusEveryMs: number;
  /** How often ready endpoints are counted. */
  readonly endpointsEveryMs: number;
  /** A whole fresh attempt that is served, and one that is let down: up to its limit where the door swallows it. */
  readonly attemptMs: number;
  readonly failMs: number;
  /** One at the region's own endpoint that is let down; absent: as long as the others. */
  readonly directFailMs?: number;
  /** For how long names stay away before the region is put back: what hangs longer is cut off by that. */
  readonly holdMs: number;
  readonly seed: number;
};

/** Route 53's own checkers, time-outs and share: more than 18 % healthy is healthy. */
export const route53Checkers = 16;
const healthyShare = 0.18;

/**
 * How long one failing try takes beyond the way there and back. Over HTTP a checker gives a connection 4 s, and then an
 * answer 2 s: who accepts and hangs is given up 2 s after the connection, not after 6 (docs/decisions/0016). Over TCP
 * it gives 10 s in all, and who accepts is healthy.
 */
const costMs: Readonly<Record<CheckKind, Readonly<Record<FailureMode, number>>>> = {
  'over-http': { refused: 0, 'status-503': 0, 'black-hole': 4_000, hung: 2_000 },
  tcp: { refused: 0, 'status-503': 0, 'black-hole': 10_000, hung: 0 },
};

export function tryMs(check: HealthCheckSettings, mode: FailureMode): number {
  return costMs[check.kind][mode];
}

/** A check over TCP sees nothing wrong with a door that accepts. */
export function sees(kind: CheckKind, mode: FailureMode): boolean {
  return kind === 'over-http' || mode === 'refused' || mode === 'black-hole';
}

/** The how many-th checker to flip is the one that decides: 14th of 16 down, 3rd of 16 up. */
export function decidingChecker(checkers: number, way: PredictionInput['way']): number {
  const most = Math.floor(healthyShare * checkers);
  return way === 'failover' ? checkers - most : most + 1;
}
