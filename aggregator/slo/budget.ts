/** The error budget of a window: what it allows, who spent it, how fast, and how long the rest lasts. */
import type { Spending } from '../../contract/api.ts';
import type { Objective } from '../../contract/objective.ts';
import type { Span } from '../../contract/slo/spans.ts';
import type { Tally } from './account.ts';
import { burning, burnPairs, type Rate, rateOf } from './burn.ts';
import { chargedOver } from './burns.ts';
import type { Ledger } from './ledger.ts';
import { spentIn } from './spent.ts';

/**
 * When the rest is gone, if it goes on to burn like this: sooner and later by the interval of the rate. `null`: not at
 * that rate; 0: it is gone.
 */
export function exhaustedInMs(left: number, windowMs: number, { burn, interval }: Rate): Spending['exhaustedIn'] {
  const at = (rate: number): number | null => (left <= 0 ? 0 : rate <= 0 ? null : (left * windowMs) / rate);
  return { atThisRateMs: at(burn ?? 0), betweenMs: [at(interval[1]) ?? 0, at(interval[0])] };
}

const hourMs = 3_600_000;

/** As of `atMs`, which lies in the window; `null` of quantiles and of drills, which have no budget. */
export function spendingOf(objective: Objective, ledger: Ledger, window: Span, atMs: number): Spending | null {
  const { indicator } = objective;
  if (indicator.kind === 'latency' || indicator.kind === 'replication-lag' || indicator.kind === 'failover')
    return null;
  const state = spentIn(objective, ledger, window, atMs);
  if (state === null) return null;
  const windowMs = window.toMs - window.fromMs;
  const over = (span: Span): Tally => chargedOver(objective, ledger, span) ?? { good: 0, unsure: 0, n: 0 };
  const lastHour = rateOf(over({ fromMs: atMs - Math.min(hourMs, windowMs), toMs: atMs }), indicator.target);
  // Of a calendar by the longest that its period can be, as rules of Prometheus have it.
  const burns = burnPairs(objective.windowMs).map((pair) => {
    const { state: is, long, short, chance } = burning(pair, indicator.target, over, atMs);
    return { ...pair, state: is, long: long.burn, short: short.burn, chance };
  });
  return { ...state, exhaustedIn: exhaustedInMs(state.left, windowMs, lastHour), burns };
}
