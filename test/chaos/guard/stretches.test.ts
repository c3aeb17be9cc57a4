import { expect, test } from 'vitest';
import { stretchesOf } from '../../../chaos/guard/stretches.ts';
import type { StoredResult } from '../../../contract/api.ts';
import { attempts } from '../../fakes/drill-facts.ts';

const everyMs = 100;

/** One vantage's attempts every 100 ms: `X` good, `.` bad, `?` missing, a space for one that has no result yet. */
function at(vantage: string, marks: string): readonly StoredResult[] {
  return [...marks].flatMap((mark, index) => (mark === ' ' ? [] : attempts(index * everyMs, mark, { vantage })));
}
function wellIn(...results: readonly (readonly StoredResult[])[]): readonly boolean[] {
  return stretchesOf(results.flat(), everyMs).map(({ well }) => well);
}

test('a burst is judged by its whole stretches, the newest first', () => {
  expect(wellIn(at('a', '.....XXXXXX'))).toEqual([true, false]);
  expect(wellIn(at('a', 'XXXXX.....X'))).toEqual([false, true]);
  expect(wellIn([])).toEqual([]);
});

test('a stray failure does not make a round sick', () => {
  expect(wellIn(at('a', 'XX.XX.XXXXX'))).toEqual([true, true]);
});

test('most vantages have to be well', () => {
  expect(wellIn(at('a', 'XXXXXX'), at('b', 'XXXXXX'), at('c', '......'))).toEqual([true]);
  expect(wellIn(at('a', 'XXXXXX'), at('b', '......'), at('c', '......'))).toEqual([false]);
});

test('attempts that hang do not leave the quick ones as the whole truth', () => {
  expect(wellIn(at('a', 'X    XXXXXX'))).toEqual([true, false]);
  expect(wellIn(at('a', 'XXXXXX'), at('b', 'X    X'), at('c', ' X   X'))).toEqual([false]);
});

test('a vantage whose own samples are bad says nothing for or against', () => {
  expect(wellIn(at('a', 'XXXXXX'), at('b', '??????'), at('c', '??????'))).toEqual([true]);
  expect(wellIn(at('a', '??????'))).toEqual([false]);
  expect(stretchesOf(at('a', 'X.?XXX'), everyMs)).toEqual([{ well: true, good: 3, bad: 1, missing: 1 }]);
});
