import { expect, test } from 'vitest';
import { seriesTable } from '../../../aggregator/metrics/series.ts';

function counted() {
  const series = seriesTable();
  const slot = series.slot('resultsMissing', ['home', 'us-east-1', 'dropped']);
  return { series, slot };
}

test('a cut that somebody still looks at is not written over by the next ones', () => {
  const { series, slot } = counted();
  const cuts = [1, 2, 3].map(() => {
    series.add(slot, 1);
    return series.cut();
  });
  expect(cuts.map(({ values }) => values[slot])).toEqual([1, 2, 3]);
});

test('one that was given back, also twice, serves one other at a time', () => {
  const { series, slot } = counted();
  const first = series.cut();
  first.release();
  series.add(slot, 1);
  const second = series.cut();
  expect(second.values.buffer).toBe(first.values.buffer);
  first.release();
  series.add(slot, 1);
  const third = series.cut();
  expect([second, third].map(({ values }) => values[slot])).toEqual([1, 2]);
});

test('one that has become too small is not used again', () => {
  const { series, slot } = counted();
  series.cut().release();
  const late = Array.from({ length: 50 }, (_, index) => series.slot('resultsMissing', ['home', `v${index}`, 'shed']));
  for (const one of late) series.add(one, 7);
  const { values } = series.cut();
  expect(late.map((one) => values[one])).toEqual(late.map(() => 7));
  expect(values[slot]).toBe(0);
});
