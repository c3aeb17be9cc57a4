import { expect, test } from 'vitest';
import { assignmentOf } from '../../scenarios/compile.ts';
import { parseScenario } from '../../scenarios/define.ts';
import { broken, mistakesOf } from './sound.ts';

test('a check says how many vantages have to agree, or a majority has to', () => {
  const { checks } = assignmentOf(parseScenario(broken(['checks', 0, 'quorum'], 2)), 1);
  expect(checks.find(({ id }) => id === 'home/us-east-1')?.quorum).toBe(2);
  expect(checks.find(({ name }) => name === 'write')).not.toHaveProperty('quorum');
});

test.each([
  [3, 'checks[0].quorum: got 3, want a number of vantages, from 1 to 2'],
  [0, 'checks[0].quorum: got 0, want a number of vantages, from 1 to 2'],
  [1.5, 'checks[0].quorum: got 1.5, want a whole number from 1 to 2, the vantages that make it'],
])('%d vantages cannot agree', (quorum, said) => {
  expect(mistakesOf(broken(['checks', 0, 'quorum'], quorum))).toEqual([said]);
});

test('more than make the check cannot agree either', () => {
  const source = broken(['checks', 0, 'quorum'], 2);
  (source['checks'] as Record<string, unknown>[])[0] = {
    name: 'home',
    kind: 'http',
    to: 'regions',
    every: '10s',
    from: 'us-east-1',
    quorum: 2,
  };
  expect(mistakesOf(source)).toEqual([
    'checks[0].quorum: got 2, want a whole number from 1 to 1, the vantages that make it',
  ]);
});
