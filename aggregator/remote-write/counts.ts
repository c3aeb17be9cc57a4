import { exchangeMetrics } from '../../contract/exchange-metrics.ts';
import type { Family } from '../metrics/exposition.ts';
import { family } from '../metrics/gauges.ts';
import type { Backlog } from './queue-rows.ts';

/** What a destination says of itself. */
export type Counts = {
  backlog: Backlog;
  sent: number;
  requests: number;
  retries: number;
  highestMs: number;
  readonly refused: Map<string, number>;
  readonly dropped: Map<string, number>;
};

export function newCounts(): Counts {
  return {
    backlog: { samples: 0, bytes: 0 },
    sent: 0,
    requests: 0,
    retries: 0,
    highestMs: 0,
    refused: new Map(),
    dropped: new Map(),
  };
}

export function countIn(map: Map<string, number>, reason: string, samples: number): void {
  if (samples > 0) map.set(reason, (map.get(reason) ?? 0) + samples);
}

export function countsFamilies(all: ReadonlyMap<string, Counts>): readonly Family[] {
  if (all.size === 0) return [];
  const each = [...all];
  const one = (of: (counts: Counts) => number) => each.map(([name, counts]) => [[name], of(counts)] as const);
  const byReason = (of: (counts: Counts) => ReadonlyMap<string, number>) =>
    each.flatMap(([name, counts]) => [...of(counts)].map(([reason, samples]) => [[name, reason], samples] as const));
  return [
    family(
      exchangeMetrics.writePendingSamples,
      one(({ backlog }) => backlog.samples),
    ),
    family(
      exchangeMetrics.writePendingBytes,
      one(({ backlog }) => backlog.bytes),
    ),
    family(
      exchangeMetrics.writeSent,
      one(({ sent }) => sent),
    ),
    family(
      exchangeMetrics.writeRequests,
      one(({ requests }) => requests),
    ),
    family(
      exchangeMetrics.writeRetries,
      one(({ retries }) => retries),
    ),
    family(
      exchangeMetrics.writeFailed,
      byReason(({ refused }) => refused),
    ),
    family(
      exchangeMetrics.writeDropped,
      byReason(({ dropped }) => dropped),
    ),
    family(
      exchangeMetrics.writeHighest,
      one(({ highestMs }) => highestMs / 1_000),
    ),
  ];
}
