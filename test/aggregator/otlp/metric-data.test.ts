import type { DataPoint, ExponentialHistogram, Histogram, MetricData } from '@opentelemetry/sdk-metrics';
import { describe, expect, test } from 'vitest';
import { familiesOf } from '../../../aggregator/metrics/cut.ts';
import type { Family } from '../../../aggregator/metrics/exposition.ts';
import { nativeAt } from '../../../aggregator/metrics/layout.ts';
import { metricDataOf } from '../../../aggregator/otlp/metric-data.ts';
import { exponentialOf } from '../../../aggregator/otlp/points.ts';
import { upperBound } from '../../../aggregator/slices/histogram.ts';
import { instantClock } from '../../fakes/instant-clock.ts';
import { atMs, filled, given, sampleCut, seconds } from '../metrics/sample-cut.ts';

const clock = instantClock();
const types = { histogram: 0, exponential: 1, gauge: 2, sum: 3 };
const created = [(atMs - 60_000) / 1_000, 0];
const now = [atMs / 1_000, 0];

async function metricOf(
  name: string,
  families: readonly Family[] = given,
  histograms: 'exponential' | 'explicit' = 'exponential',
) {
  const all = await metricDataOf({ ...sampleCut(), families }, histograms, clock);
  const found = all.filter(({ descriptor }) => descriptor.name === name);
  expect(found.map(({ descriptor }) => descriptor.name)).toEqual([name]);
  return found[0] as MetricData;
}

function onlyPoint<T>(metric: MetricData): DataPoint<T> {
  expect(metric.dataPoints).toHaveLength(1);
  return metric.dataPoints[0] as DataPoint<T>;
}

describe('what we count', () => {
  test('a counter is a sum that only grows, since it came about', async () => {
    const metric = await metricOf('blackstart_probe_results_total');
    expect(metric).toMatchObject({ dataPointType: types.sum, isMonotonic: true, aggregationTemporality: 1 });
    expect(metric.descriptor).toMatchObject({ unit: '', description: expect.stringContaining('Attempts by outcome') });
    const point = onlyPoint<number>(metric);
    expect(point).toMatchObject({ value: 5, startTime: created, endTime: now });
    // A label without a value is one that is not there.
    expect(point.attributes).toEqual({
      target: 'agent-api',
      check: 'home',
      region: 'us-east-1',
      served_by: 'us-east-1',
      vantage: 'us',
      outcome: 'good',
    });
  });

  test('a histogram has the very counts of its base-2 buckets', async () => {
    const metric = await metricOf('blackstart_probe_duration_seconds');
    expect(metric).toMatchObject({ dataPointType: types.exponential, descriptor: { unit: 's' } });
    const { value, startTime } = onlyPoint<ExponentialHistogram>(metric);
    expect(startTime).toEqual(created);
    expect(value).toMatchObject({ scale: 3, zeroCount: 0, count: 5, sum: seconds.reduce((sum, one) => sum + one) });
    const { offset, bucketCounts } = value.positive;
    expect(bucketCounts.reduce((sum, one) => sum + one)).toBe(5);
    // Bucket i of a data point reaches from 2^(i/8) to 2^((i+1)/8).
    const within = seconds.map((one) =>
      bucketCounts.map((_count, at) => at + offset).find((i) => one <= 2 ** ((i + 1) / 8)),
    );
    for (const [index, bucket] of within.entries()) expect(2 ** ((bucket ?? 0) / 8)).toBeLessThan(seconds[index] ?? 0);
  });

  test('or, where that is asked for, in its classic buckets, each alone', async () => {
    const metric = await metricOf('blackstart_probe_duration_seconds', given, 'explicit');
    expect(metric).toMatchObject({ dataPointType: types.histogram, descriptor: { unit: 's' } });
    const { buckets, count } = onlyPoint<Histogram>(metric).value;
    expect(buckets.counts).toHaveLength(buckets.boundaries.length + 1);
    expect(buckets.counts.reduce((sum, one) => sum + one)).toBe(count);
    expect(buckets.counts[buckets.boundaries.indexOf(0.025)]).toBe(2);
    expect(buckets.counts.at(-1)).toBe(1);
  });

  test('a summary keeps its sum and its count', async () => {
    const metric = await metricOf('blackstart_probe_phase_seconds');
    expect(metric.dataPointType).toBe(types.histogram);
    const { count, sum, buckets } = onlyPoint<Histogram>(metric).value;
    expect({ count, sum, buckets }).toEqual({
      count: 5,
      sum: seconds.reduce((before, one) => before + one / 4, 0),
      buckets: { boundaries: [], counts: [5] },
    });
  });

  test('ends when its vantage is gone', async () => {
    const gone = { ...sampleCut(), goneVantages: new Set(['us']) };
    const names = (await metricDataOf(gone, 'exponential', clock)).map(({ descriptor }) => descriptor.name);
    expect(names).not.toContain('blackstart_probe_results_total');
    expect(names).toContain('blackstart_link_frames_total');
  });
});

describe('what others say', () => {
  test('keeps its own time, and nobody claims to know since when it counts', async () => {
    const metric = await metricOf('agent_region_requests_total');
    expect(metric).toMatchObject({ dataPointType: types.sum, isMonotonic: true });
    const point = onlyPoint<number>(metric);
    expect(point).toMatchObject({ value: 7, attributes: { region: 'eu' }, startTime: [0, 0] });
    expect(point.endTime).toEqual([(atMs - 1_000) / 1_000, 0]);
  });

  test('is a histogram in its own buckets, where it is whole', async () => {
    const { buckets, count, sum } = onlyPoint<Histogram>(await metricOf('agent_request_seconds')).value;
    expect({ buckets, count, sum }).toEqual({ buckets: { boundaries: [0.5], counts: [1, 1] }, count: 2, sum: 1.25 });
  });

  test('is a gauge where nobody knows its type', async () => {
    expect(await metricOf('agent_torn_seconds_sum')).toMatchObject({ dataPointType: types.gauge });
  });

  test('keeps its job and instance beside those of the resource', async () => {
    const labels = [
      ['job', 'shop'],
      ['instance', 'eu-1:80'],
      ['code', ''],
    ] as const;
    const up: Family = { name: 'up', help: '', type: 'gauge', samples: [{ name: 'up', labels, value: 1 }] };
    const { attributes } = onlyPoint<number>(await metricOf('up', [up]));
    expect(attributes).toEqual({ exported_job: 'shop', exported_instance: 'eu-1:80' });
  });
});

test('everything in an exposition is in a push', async () => {
  const cut = sampleCut();
  const pushed = (await metricDataOf(cut, 'exponential', clock)).map(({ descriptor }) => descriptor.name);
  expect(pushed).toEqual(familiesOf(cut).map(({ name }) => name));
});

test('units are written as OpenTelemetry writes them', async () => {
  const gauge = (name: string): Family => ({
    name,
    help: '',
    type: 'gauge',
    samples: [{ name, labels: [], value: 1 }],
  });
  const units = ['a_seconds', 'b_bytes', 'c_ratio', 'd'].map(gauge);
  const cut = { ...sampleCut(), families: units };
  const found = (await metricDataOf(cut, 'exponential', clock)).map(({ descriptor }) => [
    descriptor.name,
    descriptor.unit,
  ]);
  expect(Object.fromEntries(found)).toMatchObject({ a_seconds: 's', b_bytes: 'By', c_ratio: '1', d: '' });
});

test('buckets far apart have the empty ones between them, and durations of nothing are counted apart', () => {
  const series = filled();
  const slot = series.slot('probeDuration', ['t', 'c', 'r', 's', 'v']);
  for (const one of [0, 0.001, 0.001, 64]) series.observe(slot, one);
  const native = nativeAt(series.cut().values, slot);
  const { positive, zeroCount, count } = exponentialOf(native);
  expect({ zeroCount, count }).toEqual({ zeroCount: 1, count: 4 });
  const first = native.runs[0]?.first ?? 0;
  expect(positive.offset).toBe(first - 1);
  expect(upperBound(first)).toBeGreaterThanOrEqual(0.001);
  expect(positive.bucketCounts[0]).toBe(2);
  expect(positive.bucketCounts.at(-1)).toBe(1);
  expect(positive.offset + positive.bucketCounts.length).toBe(6 * 8);
});
