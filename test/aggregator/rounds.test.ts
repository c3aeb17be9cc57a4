import { expect, test } from 'vitest';
import { cellKey, type RoundCell, rounds } from '../../aggregator/fleet/rounds.ts';
import type { CheckRow } from '../../aggregator/store/rows.ts';

const check: CheckRow = {
  id: 'home/eu',
  name: 'home',
  target: '',
  region: 'eu',
  entry: null,
  kind: 'http',
  everyMs: 1_000,
  sinceMs: 0,
};

function gathering() {
  const gathered = rounds({
    expected: () => ({ results: 2, timeoutMs: 1_000 }),
    vantages: () => [],
    onJudged: () => undefined,
  });
  return {
    ...gathered,
    add(agent: string, round: number, seq: number): void {
      const cell: RoundCell = {
        vantage: agent,
        region: 'eu',
        outcome: 'good',
        failedAt: null,
        checkId: check.id,
        agent,
        ledTo: 'eu',
        loopDelayMs: 0,
        placeMs: round * 1_000,
        slice: { checkId: check.id, vantage: agent, burst: '' },
        labels: [],
        origin: { boot: 0, seq, atMs: round * 1_000 },
      };
      gathered.gathered(check, round).cells.set(cellKey(check.id, agent), cell);
    },
  };
}

test('an agent whose clock is ahead does not have the last word for all others', () => {
  const all = gathering();
  for (const [seq, agent] of ['a', 'b'].entries()) all.add(agent, 1_050, seq);
  all.judge(1_000_500);
  for (const [seq, agent] of ['a', 'b'].entries()) all.add(agent, 1_000, seq);
  all.judge(1_000_500);
  expect(all.latest().map(({ round }) => round)).toEqual([1_000]);
});

test('the same round sent again and again has one cell of each agent, the last', () => {
  const all = gathering();
  for (let time = 1; time <= 100; time += 1) {
    for (const agent of ['a', 'b']) all.add(agent, 1_000, time);
    all.judge(1_000_500);
  }
  const [{ cells } = { cells: [] }] = all.latest();
  expect(cells.map(({ agent, origin }) => [agent, origin.seq])).toEqual([
    ['a', 100],
    ['b', 100],
  ]);
});
