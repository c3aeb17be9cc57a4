import { telemetryMetrics } from '../../contract/telemetry-metrics.ts';
import type { Cut } from '../metrics/cut.ts';
import type { Family } from '../metrics/exposition.ts';
import { family } from '../metrics/gauges.ts';

/** Somebody who takes a cut now and then and sends it on. */
export type MetricsPush = {
  /** From now on there is something to be taken. */
  begin(cut: () => Promise<Cut>): void;
  counts(): PushCounts;
  /** Sends a last cut, for a bounded time. Never rejects. */
  stop(): Promise<void>;
};

/** Since the start. */
export type PushCounts = {
  readonly requests: { readonly taken: number; readonly failed: number };
  readonly points: { readonly taken: number; readonly failed: number };
};

/** What is said of a push in every exposition, its own included. */
export function pushFamilies({ requests, points }: PushCounts): readonly Family[] {
  const outcomes = ['taken', 'failed'] as const;
  return [
    family(
      telemetryMetrics.otlpRequests,
      outcomes.map((outcome) => [[outcome], requests[outcome]] as const),
    ),
    family(
      telemetryMetrics.otlpPoints,
      outcomes.map((outcome) => [[outcome], points[outcome]] as const),
    ),
  ];
}
