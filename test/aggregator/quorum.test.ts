import { expect, test } from 'vitest';
import { type Cell, judgeRound, type VantageFacts } from '../../aggregator/quorum.ts';
import { type Random, seededRandom } from '../../contract/random.ts';
import type { FailedAt, Outcome } from '../../contract/result.ts';

const regions = ['us', 'eu', 'ap'] as const;

function vantages(over: { readonly [vantage: string]: Partial<VantageFacts> } = {}): readonly VantageFacts[] {
  return regions.map((region) => ({
    vantage: region,
    region,
    trouble: null,
    everythingFails: false,
    resolverContradicts: false,
    ...over[region],
  }));
}

/** A full matrix of good cells, but for those named `vantage>region`. */
function matrix(bad: readonly string[], failedAt: FailedAt = 'connect'): readonly Cell[] {
  return regions.flatMap((vantage) =>
    regions.map((region): Cell => {
      const fails = bad.includes(`${vantage}>${region}`);
      return { vantage, region, outcome: fails ? 'bad' : 'good', failedAt: fails ? failedAt : null };
    }),
  );
}

const asked = regions.map((region) => ({ region, vantages: null }));
const judge = (cells: readonly Cell[], facts = vantages(), byName = false) =>
  judgeRound({ cells, asked: byName ? [{ region: 'entry', vantages: null }] : asked, vantages: facts, byName });

test('a round in which all is well blames nobody', () => {
  expect(judge(matrix([]))).toEqual({ blame: null, evidence: [], excused: [], k: 2, n: 3, unheard: [] });
});

test('a region that most vantages cannot reach is to blame', () => {
  const { blame, evidence } = judge(matrix(['us>eu', 'ap>eu', 'eu>eu']));
  expect(blame).toBe('region');
  expect(evidence[0]).toBe('eu: bad from 3 of 3 vantages (us, eu, ap)');
});

test('all regions at once are the target', () => {
  expect(judge(matrix(regions.flatMap((vantage) => regions.map((region) => `${vantage}>${region}`)))).blame).toBe(
    'target',
  );
});

test('one vantage that cannot reach one region, which others reach, is a path', () => {
  expect(judge(matrix(['us>eu'])).blame).toBe('path');
});

test('a vantage whose everything fails while others are well is excused', () => {
  const cells = matrix(['us>us', 'us>eu', 'us>ap']);
  const { blame, excused } = judge(cells, vantages({ us: { everythingFails: true } }));
  expect(blame).toBe('vantage');
  expect(excused).toEqual(['us']);
});

test('a vantage with a saturated event loop is excused, and does not vote', () => {
  const facts = vantages({ us: { trouble: 'its event loop stood still for 900 ms' } });
  const { blame, excused, evidence } = judge(matrix(['us>eu']), facts);
  expect(blame).toBe('vantage');
  expect(excused).toEqual(['us']);
  expect(evidence[0]).toContain('900 ms');
});

test('a broken vantage does not hide an outage', () => {
  const facts = vantages({ us: { trouble: 'its clock is only known to 5000 ms' } });
  expect(judge(matrix(['us>us', 'eu>ap', 'ap>ap']), facts).blame).toBe('region');
});

test('names that one vantage alone cannot resolve are its resolver', () => {
  expect(judge(matrix(['us>us', 'us>eu', 'us>ap'], 'resolve')).blame).toBe('resolver');
});

test('names that nobody can resolve are the target', () => {
  expect(judge(matrix(['us>us', 'eu>us', 'ap>us'], 'resolve')).blame).toBe('target');
});

test('a resolver that contradicts the authorities is to blame', () => {
  const cells = matrix(['us>eu'], 'answer');
  expect(judge(cells, vantages({ us: { resolverContradicts: true } })).blame).toBe('resolver');
});

test('an entry name that most vantages see fail is the target', () => {
  const cells = regions.map((vantage): Cell => {
    const fails = vantage !== 'ap';
    return { vantage, region: 'entry', outcome: fails ? 'bad' : 'good', failedAt: fails ? 'answer' : null };
  });
  expect(judge(cells, vantages(), true).blame).toBe('target');
});

test('a tie is inconclusive, never an all-clear', () => {
  const four = [...vantages(), { ...vantages()[0], vantage: 'us-2' } as VantageFacts];
  const cells = four.map(({ vantage }, index): Cell => {
    const outcome: Outcome = index < 2 ? 'bad' : 'good';
    return { vantage, region: 'eu', outcome, failedAt: outcome === 'bad' ? 'answer' : null };
  });
  expect(judge(cells, four).blame).toBe('inconclusive');
});

test('with fewer than two healthy vantages of several, nothing is blamed', () => {
  const facts = vantages({ us: { trouble: 'broken' }, eu: { trouble: 'broken' } });
  expect(judge(matrix(['ap>eu']), facts).blame).toBe('inconclusive');
});

test('a single vantage may blame a region, and says that it is alone', () => {
  const only = vantages().slice(0, 1);
  const { blame, evidence } = judge(matrix(['us>eu']).slice(0, 3), only);
  expect(blame).toBe('region');
  expect(evidence).toContain('seen from this vantage only');
});

test('k is a majority of the healthy vantages, or what the scenario says', () => {
  const half = matrix(['us>eu']);
  const own = { cells: matrix(['us>eu', 'eu>eu']), vantages: vantages(), byName: false };
  expect(judgeRound({ ...own, quorum: 2 })).toMatchObject({ blame: 'region', k: 2, n: 3 });
  expect(judgeRound({ ...own, quorum: 3 })).toMatchObject({ blame: 'inconclusive', k: 3, n: 3 });
  const broken = vantages({ ap: { trouble: 'its event loop stood still for 900 ms' } });
  expect(judge(half, broken)).toMatchObject({ k: 2, n: 2, excused: ['ap'] });
});

test('a vantage from which no name resolves at all is left out, and its resolver is named', () => {
  const cells = matrix(['us>us', 'us>eu', 'us>ap'], 'resolve');
  const found = judge(cells, vantages({ us: { everythingFails: true, resolvesNothing: true } }));
  expect(found).toMatchObject({ blame: 'resolver', excused: ['us'] });
  expect(found.evidence[0]).toContain('its resolver fails');
});

test('references tell a vantage that is alone and broken from a target that is', () => {
  const cells = matrix(['us>us', 'us>eu', 'us>ap']).slice(0, 3);
  const alone = (over: Partial<VantageFacts>) => judge(cells, vantages({ us: over }).slice(0, 1));
  expect(alone({ everythingFails: true, referencesFail: true })).toMatchObject({ blame: 'vantage', excused: ['us'] });
  expect(alone({ everythingFails: true }).blame).toBe('target');
});

test('missing results blame nobody, and are no all-clear: that takes as many as a blame does', () => {
  const missing = (...from: readonly string[]) =>
    matrix([]).map((cell): Cell => (from.includes(cell.vantage) ? { ...cell, outcome: 'missing' } : cell));
  expect(judge(missing('us', 'eu', 'ap'))).toEqual({
    blame: 'inconclusive',
    evidence: ['heard from 0 of 3 healthy vantages, want 2'],
    excused: [],
    k: 2,
    n: 3,
    unheard: ['us', 'eu', 'ap'],
  });
  expect(judge([]).blame).toBe('inconclusive');
  expect(judge([], []).blame).toBe('inconclusive');
  expect(judge(missing('us', 'eu')).evidence).toEqual(['heard from 1 of 3 healthy vantages, want 2']);
  expect(judge(missing('us')).blame).toBeNull();
});

test('an all-clear takes that enough are heard of each region that was asked, and names those of which they are not', () => {
  const without = (...lost: readonly string[]) =>
    matrix([]).filter(({ vantage, region }) => !lost.includes(`${vantage}>${region}`));
  expect(judge(without('us>eu', 'eu>eu', 'ap>eu'))).toMatchObject({
    blame: 'inconclusive',
    evidence: ['eu: heard from 0 of 3 healthy vantages, want 2'],
    unheard: ['eu'],
  });
  expect(judge(without('us>eu', 'eu>eu', 'ap>us', 'us>us')).evidence).toEqual([
    'us: heard from 1 of 3 healthy vantages, want 2',
    'eu: heard from 1 of 3 healthy vantages, want 2',
  ]);
  expect(judge(without('us>eu', 'eu>us', 'ap>ap'))).toMatchObject({ blame: null, unheard: [] });
  const two = { cells: without('us>eu', 'eu>eu'), asked, vantages: vantages(), byName: false };
  expect(judgeRound({ ...two, quorum: 1 }).blame).toBeNull();
  // Only those are waited for that make the check.
  const [us, eu] = asked;
  const own = [us, { ...eu, vantages: ['ap'] }] as typeof asked;
  expect(judgeRound({ ...two, asked: own }).blame).toBeNull();
  expect(judgeRound({ ...two, asked: own, cells: without('us>eu', 'eu>eu', 'ap>eu') }).evidence).toEqual([
    'eu: heard from 0 of 1 healthy vantages, want 1',
  ]);
});

test('a vantage is named as broken though a result of another was lost, but not where nothing is known of a region', () => {
  const facts = vantages({ us: { trouble: 'its event loop stood still for 900 ms' } });
  const without = (...lost: readonly string[]) =>
    matrix([]).filter(({ vantage, region }) => !lost.includes(`${vantage}>${region}`));
  expect(judge(without('eu>ap'), facts)).toMatchObject({ blame: 'vantage', unheard: ['ap'] });
  const silent = judge(without('eu>ap', 'ap>ap'), facts);
  expect(silent).toMatchObject({ blame: 'inconclusive', excused: ['us'] });
  expect(silent.evidence.at(-1)).toBe('ap: heard from 0 of 2 healthy vantages, want 2');
});

test('a name that does not resolve here is the resolver where others resolve it, not where they are silent', () => {
  const here = matrix(['us>us', 'us>eu', 'us>ap'], 'resolve');
  expect(judge(here).blame).toBe('resolver');
  const others = here.map((cell): Cell => (cell.vantage === 'us' ? cell : { ...cell, outcome: 'missing' }));
  expect(judge(others).blame).toBe('inconclusive');
});

type Outage = {
  readonly want: string;
  readonly cells: (random: Random) => readonly Cell[];
  readonly facts: readonly VantageFacts[];
};
const all = regions.flatMap((vantage) => regions.map((region) => `${vantage}>${region}`));
const outages: readonly Outage[] = [
  { want: 'region', cells: () => matrix(['us>eu', 'eu>eu', 'ap>eu']), facts: vantages() },
  {
    want: 'target',
    cells: () => matrix(all),
    facts: vantages({ us: { everythingFails: true }, eu: { everythingFails: true }, ap: { everythingFails: true } }),
  },
  { want: 'path', cells: (random) => matrix([pick(random, ['us>eu', 'us>ap', 'ap>us', 'eu>us'])]), facts: vantages() },
  { want: 'resolver', cells: () => matrix(['ap>us', 'ap>eu', 'ap>ap'], 'resolve'), facts: vantages() },
  {
    want: 'vantage',
    cells: () => matrix(['ap>us', 'ap>eu', 'ap>ap']),
    facts: vantages({ ap: { everythingFails: true } }),
  },
];

test.each(outages)(
  'ten labelled outages that are the fault of the $want, one result of each missing, are blamed rightly',
  (outage) => {
    const random = seededRandom(7);
    for (let run = 0; run < 10; run += 1) {
      const cells = outage.cells(random);
      const good = cells.filter((cell) => cell.outcome === 'good');
      const lost = good[Math.floor(random() * good.length)];
      const seen = cells.filter((cell) => cell !== lost || outage.want === 'path');
      expect(judge(seen, outage.facts).blame).toBe(outage.want);
    }
  },
);

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}
