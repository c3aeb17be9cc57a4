/** The undisturbed samples that latency and shares are judged from: ordinary checks, asked in a burst. */
import type { BurstRequest, ClockAnswer } from '../../contract/api.ts';
import { type Clock, sleep } from '../../contract/clock.ts';
import { quantile } from '../../contract/statistics.ts';
import { assignmentOf } from '../../scenarios/compile.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { getJson, getText } from '../http.ts';

export type Sampling = {
  readonly url: string;
  readonly token: string;
  readonly scenario: Scenario;
  readonly names: readonly string[];
  readonly everyMs: number;
  readonly forMs: number;
};

export type Sampled = {
  /** From when the samples count, on the aggregator's clock. */
  readonly sinceMs: number;
  /** How late this process, which is the whole world, was at its timers: the 95th percentile. */
  readonly lateMs: number;
};

/** Resolves when the samples have been taken. */
export async function sample(sampling: Sampling, clock: Clock, signal: AbortSignal): Promise<Sampled> {
  const { url, token, scenario, names, everyMs, forMs } = sampling;
  const { t2 } = await getJson<ClockAnswer>(`${url}/api/v1/clock?t1=${clock.nowMs()}`);
  const chosen = assignmentOf(scenario, 1).checks.filter((check) => names.includes(check.name));
  const checks = chosen.map((check) => ({
    ...check,
    // A region's own users are near it: its vantage, which a lab names after it.
    vantages: check.region === null ? check.vantages : [check.region],
    everyMs,
    timeoutMs: Math.min(check.timeoutMs, 5_000),
  }));
  const burst: BurstRequest = {
    id: `undisturbed-${Math.round(t2)}`,
    checks,
    everyMs,
    untilMs: t2 + forMs,
    pooled: false,
  };
  await getText(`${url}/api/v1/bursts`, { token, post: burst });
  // The last attempts are still under way when the burst ends, and their results on the way.
  const lateness = await watchLateness(clock, forMs + settleMs, signal);
  return { sinceMs: t2, lateMs: quantile(lateness, 0.95) ?? 0 };
}

const settleMs = 700;
const tickMs = 20;

/** Each tick's delay behind its time, sorted. */
async function watchLateness(clock: Clock, forMs: number, signal: AbortSignal): Promise<readonly number[]> {
  const lateness: number[] = [];
  const untilMs = clock.nowMs() + forMs;
  for (let dueMs = clock.nowMs() + tickMs; dueMs < untilMs; dueMs = clock.nowMs() + tickMs) {
    await sleep(clock, tickMs, signal);
    lateness.push(Math.max(0, clock.nowMs() - dueMs));
  }
  return lateness.sort((a, b) => a - b);
}
