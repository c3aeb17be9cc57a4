/**
 * A cut as OpenTelemetry has metrics: names as they are everywhere else, units by its conventions, data points whose start
 * is when they began to count. As its compatibility specification for Prometheus says it.
 */
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { type Clock, sleep } from '../../contract/clock.ts';
import { type Cut, type CutFamily, familiesOf } from '../metrics/cut.ts';
import { unitOf } from '../metrics/exposition.ts';
import { type At, childPoints, groupPoints, isExponential, valuePoints } from './points.ts';

export type Histograms = 'exponential' | 'explicit';

/** Data points between two turns of the event loop: about two milliseconds' worth. */
const pointsPerTurn = 1_000;

/** The numbers of OpenTelemetry's SDK for what its types call by name: the SDK itself is loaded only where it is used. */
const pointTypes = { histogram: 0, exponential: 1, gauge: 2, sum: 3 } as const;
const cumulative = 1;
const double = 1;

const units: Readonly<Record<string, string>> = { seconds: 's', bytes: 'By', ratio: '1' };

export async function metricDataOf(cut: Cut, histograms: Histograms, clock: Clock): Promise<MetricData[]> {
  const all: MetricData[] = [];
  for (const family of familiesOf(cut)) {
    const points: unknown[] = [];
    const made = pointsOf(family, { cut, histograms });
    for (const point of made.points) {
      points.push(point);
      if (points.length % pointsPerTurn === 0) await sleep(clock, 0);
    }
    if (points.length > 0) all.push(metric(family, made.type, points));
  }
  return all;
}

type Made = { readonly type: keyof typeof pointTypes; readonly points: Iterable<unknown> };

/** Ours and those that others gave, of one type: classic buckets where a family has both. */
function pointsOf(family: CutFamily, at: At): Made {
  switch (family.type) {
    case 'counter':
      return { type: 'sum', points: both(childPoints(family, at), valuePoints(family, at)) };
    case 'gauge':
    case 'untyped':
      return { type: 'gauge', points: both(childPoints(family, at), valuePoints(family, at)) };
    case 'histogram':
    case 'summary':
      return {
        type: isExponential(family, at) ? 'exponential' : 'histogram',
        points: both(childPoints(family, at), groupPoints(family, at)),
      };
  }
}

function* both(own: Iterable<unknown>, others: Iterable<unknown>): Generator<unknown, void, undefined> {
  yield* own;
  yield* others;
}

function metric({ name, help }: CutFamily, type: keyof typeof pointTypes, points: readonly unknown[]): MetricData {
  const unit = unitOf(name.replace(/_total$/, '')) ?? '';
  return {
    descriptor: { name, description: help, unit: units[unit] ?? '', valueType: double },
    aggregationTemporality: cumulative,
    dataPointType: pointTypes[type],
    dataPoints: points,
    ...(type === 'sum' ? { isMonotonic: true } : {}),
  } as MetricData;
}
