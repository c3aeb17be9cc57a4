import fc from 'fast-check';
import { expect, test } from 'vitest';
import { federateProtobuf } from '../../../aggregator/federation/federate.ts';
import { parseSelector } from '../../../aggregator/federation/matchers.ts';
import { renderProtobuf } from '../../../aggregator/metrics/render-protobuf.ts';
import { seriesTable } from '../../../aggregator/metrics/series.ts';
import { bucketIndex, emptyHistogram, mergeInto, observe, upperBound } from '../../../aggregator/slices/histogram.ts';
import { systemClock } from '../../../contract/clock.ts';
import { type Fields, messages, numbers, readDelimited, signed, texts } from './read-protobuf.ts';
import { atMs, filled, labels, sampleCut, seconds, written } from './sample-cut.ts';

async function families(series = filled()): Promise<ReadonlyMap<string, Fields>> {
  const read = readDelimited(await written(renderProtobuf(sampleCut(series), systemClock())));
  return new Map(read.map((family) => [texts(family, 1)[0] ?? '', family]));
}

function histogramOf(family: Fields | undefined): Fields {
  const [histogram] = family === undefined ? [] : messages(family, 4).flatMap((metric) => messages(metric, 7));
  if (histogram === undefined) throw new Error('no histogram');
  return histogram;
}

/** Bucket index to its count. */
function bucketsOf(histogram: Fields, counts: readonly number[]): ReadonlyMap<number, number> {
  const buckets = new Map<number, number>();
  let index = 0;
  let at = 0;
  for (const span of messages(histogram, 12)) {
    index += signed(span, 1)[0] ?? 0;
    for (let n = 0; n < (numbers(span, 2)[0] ?? 0); n += 1) {
      buckets.set(index, counts[at] ?? 0);
      index += 1;
      at += 1;
    }
  }
  expect(at).toBe(counts.length);
  return buckets;
}

function absolute(deltas: readonly number[]): readonly number[] {
  let sum = 0;
  return deltas.map((delta) => {
    sum += delta;
    return sum;
  });
}

test('a histogram is given twice: classic buckets, and base-2 ones of schema 3 with the same counts', async () => {
  const family = (await families()).get('blackstart_probe_duration_seconds');
  const histogram = histogramOf(family);
  expect(numbers(family as Fields, 3)).toEqual([4]);
  expect(numbers(histogram, 1)).toEqual([5]);
  expect(signed(histogram, 5)).toEqual([3]);
  const wanted = new Map<number, number>();
  for (const value of seconds) wanted.set(bucketIndex(value), (wanted.get(bucketIndex(value)) ?? 0) + 1);
  expect(bucketsOf(histogram, absolute(signed(histogram, 13)))).toEqual(wanted);
  const classic = messages(histogram, 3);
  expect(classic.map((bucket) => numbers(bucket, 2)[0])).toContain(Number.POSITIVE_INFINITY);
  expect(numbers(classic.at(-1) as Fields, 1)).toEqual([5]);
});

test('buckets and counters carry the id of a result, and say since when they count', async () => {
  const all = await families();
  const histogram = histogramOf(all.get('blackstart_probe_duration_seconds'));
  const ids = messages(histogram, 3)
    .flatMap((bucket) => messages(bucket, 3))
    .flatMap((exemplar) => messages(exemplar, 1))
    .map((label) => [texts(label, 1)[0], texts(label, 2)[0]]);
  expect(ids).toContainEqual(['id', 'us-1/1700000000000-abc/5']);
  expect(messages(histogram, 15).map((stamp) => numbers(stamp, 1)[0])).toEqual([(atMs - 60_000) / 1_000]);
  const counters = messages(all.get('blackstart_probe_results_total') as Fields, 4);
  expect(counters.flatMap((metric) => messages(metric, 3)).map((counter) => counter.has(2))).toEqual([true]);
});

test('whatever is observed is in the bucket that holds it, and merging equals observing together', () => {
  const durations = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 60 });
  fc.assert(
    fc.property(durations, durations, (first, second) => {
      const [one, two, both] = [emptyHistogram(), emptyHistogram(), emptyHistogram()];
      for (const value of first) observe(one, value);
      for (const value of second) observe(two, value);
      for (const value of [...first, ...second]) observe(both, value);
      mergeInto(one, two);
      expect([...one.buckets].sort()).toEqual([...both.buckets].sort());
      expect([one.count, one.zero]).toEqual([both.count, both.zero]);
      for (const value of first.filter((seen) => seen > 2 ** -20)) {
        expect(upperBound(bucketIndex(value))).toBeGreaterThanOrEqual(value);
        expect(upperBound(bucketIndex(value) - 1)).toBeLessThan(value);
      }
    }),
  );
});

test('what is exposed has the buckets that slices have for the same durations', async () => {
  const durations = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(durations, async (values) => {
      const series = seriesTable();
      const whole = emptyHistogram();
      for (const value of values) {
        series.observe(series.slot('probeDuration', labels), value);
        observe(whole, value);
      }
      const histogram = histogramOf((await families(series)).get('blackstart_probe_duration_seconds'));
      expect(bucketsOf(histogram, absolute(signed(histogram, 13)))).toEqual(
        new Map([...whole.buckets].sort(([a], [b]) => a - b)),
      );
      expect([numbers(histogram, 1)[0], numbers(histogram, 7)[0]]).toEqual([whole.count, whole.zero]);
    }),
    { numRuns: 50 },
  );
});

test('what a region says keeps its type where it is whole, and is untyped where it is not', async () => {
  const all = await families();
  expect(numbers(all.get('agent_request_seconds') as Fields, 3)).toEqual([4]);
  expect(numbers(all.get('agent_torn_seconds_sum') as Fields, 3)).toEqual([3]);
  expect(all.has('blackstart_probe_duration_seconds_sum')).toBe(false);
});

test('federation gives a native histogram in numbers with fractions, at the time of the cut', async () => {
  const selectors = [parseSelector('blackstart_probe_duration_seconds')];
  const read = readDelimited(await written(federateProtobuf(sampleCut(), selectors, systemClock())));
  expect(read.map((family) => texts(family, 1)[0])).toEqual(['blackstart_probe_duration_seconds']);
  const [metric] = messages(read[0] as Fields, 4);
  expect(numbers(metric as Fields, 6)).toEqual([atMs]);
  const [histogram] = messages(metric as Fields, 7);
  expect(numbers(histogram as Fields, 4)).toEqual([5]);
  expect([...bucketsOf(histogram as Fields, numbers(histogram as Fields, 14)).values()].sort()).toEqual([1, 1, 1, 2]);
});
