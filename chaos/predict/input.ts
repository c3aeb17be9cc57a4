/** How the health check fails once its endpoint is dark: what a failing try costs decides how fast it is noticed. */
export const failureModes = ['refused', 'status-503', 'black-hole', 'hung'] as const;
export type FailureMode = (typeof failureModes)[number];

/** From a least to a most; what lies between is equally likely. */
export type Range = { readonly fromMs: number; readonly toMs: number };

export type HealthCheckSettings = {
  readonly everyMs: number;
  readonly threshold: number;
  readonly checkers: number;
};

/** All that a prediction is made from: plain numbers, read from the live zone and cluster. */
export type PredictionInput = {
  readonly way: 'failover' | 'failback';
  /** `null`: no health check guards the region's record, or names have nowhere else to lead. They never flip. */
  readonly check: HealthCheckSettings | null;
  readonly mode: FailureMode;
  /** Of the record that answers for the entry name. */
  readonly ttlMs: number;
  /** When each cache's copy ends, as seen just before; one that is over was renewed. Empty: unknown, any time is as likely. */
  readonly remainingTtls: readonly Range[];
  /** From the call to the last ready endpoint gone; for failback to all of them ready. */
  readonly drain: Range;
  /** From there to the end of service: pods end in their own time. For failback to the first answer. */
  readonly serving: Range;
  /** From the flip of health to a name server that answers by it. */
  readonly publish: Range;
  readonly nameservers: number;
  /** How often each vantage asks. */
  readonly burstEveryMs: number;
  /** A whole fresh attempt. */
  readonly attemptMs: number;
  readonly seed: number;
};

/** Route 53's own checkers, time-outs and share: more than 18 % healthy is healthy. */
export const route53Checkers = 16;
const healthyShare = 0.18;

/** How long one failing try takes: refused and 503 at once, a black hole 4 s to connect, a hung response 2 s more. */
export const costMs: Readonly<Record<FailureMode, number>> = {
  refused: 0,
  'status-503': 0,
  'black-hole': 4_000,
  hung: 6_000,
};

/** The how many-th checker to flip is the one that decides: 14th of 16 down, 3rd of 16 up. */
export function decidingChecker(checkers: number, way: PredictionInput['way']): number {
  const most = Math.floor(healthyShare * checkers);
  return way === 'failover' ? checkers - most : most + 1;
}
