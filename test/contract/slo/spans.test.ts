import { expect, test } from 'vitest';
import { lieOf, merged, widened } from '../../../contract/slo/spans.ts';

const span = (fromMs: number, toMs: number) => ({ fromMs, toMs });

test('spans that overlap or touch become one, in order, and empty ones go', () => {
  expect(merged([span(50, 60), span(0, 10), span(5, 20), span(20, 30), span(40, 40), span(51, 52)])).toEqual([
    span(0, 30),
    span(50, 60),
  ]);
});

test('a slice that is touched is covered', () => {
  expect(widened([span(12_001, 19_999), span(30_000, 40_000)], 10_000)).toEqual([
    span(10_000, 20_000),
    span(30_000, 40_000),
  ]);
});

test('a slice is covered, cut, or apart from all spans', () => {
  const spans = [span(0, 10), span(20, 30), span(100, 200)];
  expect(lieOf(spans, span(0, 10))).toBe('covers');
  expect(lieOf(spans, span(5, 10))).toBe('covers');
  expect(lieOf(spans, span(5, 15))).toBe('cuts');
  expect(lieOf(spans, span(10, 20))).toBe('apart');
  expect(lieOf(spans, span(15, 110))).toBe('cuts');
  expect(lieOf(spans, span(200, 300))).toBe('apart');
  expect(lieOf([], span(0, 1))).toBe('apart');
});
