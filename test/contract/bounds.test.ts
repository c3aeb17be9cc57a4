import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  around,
  contains,
  elapsed,
  exactly,
  hull,
  overlap,
  shifted,
  stretched,
  widthMs,
} from '../../contract/bounds.ts';

const moment = fc.double({ min: -1e6, max: 1e6, noNaN: true });
/** Bounds and a truth inside them. */
const known = fc
  .tuple(moment, fc.double({ min: 0, max: 1e3, noNaN: true }), fc.double({ min: 0, max: 1e3, noNaN: true }))
  .map(([truth, below, above]) => ({ truth, bounds: { lowerMs: truth - below, upperMs: truth + above } }));

test('what lies between two uncertain moments contains what truly lies between them', () => {
  fc.assert(
    fc.property(known, known, (start, end) => {
      const bounds = stretchedByRounding(elapsed(start.bounds, end.bounds));
      expect(contains(bounds, end.truth - start.truth)).toBe(true);
    }),
  );
});

test('a moment moved to another clock contains its true place there', () => {
  fc.assert(
    fc.property(known, known, (at, offset) => {
      expect(contains(stretchedByRounding(shifted(at.bounds, offset.bounds)), at.truth + offset.truth)).toBe(true);
    }),
  );
});

test('two bounds on one moment overlap around it', () => {
  fc.assert(
    fc.property(known, fc.double({ min: 0, max: 100, noNaN: true }), ({ truth, bounds }, errorMs) => {
      const both = overlap(bounds, around(truth, errorMs));
      expect(both === undefined || contains(both, truth)).toBe(true);
    }),
  );
});

test('bounds that contradict each other have no overlap, and a hull with both', () => {
  expect(overlap(exactly(1), exactly(2))).toBeUndefined();
  expect(hull(exactly(1), exactly(2))).toEqual({ lowerMs: 1, upperMs: 2 });
});

test('a length measured on a drifting clock is widened by its drift, on both sides', () => {
  expect(stretched({ lowerMs: 10_000, upperMs: 20_000 }, 200)).toEqual({ lowerMs: 9_996, upperMs: 20_004 });
  expect(widthMs(stretched(exactly(0)))).toBe(0);
});

function stretchedByRounding(bounds: { readonly lowerMs: number; readonly upperMs: number }) {
  return { lowerMs: bounds.lowerMs - 1e-6, upperMs: bounds.upperMs + 1e-6 };
}
