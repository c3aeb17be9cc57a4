/** What nobody, or not enough, were heard of is not well: in the newest round, and in the alert on a region. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { engineOf } from '../../aggregator/engine.ts';
import { regionsBy } from '../../aggregator/fleet/regions.ts';
import { cellKey, type RoundCell } from '../../aggregator/fleet/rounds.ts';
import type { Judgement } from '../../aggregator/quorum.ts';
import { openStore } from '../../aggregator/store/store.ts';
import { fakeClock } from '../fakes/clock.ts';
import { atEnd, httpCheck, stateDir } from './harness.ts';

const everyMs = 1_000;
const fromMs = 1_700_000_000_000;

function cellOf(vantage: string, region: string, round: number, outcome: 'good' | 'bad' = 'good'): RoundCell {
  const checkId = `home/${region}`;
  return {
    vantage,
    region,
    outcome,
    failedAt: outcome === 'good' ? null : 'connect',
    checkId,
    agent: vantage,
    ledTo: region,
    loopDelayMs: 0,
    placeMs: round * everyMs,
    slice: { checkId, vantage, burst: '' },
    labels: [],
    origin: { boot: 0, seq: 1, atMs: round * everyMs },
  };
}

test('all regions that the assignment asks have to be heard, from the moment on that it asks them', async () => {
  const clock = fakeClock(fromMs + 500);
  const store = await openStore(join(stateDir(), 'aggregator.sqlite'));
  atEnd(() => store.close());
  const checks = ['us', 'eu'].map((region) => httpCheck('home', region));
  const assignment = { version: 1, checks, regions: {}, references: [] };
  const { rounds, checks: book } = await engineOf(store, { assignment, objectives: [] }, clock, () => undefined);
  const judged = async (round: number) => {
    const cell = cellOf('a', 'us', round);
    rounds.gathered(book.get(cell.checkId), round).cells.set(cellKey(cell.checkId, cell.agent), cell);
    await clock.advance(10_000);
    rounds.judge(clock.nowMs());
    return rounds.latest()[0]?.judgement;
  };
  const first = fromMs / everyMs;
  expect(await judged(first)).toMatchObject({ blame: null, unheard: [] });
  expect(await judged(first + 1)).toMatchObject({
    blame: 'inconclusive',
    evidence: ['eu: heard from 0 of 0 healthy vantages, want 1'],
    unheard: ['eu'],
  });
});

/** A round of three vantages, of which one is in `eu`. */
function seen(cells: readonly RoundCell[], unheard: readonly string[] = []) {
  const judgement: Judgement = { blame: null, evidence: [], excused: [], k: 2, n: 3, unheard };
  const deps = {
    check: (id: string) => ({ ...httpCheck('home', id, everyMs), sinceMs: 0 }),
    vantageRegion: (vantage: string) => vantage,
    judged: () => [{ check: 'home', round: 1, cells, judgement }],
    window() {
      throw new Error('the alert is by the newest round');
    },
  };
  return regionsBy(['eu'], deps, 2 * everyMs);
}

test('a region is not known to be well again by one of others, only by its own vantage or by enough', () => {
  expect(seen([])).toEqual({ dark: [], unseen: ['eu'] });
  expect(seen([cellOf('us', 'eu', 1)], ['eu'])).toEqual({ dark: [], unseen: ['eu'] });
  expect(seen([cellOf('us', 'eu', 1, 'bad')], ['eu'])).toEqual({ dark: ['eu'], unseen: [] });
  expect(seen([cellOf('eu', 'eu', 1)], ['eu'])).toEqual({ dark: [], unseen: [] });
  expect(seen([cellOf('us', 'eu', 1), cellOf('ap', 'eu', 1)])).toEqual({ dark: [], unseen: [] });
});
