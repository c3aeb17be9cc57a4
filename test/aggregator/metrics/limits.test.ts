import { expect, test } from 'vitest';
import { originBook } from '../../../aggregator/metrics/origins.ts';
import { type SeriesTable, seriesTable } from '../../../aggregator/metrics/series.ts';

const limits = { perMetric: 1_000, perVantage: 100, perCheck: 10 };
const of = (vantage: string, check: string, servedBy: string): readonly string[] => [
  'agent-api',
  check,
  'us-east-1',
  servedBy,
  vantage,
];

function shown(series: SeriesTable): readonly (readonly string[])[] {
  const family = series.cut().families.find(({ entry }) => entry.name === 'blackstart_probe_duration_seconds');
  return (family?.children ?? []).map((child) => child.labels.map(([, value]) => value));
}

test('a target that says a thousand names fills one overflow series of its own check', () => {
  const series = seriesTable({ limits });
  for (let name = 0; name < 1_000; name += 1) {
    series.observe(series.slot('probeDuration', of('us', 'home', `name-${name}`)), 0.1);
  }
  expect(shown(series)).toHaveLength(11);
  expect(shown(series).at(-1)).toEqual(['agent-api', 'home', '__overflow__', '__overflow__', 'us']);
  series.slot('probeDuration', of('us', 'entry', 'eu'));
  expect(shown(series).at(-1)).toEqual(of('us', 'entry', 'eu'));
});

test('a vantage with a thousand checks fills one overflow series of its own', () => {
  const series = seriesTable({ limits });
  for (let check = 0; check < 1_000; check += 1) series.slot('probeDuration', of('bomb', `check-${check}`, 'eu'));
  expect(shown(series)).toHaveLength(101);
  series.slot('probeDuration', of('us', 'home', 'eu'));
  expect(shown(series).at(-1)).toEqual(of('us', 'home', 'eu'));
});

test('no metric has more series than twice its limit', () => {
  const series = seriesTable({ limits });
  for (let vantage = 0; vantage < 5_000; vantage += 1) series.slot('probeDuration', of(`v-${vantage}`, 'home', 'eu'));
  expect(shown(series).length).toBeLessThanOrEqual(2_000);
});

test('a value that is too long overflows, and one that cannot be written is written otherwise, once', () => {
  const series = seriesTable({ limits });
  series.slot('probeDuration', of('us', 'home', 'x'.repeat(300)));
  expect(shown(series).at(-1)).toEqual(of('us', 'home', '__overflow__'));
  const [first, second] = ['\ud800', '\udfff'].map((half) => series.slot('probeDuration', of('us', 'home', half)));
  expect(first).toBe(second);
});

test('an exemplar names a result within 128 characters, as long as its boot is remembered', () => {
  const book = originBook(2);
  const boot = book.number('us-1', 'boot');
  expect(book.name({ boot, seq: 7 })).toBe('us-1/boot/7');
  expect(book.name({ boot: book.number('x'.repeat(120), 'boot'), seq: 7 })).toBeUndefined();
  book.number('us-3', 'boot');
  expect(book.name({ boot, seq: 7 })).toBeUndefined();
});
