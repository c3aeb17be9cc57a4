import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byteWriter } from '../../../aggregator/metrics/bytes.ts';
import { formatValue, lineStart } from '../../../aggregator/metrics/exposition.ts';
import { labelText, lineShape, putLines } from '../../../aggregator/metrics/lines.ts';

test('a number is written as the engine writes it, whatever it is', () => {
  const numbers = fc.oneof(fc.double(), fc.integer(), fc.nat(), fc.constantFrom(-0, 9, 10, 999_999_999, 1_000_000_000));
  fc.assert(
    fc.property(numbers, (value) => {
      const out = byteWriter(4);
      out.number(value);
      expect(out.take().toString()).toBe(formatValue(value));
    }),
  );
});

test('the lines of a label set are those that are written one by one, however little room there is at first', () => {
  const labels = fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.string({ unit: 'grapheme', maxLength: 20 })), {
    maxLength: 2,
  });
  fc.assert(
    fc.property(labels, (own) => {
      const bounds = ['0.5', '+Inf', null];
      const out = byteWriter(1);
      const shapes = bounds.map((bound) => lineShape('m', bound));
      putLines(out, labelText(own), { shapes, values: [1, 2.5, 3] }, Buffer.from('\n'));
      const starts = bounds.map((bound) => lineStart('m', bound === null ? own : [...own, ['le', bound]]));
      expect(out.take().toString()).toBe(`${starts[0]}1\n${starts[1]}2.5\n${starts[2]}3\n`);
    }),
  );
});
