/**
 * Labelled outages in simulated time, through what gathers rounds and what knows vantages: attempts at their own phases,
 * stray failures, results that are lost. Nobody tells the judge that a vantage fails everywhere.
 */
import { expect, test } from 'vitest';
import { health } from '../../aggregator/fleet/health.ts';
import { vantageRecord } from '../../aggregator/fleet/record.ts';
import { referencesName, withReferences } from '../../aggregator/fleet/references.ts';
import { cellKey, type JudgedRound, rounds } from '../../aggregator/fleet/rounds.ts';
import type { VantageFacts } from '../../aggregator/quorum.ts';
import type { Check } from '../../contract/check.ts';
import { type Random, seededRandom } from '../../contract/random.ts';
import type { Blame, FailedAt } from '../../contract/result.ts';
import { failureIn, type LabelledOutage } from '../fakes/labelled-outage.ts';
import { httpCheck } from './harness.ts';

const vantages = ['v0', 'v1', 'v2', 'v3', 'v4'];
const regions = ['r0', 'r1', 'r2'];
const everyMs = 10_000;
const startRound = 100;
const roundCount = 90;
const checks: readonly Check[] = withReferences({
  version: 1,
  checks: [...regions.map((region) => httpCheck('home', region, everyMs)), httpCheck('entry', null, everyMs)],
  regions: {},
  references: ['https://status.example', 'https://other.example'],
}).checks;

type Outage = LabelledOutage & { readonly fromMs: number; readonly toMs: number };

/** References have nothing to do with the target. */
function failure(outage: Outage, from: string, { name, region }: Check): FailedAt | null {
  return outage.kind === 'target' && name === referencesName ? null : failureIn(outage, from, region);
}

/** Ninety rounds with an outage in the middle; what was judged of `home`, and who was left out. */
function played(outage: Outage | null, random: Random, strayRatio = 0.002, lostRatio = 0.01) {
  let nowMs = startRound * everyMs;
  const known = health(() => checks);
  const judged: JudgedRound[] = [];
  const record = vantageRecord();
  const factsOf = (vantage: string, index: number): VantageFacts => ({
    region: `r${index}`,
    trouble: null,
    ...known.facts(vantage, nowMs),
  });
  const all = rounds({
    expected: (name) => ({
      results: vantages.length * checks.filter((check) => check.name === name).length,
      timeoutMs: 1_000,
    }),
    asked: (name) =>
      checks.flatMap(({ id, ...check }) =>
        check.name === name ? [{ region: check.region ?? id, vantages: null }] : [],
      ),
    vantages: () => vantages.map(factsOf),
    onJudged(round, isNewest) {
      if (round.check === 'home') judged.push(round);
      if (isNewest) record.note(round.check, round.judgement, nowMs);
    },
  });
  const attempts = vantages.flatMap((vantage) =>
    checks.map((check) => ({ vantage, check, phaseMs: Math.floor(random() * everyMs) })),
  );
  attempts.sort((a, b) => a.phaseMs - b.phaseMs);
  for (let round = startRound; round < startRound + roundCount; round += 1) {
    for (const { vantage, check, phaseMs } of attempts) {
      nowMs = round * everyMs + phaseMs;
      const isDuring = outage !== null && nowMs >= outage.fromMs && nowMs < outage.toMs;
      const stray = random() < strayRatio ? 'answer' : null;
      const failedAt = (isDuring ? failure(outage, vantage, check) : null) ?? stray;
      if (random() < lostRatio) continue;
      const last = known.last(vantage, check.id, everyMs);
      Object.assign(last, { good: failedAt === null, failedAt, atMs: nowMs });
      const row = { ...check, sinceMs: 0 };
      all.gathered(row, round).cells.set(cellKey(check.id, vantage), {
        vantage,
        region: check.region ?? check.id,
        outcome: failedAt === null ? 'good' : 'bad',
        failedAt,
        checkId: check.id,
        agent: vantage,
        ledTo: check.region ?? check.name,
        loopDelayMs: 0,
        placeMs: round * everyMs,
        slice: { checkId: check.id, vantage, burst: '' },
        labels: [],
        origin: { boot: 0, seq: round, atMs: nowMs },
      });
      all.judge(nowMs);
    }
  }
  const within = ({ round }: JudgedRound): boolean =>
    outage !== null && round * everyMs >= outage.fromMs && (round + 1) * everyMs <= outage.toMs;
  return { during: judged.filter(within), others: judged.filter((one) => !within(one)), record: record.list() };
}

const kinds: readonly Blame[] = ['target', 'region', 'path', 'resolver', 'vantage'];

function outageOf(kind: Blame, index: number, random: Random): Outage {
  const fromMs = (startRound + 20 + random() * 10) * everyMs;
  const toMs = fromMs + (20 + random() * 20) * everyMs;
  return { kind, vantage: vantages[index % 5] ?? '', region: regions[(index + 1) % 3] ?? '', fromMs, toMs };
}

function mostOf(blames: readonly unknown[]): unknown {
  const counted = [...Map.groupBy(blames, (blame) => blame)].sort(([, a], [, b]) => b.length - a.length);
  return counted[0]?.[0];
}

test('of ten outages of each kind all are blamed rightly, as are 95 % of their rounds, and no round of them is an all-clear', () => {
  let right = 0;
  let rightRounds = 0;
  let allRounds = 0;
  for (const [place, kind] of kinds.entries()) {
    const random = seededRandom(place + 1);
    for (let index = 0; index < 10; index += 1) {
      const blames = played(outageOf(kind, index, random), random).during.map(({ judgement }) => judgement.blame);
      expect(blames.length).toBeGreaterThanOrEqual(18);
      expect(blames, `${kind} ${index}`).not.toContain(null);
      if (mostOf(blames) === kind) right += 1;
      rightRounds += blames.filter((blame) => blame === kind).length;
      allRounds += blames.length;
    }
  }
  expect(right).toBe(50);
  expect(rightRounds / allRounds).toBeGreaterThanOrEqual(0.95);
}, 20_000);

test('a vantage that is broken is left out, on record with why, and back when it is well', () => {
  const random = seededRandom(21);
  for (const kind of ['vantage', 'resolver'] as const) {
    const outage = outageOf(kind, 2, random);
    const { during, others, record } = played(outage, random, 0);
    expect(during.slice(3, -3).every(({ judgement }) => judgement.excused.join() === 'v2')).toBe(true);
    expect(others.at(-1)?.judgement).toMatchObject({ blame: null, excused: [], k: 3, n: 5 });
    expect(during.at(-5)?.judgement).toMatchObject({ k: 3, n: 4 });
    expect(record).toHaveLength(1);
    const [entry] = record;
    expect(entry).toMatchObject({ vantage: 'v2' });
    expect(entry?.because).toContain('references included');
    expect(entry?.fromMs).toBeGreaterThan(outage.fromMs);
    expect(entry?.fromMs).toBeLessThan(outage.fromMs + 4 * everyMs);
    expect(entry?.toMs).toBeGreaterThan(outage.toMs);
    expect(entry?.toMs).toBeLessThan(outage.toMs + 4 * everyMs);
  }
});

test('a vantage that reaches the references is not left out because the target fails', () => {
  const random = seededRandom(22);
  const { during, record } = played(outageOf('target', 0, random), random, 0);
  expect(during.at(-1)?.judgement).toMatchObject({ blame: 'target', excused: [] });
  expect(record).toEqual([]);
});

test('without an outage stray failures blame no target, no region and no vantage', () => {
  const random = seededRandom(23);
  const blames = Array.from({ length: 10 }, () => played(null, random).others).flatMap((all) =>
    all.map(({ judgement }) => judgement.blame),
  );
  for (const kind of ['target', 'region', 'vantage', 'resolver']) expect(blames).not.toContain(kind);
});
