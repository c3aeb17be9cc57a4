import { expect, test } from 'vitest';
import { Trouble, type TroubleKind } from '../../chaos/trouble.ts';
import { exitOfStatus, failureOf, worstExit } from '../../cli/exit.ts';
import { Interrupted } from '../../cli/interrupt.ts';
import { Unreachable } from '../../contract/failure.ts';
import { Mistakes } from '../../contract/mistake.ts';

test('of several exit codes the first in 5, 1, 3, 4, 0 counts', () => {
  const table: readonly (readonly [readonly number[], number])[] = [
    [[], 0],
    [[0, 0], 0],
    [[0, 4], 4],
    [[4, 3, 0], 3],
    [[3, 1, 4], 1],
    [[0, 1, 3, 4, 5], 5],
    [[1, 5], 5],
  ];
  for (const [codes, worst] of table) expect(worstExit(codes), codes.join(' ')).toBe(worst);
});

test('a bug or an interruption comes before any verdict', () => {
  expect(worstExit([5, 70, 0])).toBe(70);
  expect(worstExit([1, 130])).toBe(130);
});

test('a verdict is 0, 1 or 3', () => {
  expect([exitOfStatus('pass'), exitOfStatus('fail'), exitOfStatus('inconclusive')]).toEqual([0, 1, 3]);
});

test('each kind of trouble has its code and keeps its one sentence', () => {
  const table: Readonly<Record<TroubleKind, number>> = {
    'wrong-input': 2,
    missing: 2,
    forbidden: 4,
    unreachable: 3,
    taken: 4,
    rejected: 3,
  };
  for (const [kind, code] of Object.entries(table)) {
    const trouble = new Trouble(kind as TroubleKind, 'no: because', { cause: new Error('because') });
    expect(failureOf(trouble)).toEqual({ text: 'no: because', code });
  }
});

test('mistakes are printed one a line and exit 2', () => {
  const mistakes = new Mistakes([
    { place: '--seed', got: '"x"', want: 'a number' },
    { place: 'a.yaml:3:4 drills', got: 'nothing', want: 'a list' },
  ]);
  expect(failureOf(mistakes)).toEqual({
    text: '--seed: got "x", want a number\na.yaml:3:4 drills: got nothing, want a list',
    code: 2,
  });
});

test('what cannot be reached says why and exits 3', () => {
  const error = new Unreachable('http://a did not answer', { cause: new Error('connect ECONNREFUSED') });
  expect(failureOf(error)).toEqual({ text: 'http://a did not answer: connect ECONNREFUSED', code: 3 });
});

test('Ctrl-C before there was anything to put back exits 130', () => {
  expect(failureOf(new Interrupted('SIGINT'))).toEqual({ text: 'interrupted by SIGINT', code: 130 });
});

test('a folder that cannot be used is the writer’s mistake; any other error is ours', () => {
  const denied = Object.assign(new Error('EACCES'), { code: 'EACCES', syscall: 'mkdir', path: '/root/x' });
  expect(failureOf(denied)).toEqual({ text: '/root/x cannot be used: this user may not (mkdir: EACCES)', code: 2 });
  expect(failureOf(new TypeError('x is undefined'))).toBeUndefined();
  expect(failureOf('thrown text')).toBeUndefined();
});
