import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NativeHistogram } from '../../../aggregator/metrics/layout.ts';
import { encodeMetadata, encoder } from '../../../aggregator/remote-write/encode.ts';
import { type Point, seriesOf, stale, staleBits } from '../../../aggregator/remote-write/point.ts';
import { compressSnappy } from '../../../aggregator/remote-write/snappy.ts';
import { schema, zeroThreshold } from '../../../aggregator/slices/histogram.ts';
import { seededRandom } from '../../../contract/random.ts';
import { uncompressSnappy } from '../../fakes/snappy.ts';
import { readRequest1, readRequest2 } from '../../fakes/write-request.ts';

const family = { name: 'b_seconds', type: 'gauge', help: 'Twice "said".' } as const;
const read = { 1: readRequest1, 2: readRequest2 } as const;

function runsOf(buckets: Readonly<Record<string, number>>): NativeHistogram['runs'] {
  const runs: { readonly first: number; readonly counts: number[] }[] = [];
  for (const [index, count] of Object.entries(buckets)
    .map(([at, of]) => [Number(at), of] as const)
    .sort(([a], [b]) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && last.first + last.counts.length === index) last.counts.push(count);
    else runs.push({ first: index, counts: [count] });
  }
  return runs;
}

function encoded(version: 1 | 2, points: readonly Point[]) {
  const one = encoder(version);
  for (const point of points) one.add(point);
  return read[version](Buffer.from(one.take()));
}

describe('snappy', () => {
  test('gives back whatever was compressed', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 2_000 }),
      fc
        .array(fc.constantFrom('{region="eu-west-1"}', 'blackstart_', 'x', '\u0000\u0001'), { maxLength: 9_000 })
        .map((all) => Buffer.from(all.join(''))),
      fc
        .tuple(fc.uint8Array({ maxLength: 90 }), fc.integer({ min: 0, max: 3_000 }))
        .map(([piece, times]) => Buffer.concat(Array.from({ length: times }, () => piece))),
    );
    fc.assert(
      fc.property(bytes, (source) => {
        expect(uncompressSnappy(compressSnappy(source)).equals(source)).toBe(true);
      }),
    );
  });

  test('really compresses what repeats, over several blocks, and hardly grows what does not', () => {
    const repeated = Buffer.from('agent_region_requests_total{region="eu-west-1"}'.repeat(5_000));
    const small = compressSnappy(repeated);
    expect(small.length).toBeLessThan(repeated.length / 15);
    expect(uncompressSnappy(small).equals(repeated)).toBe(true);
    const random = seededRandom(1);
    const noise = Buffer.from(Array.from({ length: 200_000 }, () => Math.floor(random() * 256)));
    expect(compressSnappy(noise).length).toBeLessThan(noise.length + 100);
    expect(uncompressSnappy(compressSnappy(noise)).equals(noise)).toBe(true);
  });
});

describe.each([1, 2] as const)('a request of remote write %s.0', (version) => {
  test('has the labels sorted, the empty ones left out, and the values and times as they were', () => {
    const labels = fc.uniqueArray(
      fc.tuple(fc.stringMatching(/^[a-z]{1,6}$/), fc.string({ unit: 'binary', maxLength: 40 })),
      { selector: ([name]) => name, maxLength: 8 },
    );
    const sample = fc.record({ labels, value: fc.double(), atMs: fc.integer({ min: 0, max: 4_102_444_800_000 }) });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 20 }), (samples) => {
        const points = samples.map(({ labels: all, value, atMs }) => ({
          series: seriesOf('m', all, family),
          value,
          atMs,
        }));
        const { points: found } = encoded(version, points);
        expect(found.map(({ value, atMs }) => [value, atMs])).toEqual(samples.map(({ value, atMs }) => [value, atMs]));
        for (const [index, { names, labels: all }] of found.entries()) {
          expect(names).toEqual([...names].sort());
          const given = (samples[index]?.labels ?? []).filter(([, value]) => value !== '');
          expect(all).toEqual({ __name__: 'm', ...Object.fromEntries(given) });
        }
      }),
    );
  });

  test('marks the end of a series with the NaN that Prometheus reserves for it', () => {
    const ends = [false, true].map(
      (native) => ({ series: seriesOf('m', [], family, native), atMs: 5, value: stale }) as const,
    );
    const [float, histogram] = encoded(version, ends).points;
    expect(float?.bits).toBe(staleBits);
    expect(histogram?.histogram?.sumBits).toBe(staleBits);
  });

  test('gives native histograms bucket by bucket, gaps and all', () => {
    const counts = fc.dictionary(
      fc.integer({ min: -160, max: 160 }).map(String),
      fc.integer({ min: 1, max: 2 ** 40 }),
      { maxKeys: 40 },
    );
    fc.assert(
      fc.property(counts, (buckets) => {
        const value: NativeHistogram = {
          count: Object.values(buckets).reduce((sum, count) => sum + count, 3),
          sum: 1.5,
          zeroCount: 3,
          runs: runsOf(buckets),
        };
        const [point] = encoded(version, [{ series: seriesOf('m', [], family, true), atMs: 7, value }]).points;
        expect(point?.atMs).toBe(7);
        expect(point?.histogram).toMatchObject({
          schema,
          count: value.count,
          sum: 1.5,
          zeroThreshold,
          zeroCount: 3,
        });
        expect(point?.histogram?.buckets).toEqual(buckets);
      }),
    );
  });
});

test('2.0 says of each series what it is, and each text once', () => {
  const points = ['eu', 'us'].map((region) => ({
    series: seriesOf('b_seconds', [['region', region]], family),
    atMs: 1,
    value: 1,
  }));
  const one = encoder(2);
  for (const point of points) one.add(point);
  const bytes = Buffer.from(one.take());
  expect(readRequest2(bytes).points.map(({ metadata }) => metadata)).toEqual(
    points.map(() => ({ type: 2, help: 'Twice "said".', unit: 'seconds' })),
  );
  expect(bytes.toString('latin1').split('b_seconds')).toHaveLength(2);
  expect(one.take()).toHaveLength(2);
});

test('1.0 says what its families are in a request of their own', () => {
  expect(readRequest1(Buffer.from(encodeMetadata([family])))).toEqual({
    points: [],
    families: [{ type: 2, name: 'b_seconds', help: 'Twice "said".', unit: 'seconds' }],
  });
});
