/** Agents of all aggregators, as the engine knows them. */
import type { FleetAgent } from '../../contract/api.ts';
import { countedMetrics } from '../../contract/counted-metrics.ts';
import type { Promql } from './client.ts';

export type Seen = Pick<
  FleetAgent,
  'agent' | 'vantage' | 'region' | 'boot' | 'version' | 'connected' | 'lastSeenMs'
> & {
  readonly aggregator: string;
};
export type Counted = Pick<FleetAgent, 'expected' | 'missing'>;

/** An agent is in the fleet for a day after it was heard of. */
const rememberedMs = 86_400_000;
/** A connected agent is heard of all the time, and written of at every step, of 15 s unless it is set longer. */
export const freshMs = 60_000;

/** Each agent once, as the aggregator knows it that heard of it last. */
export async function seenAgents(engine: Promql, nowMs: number): Promise<readonly Seen[]> {
  const all = await engine.query(`last_over_time(${countedMetrics.agentSeen.name}[${rememberedMs}ms])`, nowMs);
  const newest = new Map<string, Seen>();
  for (const { labels, value } of all) {
    const { agent = '', vantage = '', region = '', boot = '', version = '', aggregator = '' } = labels;
    const lastSeenMs = value * 1_000;
    if ((newest.get(agent)?.lastSeenMs ?? Number.NEGATIVE_INFINITY) >= lastSeenMs) continue;
    if (nowMs - lastSeenMs > rememberedMs) continue;
    const connected = nowMs - lastSeenMs <= freshMs;
    newest.set(agent, { agent, vantage, region, boot, version, aggregator, connected, lastSeenMs });
  }
  return [...newest.values()];
}

/** What was ever expected of each vantage, and is missing, over all aggregators. */
export async function countsOf(engine: Promql, nowMs: number): Promise<ReadonlyMap<string, Counted>> {
  const { name } = countedMetrics.countedResults;
  const all = await engine.query(`sum by (vantage, outcome) (last_over_time(${name}[${rememberedMs}ms]))`, nowMs);
  const counts = new Map<string, Counted>();
  for (const { labels, value } of all) {
    const { vantage = '', outcome } = labels;
    const { expected, missing } = counts.get(vantage) ?? { expected: 0, missing: 0 };
    counts.set(vantage, { expected: expected + value, missing: missing + (outcome === 'missing' ? value : 0) });
  }
  return counts;
}
