import { expect, test } from 'vitest';
import { samplesOf } from '../../../scenarios/criteria/exposition.ts';

const text = [
  '# HELP up Whether it is.',
  '# TYPE up gauge',
  'up 1',
  'up_total{a="x"} 2',
  'up{a="b}c\\"d\\\\e\\nf",b=""} 3.5e2 1700000000000',
  'up {c="d"} +Inf',
  '',
].join('\n');

test('samples of a family are read with their labels, and no other family is', () => {
  expect(samplesOf(text, 'up')).toEqual([
    { labels: {}, value: 1 },
    { labels: { a: 'b}c"d\\e\nf', b: '' }, value: 350 },
    { labels: { c: 'd' }, value: Number.POSITIVE_INFINITY },
  ]);
  expect(samplesOf(text, 'up_total')).toEqual([{ labels: { a: 'x' }, value: 2 }]);
  expect(samplesOf(text, 'down')).toEqual([]);
});
