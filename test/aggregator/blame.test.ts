import { expect, test } from 'vitest';
import { type Cell, type Judgement, judgeRound, type VantageFacts } from '../../aggregator/quorum.ts';
import { type Random, seededRandom } from '../../contract/random.ts';
import type { Blame } from '../../contract/result.ts';
import { failureIn, type LabelledOutage } from '../fakes/labelled-outage.ts';

const vantages = ['v0', 'v1', 'v2', 'v3', 'v4'];
const regions = ['r0', 'r1', 'r2'];
const outagesOfEach = 10;
const roundsOfEach = 20;
/** Attempts that fail by themselves, anywhere. */
const strayRatio = 0.002;

function play(outage: LabelledOutage | null, random: Random): Judgement {
  const cells = vantages.flatMap((vantage) =>
    regions.map((region): Cell => {
      const failedAt = (outage && failureIn(outage, vantage, region)) ?? (random() < strayRatio ? 'answer' : null);
      return { vantage, region, outcome: failedAt === null ? 'good' : 'bad', failedAt };
    }),
  );
  const facts = vantages.map((vantage, index): VantageFacts => {
    // A target that is down fails everywhere, and so does a vantage that is cut off; references tell them apart elsewhere.
    const fails = outage?.kind === 'target' || (outage?.kind === 'vantage' && outage.vantage === vantage);
    return { vantage, region: `r${index}`, trouble: null, everythingFails: fails, resolverContradicts: false };
  });
  return judgeRound({ cells, vantages: facts, byName: false });
}

const kinds: readonly Blame[] = ['target', 'region', 'path', 'resolver', 'vantage'];

test.each(kinds)(
  'of ten outages (%s) with stray failures the blame is right in 95 % of rounds, and never an all-clear',
  (kind) => {
    const random = seededRandom(kinds.indexOf(kind) + 1);
    let right = 0;
    for (let index = 0; index < outagesOfEach; index += 1) {
      const outage = { kind, vantage: vantages[index % 5] ?? '', region: regions[index % 3] ?? '' };
      const blames = Array.from({ length: roundsOfEach }, () => play(outage, random).blame);
      expect(blames).not.toContain(null);
      right += blames.filter((blame) => blame === kind).length;
    }
    expect(right / (outagesOfEach * roundsOfEach)).toBeGreaterThanOrEqual(0.95);
  },
);

test('a vantage that is broken is left out, on record, and back when it is well', () => {
  const random = seededRandom(9);
  const broken = play({ kind: 'vantage', vantage: 'v2', region: '' }, random);
  expect(broken.excused).toEqual(['v2']);
  expect(broken.evidence.join()).toContain('v2');
  expect(play(null, random).excused).toEqual([]);
});

test('without an outage stray failures blame no target and no region', () => {
  const random = seededRandom(11);
  const blames = Array.from({ length: 2_000 }, () => play(null, random).blame);
  expect(blames).not.toContain('target');
  expect(blames).not.toContain('region');
  expect(blames.filter((blame) => blame === null).length).toBeGreaterThan(1_900);
});
