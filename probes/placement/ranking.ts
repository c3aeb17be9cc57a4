import { createHash } from 'node:crypto';

/**
 * The aggregators in the order in which this agent wants them: rendezvous (highest random weight) hashing. The order
 * depends on the names alone, so that every agent finds its place without asking, and one aggregator more or less moves
 * only the agents that it gains or loses.
 */
export function ranked(agent: string, aggregators: readonly string[]): readonly string[] {
  const weighed = [...new Set(aggregators)].map((aggregator) => ({ aggregator, weight: weightOf(agent, aggregator) }));
  weighed.sort((a, b) => b.weight - a.weight || (a.aggregator < b.aggregator ? -1 : 1));
  return weighed.map(({ aggregator }) => aggregator);
}

/** 48 bits of a cryptographic hash: names that differ in one letter must not have weights that go together. */
function weightOf(agent: string, aggregator: string): number {
  return createHash('sha256').update(`${agent}\u0000${aggregator}`).digest().readUIntBE(0, 6);
}
