import { describe, expect, test } from 'vitest';
import type { ExplainedAnswer } from '../../contract/api.ts';
import { type Status, worst } from '../../contract/verdict.ts';
import { explainedTrouble, verdictsTrouble, verdictTrouble } from '../../contract/verdict-shape.ts';

const nowMs = 1_700_000_000_000;
const answer: ExplainedAnswer = {
  ...{ id: 'up', status: 'pass', because: 'all good', measured: 1, target: 0.9, n: 60, interval: [0.94, 1] },
  ...{ needed: null, missing: 0, at: nowMs, final: false },
  slices: [{ atMs: nowMs - 10_000, widthMs: 10_000, good: 60, bad: 0, missing: 0 }],
  window: { fromMs: nowMs - 600_000, toMs: nowMs },
  ...{ indicator: 'availability', newestMs: nowMs, everyMs: 10_000, doubt: null },
};
const without = (key: string): object => Object.fromEntries(Object.entries(answer).filter(([name]) => name !== key));

describe('a verdict', () => {
  test('has all that INTERFACES gives it, and may have more', () => {
    expect(explainedTrouble(answer, 'up')).toBeNull();
    expect(verdictTrouble({ ...answer, more: 'of it' })).toBeNull();
    const open = { ...answer, status: 'inconclusive', measured: null, n: 0, interval: null, needed: 36 };
    expect(explainedTrouble({ ...open, newestMs: null, everyMs: null, doubt: 'silence', slices: [] }, 'up')).toBeNull();
    // JSON has no infinity: above the last bucket there is no bound.
    expect(verdictTrouble({ ...answer, status: 'fail', interval: [100, null] })).toBeNull();
  });

  test('lacks none of it', () => {
    const lacking = Object.keys(answer).map((key) => [key, explainedTrouble(without(key), 'up')] as const);
    for (const [key, trouble] of lacking) expect(trouble, key).toMatch(new RegExp(`^${key}: got nothing, want `));
    expect(lacking).toHaveLength(17);
  });

  test('has nothing else in the place of it', () => {
    for (const key of Object.keys(answer))
      for (const value of [{}, [], 'x', true, -1e16]) {
        const fits =
          (value === 'x' && ['because', 'indicator', 'doubt'].includes(key)) ||
          (value === true && key === 'final') ||
          (value === -1e16 && ['measured', 'target'].includes(key)) ||
          (Array.isArray(value) && key === 'slices');
        expect(explainedTrouble({ ...answer, [key]: value }, 'up') === null, `${key} ${JSON.stringify(value)}`).toBe(
          fits,
        );
      }
  });

  test('is nothing but an object', () => {
    for (const value of [undefined, null, 1, 'pass', [], {}, [answer]]) {
      expect(verdictTrouble(value)).not.toBeNull();
      expect(explainedTrouble(value, 'up')).not.toBeNull();
      expect(verdictsTrouble(value)).not.toBeNull();
    }
    expect(verdictTrouble(null)).toBe('got null, want an object');
  });

  test('says in words what is wrong', () => {
    expect(verdictTrouble({ ...answer, status: 'degraded' })).toBe(
      'status: got "degraded", want pass, fail or inconclusive',
    );
    expect(explainedTrouble({ ...answer, window: { fromMs: 'x', toMs: nowMs } }, 'up')).toBe(
      'window.fromMs: got "x", want epoch milliseconds',
    );
    expect(explainedTrouble({ ...answer, slices: [null] }, 'up')).toBe('slices[0]: got null, want an object');
  });

  test('on another objective is not the one that was asked for', () => {
    expect(explainedTrouble(answer, 'down')).toBe('id: got "up", want down');
  });

  test('that passes was made of something', () => {
    for (const empty of [{ n: 0 }, { measured: null }, { interval: null }, { interval: [0.9, null] }])
      expect(verdictTrouble({ ...answer, ...empty }), JSON.stringify(empty)).toContain('a pass');
  });
});

test('a list of verdicts has each objective once, and nothing that is no verdict', () => {
  expect(verdictsTrouble({ verdicts: [] })).toBeNull();
  expect(verdictsTrouble({ verdicts: [answer, { ...answer, id: 'fast' }] })).toBeNull();
  expect(verdictsTrouble({ verdicts: [answer, { ...answer, status: 'fail' }] })).toBe(
    'verdicts: got "up", want each objective once',
  );
  expect(verdictsTrouble({ verdicts: [answer, without('at')] })).toBe(
    'verdicts[1].at: got nothing, want epoch milliseconds',
  );
});

test('the worst of several passes only where all of them do, and of none nothing is known', () => {
  expect(worst(['pass', 'pass'])).toBe('pass');
  expect(worst(['pass', 'inconclusive', 'fail'])).toBe('fail');
  expect(worst(['pass', 'inconclusive'])).toBe('inconclusive');
  expect(worst([])).toBe('inconclusive');
  expect(worst(['pass', 'degraded' as Status])).toBe('inconclusive');
  expect(worst([undefined as unknown as Status])).toBe('inconclusive');
});
