/** The undisturbed samples that latency and shares are judged from: ordinary checks, asked in a burst. */
import type { BurstRequest, ClockAnswer } from '../../contract/api.ts';
import { type Clock, sleep } from '../../contract/clock.ts';
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

/** Resolves when the samples have been taken; gives the moment from which they count, on the aggregator's clock. */
export async function sample(sampling: Sampling, clock: Clock, signal: AbortSignal): Promise<number> {
  const { url, token, scenario, names, everyMs, forMs } = sampling;
  const sentMs = clock.nowMs();
  const { t2 } = await getJson<ClockAnswer>(`${url}/api/v1/clock?t1=${sentMs}`);
  const chosen = assignmentOf(scenario, 1).checks.filter((check) => names.includes(check.name));
  const checks = chosen.map((check) => ({
    ...check,
    // A region's own users are near it: its vantage, which a lab names after it.
    vantages: check.region === null ? check.vantages : [check.region],
    everyMs,
    timeoutMs: Math.min(check.timeoutMs, 5_000),
  }));
  const burst: BurstRequest = { id: 'undisturbed', checks, everyMs, untilMs: t2 + forMs, pooled: false };
  await getText(`${url}/api/v1/bursts`, { token, post: burst });
  // The last attempts are still under way when the burst ends, and their results on the way.
  await sleep(clock, forMs + settleMs, signal);
  return t2;
}

const settleMs = 700;
