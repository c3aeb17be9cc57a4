import { expect, test } from 'vitest';
import { fleet } from '../../aggregator/fleet/answers.ts';
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

const well = { trouble: null, everythingFails: false, resolverContradicts: false };

function gathering(regions: readonly string[] = []) {
  const gathered = rounds({
    expected: () => ({ results: 2, timeoutMs: 1_000 }),
    asked: () => regions.map((region) => ({ region, vantages: null })),
    vantages: () =>
      regions.length === 0 ? [] : ['a', 'b', 'c'].map((vantage) => ({ vantage, region: vantage, ...well })),
    onJudged: () => undefined,
  });
  return {
    ...gathered,
    add(agent: string, round: number, seq: number, outcome: 'good' | 'bad' = 'good', region = 'eu'): void {
      const cell: RoundCell = {
        vantage: agent,
        region,
        outcome,
        failedAt: outcome === 'good' ? null : 'connect',
        checkId: `home/${region}`,
        agent,
        ledTo: region,
        loopDelayMs: 0,
        placeMs: round * 1_000,
        slice: { checkId: `home/${region}`, vantage: agent, burst: '' },
        labels: [],
        origin: { boot: 0, seq, atMs: round * 1_000 },
      };
      gathered.gathered(check, round).cells.set(cellKey(cell.checkId, agent), cell);
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

test('a round is presented as it was only as long as no later one is overdue', () => {
  const all = gathering();
  for (const [seq, agent] of ['a', 'b'].entries()) all.add(agent, 1_000, seq);
  all.judge(1_000_500);
  const assigned = (): [] => [];
  const parts = { roster: { agents: new Map() }, slices: {}, settling: { assigned } };
  const { quorum } = fleet({ ...parts, rounds: all } as never);
  // Its own interval, three more, its time-out, and the way.
  const currentToMs = 1_004_000 + 1_000 + 5_000;
  expect(quorum(currentToMs).checks).toMatchObject([{ check: 'home', round: 1_000, blame: null, evidence: [] }]);
  expect(quorum(currentToMs + 60_000).checks).toMatchObject([
    {
      round: 1_000,
      matrix: { a: { eu: 'good' } },
      blame: 'inconclusive',
      evidence: ['no later round was judged, and one should have been for 60.00 s'],
    },
  ]);
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

test('a failure of which nothing more is heard is no all-clear, for three rounds, or until it is heard', () => {
  const all = gathering();
  const judgedAt = (round: number) => {
    all.judge((round + 3) * 1_000 + 1_000);
    return all.latest()[0]?.judgement;
  };
  all.add('a', 1_000, 1, 'bad');
  all.add('b', 1_000, 1);
  expect(judgedAt(1_000)?.blame).not.toBeNull();
  for (const round of [1_001, 1_002, 1_003]) {
    all.add('b', round, 1);
    expect(judgedAt(round)).toMatchObject({
      blame: 'inconclusive',
      evidence: ['a to eu: bad before, and no result since'],
    });
  }
  all.add('b', 1_004, 1);
  expect(judgedAt(1_004)?.blame).toBeNull();
  all.add('a', 1_005, 1, 'bad');
  judgedAt(1_005);
  all.add('b', 1_006, 1);
  expect(judgedAt(1_006)?.blame).toBe('inconclusive');
  // What came late for that round is heard.
  all.add('a', 1_006, 2);
  expect(judgedAt(1_006)?.blame).toBeNull();
});

test('the outage of a region is not forgotten because nothing is heard of it: not before enough find it well', () => {
  const all = gathering(['us', 'eu']);
  const judgedAt = (round: number) => {
    all.judge((round + 3) * 1_000 + 1_000);
    return all.latest()[0]?.judgement;
  };
  const agents = ['a', 'b', 'c'];
  const play = (round: number, eu: { readonly [agent: string]: 'good' | 'bad' }) => {
    for (const agent of agents) {
      all.add(agent, round, 1, 'good', 'us');
      const outcome = eu[agent];
      if (outcome !== undefined) all.add(agent, round, 2, outcome);
    }
    return judgedAt(round);
  };
  expect(play(1_000, { a: 'bad', b: 'bad', c: 'bad' })?.blame).toBe('region');
  for (let round = 1_001; round <= 1_020; round += 1) {
    expect(play(round, {})).toMatchObject({
      blame: 'inconclusive',
      evidence: [
        'eu: heard from 0 of 3 healthy vantages, want 2',
        'a to eu: bad before, and no result since',
        'b to eu: bad before, and no result since',
        'c to eu: bad before, and no result since',
      ],
    });
  }
  expect(play(1_021, { a: 'good' })).toMatchObject({ blame: 'inconclusive', unheard: ['eu'] });
  // Enough are heard, and what the third saw is as long ago as to say nothing.
  expect(play(1_022, { a: 'good', b: 'good' })?.blame).toBeNull();
});
