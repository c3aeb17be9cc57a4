/** A cut with some of everything, always the same. */
import type { Cut } from '../../../aggregator/metrics/cut.ts';
import type { Family } from '../../../aggregator/metrics/exposition.ts';
import { type SeriesTable, seriesTable } from '../../../aggregator/metrics/series.ts';

export const atMs = 1_700_000_000_000;
export const labels = ['agent-api', 'home', 'us-east-1', 'us-east-1', 'us'];
export const seconds = [0.02, 0.0201, 0.3, 1, 45];

export function filled(): SeriesTable {
  const series = seriesTable({ nowMs: () => atMs - 60_000 });
  const boot = series.bootOf('us-1', '1700000000000-abc');
  for (const [index, value] of seconds.entries()) {
    const origin = { boot, seq: index + 1, atMs: atMs - 5_000 + index };
    series.observe(series.slot('probeDuration', labels), value, origin);
    series.add(series.slot('probeResults', [...labels, 'good', '']), 1, origin);
    series.sum(series.slot('probePhase', [...labels, 'connect']), value / 4);
  }
  series.add(series.slot('linkFrames', ['with "quotes", a \\ and a\nline feed']), 3);
  return series;
}

/** What a region says of itself: a whole histogram, and one that is not. */
export const given: readonly Family[] = [
  {
    name: 'agent_request_seconds',
    help: 'Whole.',
    type: 'histogram',
    samples: [
      { name: 'agent_request_seconds_bucket', labels: [['le', '0.5']], value: 1, atMs: atMs - 1_000 },
      { name: 'agent_request_seconds_bucket', labels: [['le', '+Inf']], value: 2, atMs: atMs - 1_000 },
      { name: 'agent_request_seconds_sum', labels: [], value: 1.25, atMs: atMs - 1_000 },
      { name: 'agent_request_seconds_count', labels: [], value: 2, atMs: atMs - 1_000 },
    ],
  },
  {
    name: 'agent_torn_seconds',
    help: 'Torn.',
    type: 'histogram',
    samples: [{ name: 'agent_torn_seconds_sum', labels: [], value: 1.25, atMs: atMs - 1_000 }],
  },
  {
    name: 'agent_region_requests_total',
    help: 'Requests.',
    type: 'counter',
    samples: [{ name: 'agent_region_requests_total', labels: [['region', 'eu']], value: 7, atMs: atMs - 1_000 }],
  },
  // It would be the sum of a histogram of ours.
  {
    name: 'blackstart_probe_duration_seconds_sum',
    help: 'Somebody else.',
    type: 'gauge',
    samples: [{ name: 'blackstart_probe_duration_seconds_sum', labels: [], value: 1 }],
  },
];

export function sampleCut(series = filled()): Cut {
  return { atMs, series: series.cut(), goneVantages: new Set(), families: given };
}

export async function written(pieces: AsyncIterable<string | Uint8Array>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(Buffer.from(piece as Uint8Array));
  return Buffer.concat(all);
}
