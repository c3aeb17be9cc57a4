import { expect, test } from 'vitest';
import type { DrillFacts } from '../../chaos/facts.ts';
import { answersNeeded } from '../../chaos/timeline/names.ts';
import { historiesOf } from '../../chaos/timeline.ts';
import type { StoredResult } from '../../contract/api.ts';
import { type Bounds, exactly } from '../../contract/bounds.ts';
import type { Passage, Stages } from '../../contract/drill.ts';
import type { ClientClass } from '../../contract/result.ts';
import { attempts, facts, heir, lost, originMs, result } from '../fakes/drill-facts.ts';

type Side = { readonly stages: Stages; readonly passage: Passage };

function sideOf(drill: DrillFacts, way: 'failover' | 'failback' = 'failover', client: ClientClass = 'fresh'): Side {
  const timeline = historiesOf(drill)[0]?.[way];
  const passage = timeline?.passages.find((one) => one.client === client && one.vantage === 'here');
  if (passage === undefined) throw new Error('no passage');
  return { stages: timeline?.stages['here']?.[client] ?? {}, passage };
}

/** To the millisecond: what is added for drift is less. */
function rounded(bounds: Bounds | null | undefined): readonly number[] | undefined {
  return bounds == null ? undefined : [Math.round(bounds.lowerMs) + 0, Math.round(bounds.upperMs) + 0];
}

const baseline = attempts(-500, 'RRRRR');

test('a plain failover is bounded by the last attempt served, the first bad, the last bad and the first good', () => {
  const { stages, passage } = sideOf(facts([...baseline, ...attempts(0, 'RR....XXXX')]));
  expect(rounded(passage.main?.began)).toEqual([100, 210]);
  expect(rounded(passage.main?.ended)).toEqual([500, 610]);
  expect(rounded(stages['first-good'])).toEqual([500, 610]);
  expect(rounded(stages['last-served'])).toEqual([100, 210]);
  expect(rounded(stages['last-bad'])).toEqual([500, 510]);
  expect(passage).toMatchObject({ observed: true, servedBy: [heir], others: [] });
  expect(passage.main?.length.lowerMs).toBeCloseTo(290, 0);
  expect(passage.main?.length.upperMs).toBeCloseTo(510, 0);
});

test('a stray failure before the real outage is a piece of its own', () => {
  const { passage } = sideOf(facts([...baseline, ...attempts(0, 'R.RRR...XXXX')]));
  expect(rounded(passage.main?.began)).toEqual([400, 510]);
  expect(passage.others).toHaveLength(1);
  expect(rounded(passage.others[0]?.began)).toEqual([0, 110]);
  expect(rounded(passage.others[0]?.ended)).toEqual([100, 210]);
});

test('a stray failure after failover is a piece of its own, and does not move the first good answer', () => {
  const { stages, passage } = sideOf(facts([...baseline, ...attempts(0, 'R...XXXXX.XXXX')]));
  expect(rounded(stages['first-good'])).toEqual([300, 410]);
  expect(passage.others.map((piece) => piece.attempts)).toEqual([1]);
});

test('a single good answer among bad ones does not end an outage', () => {
  const { passage } = sideOf(facts([...baseline, ...attempts(0, 'R..X..XX.XXXX')]));
  expect(rounded(passage.main?.ended)).toEqual([800, 910]);
});

test('moving without a bad attempt is an outage of at most one gap, not of none', () => {
  const { passage } = sideOf(facts([...baseline, ...attempts(0, 'RRRXXXX')]));
  expect(passage.main).toMatchObject({ unseen: true, attempts: 0 });
  expect(passage.main?.length.lowerMs).toBe(0);
  expect(passage.main?.length.upperMs).toBeCloseTo(110, 0);
});

test('attempts that straddle the change are not ordered by their starts', () => {
  const slow = result({ from: 0, to: 900, by: lost });
  const bad = result({ from: 100, to: 300, by: null });
  const { passage } = sideOf(facts([...baseline, slow, bad, ...attempts(950, '...XXXX')]));
  // The bad attempt at 100 may have failed before the slow one was served: only the ones behind both are sure.
  expect(rounded(passage.main?.began)).toEqual([0, 960]);
  expect(passage.main?.length.lowerMs).toBeCloseTo(1_150 - 960, 0);
});

test('a request in flight at t0 that failed is no sure sign of the outage', () => {
  const flying = result({ from: -50, to: 40, by: null });
  const { passage } = sideOf(facts([...baseline.slice(0, 4), flying, ...attempts(100, '...XXXX')]));
  expect(rounded(passage.main?.began)).toEqual([0, 110]);
});

test('a stray failure that was over before t0 is cut away', () => {
  const { passage } = sideOf(facts([...attempts(-500, 'RR.RR'), ...attempts(0, 'R...XXXX')]));
  expect(passage.others).toEqual([]);
});

test('missing attempts widen the bounds and show as a gap', () => {
  const { stages, passage } = sideOf(facts([...baseline, ...attempts(0, 'R..??X?XX')]));
  expect(rounded(stages['first-good'])).toEqual([200, 510]);
  expect(passage.gapMs).toBe(300);
});

test('a vantage whose clients were served elsewhere shows nothing of the region', () => {
  const { stages, passage } = sideOf(facts([...attempts(-500, 'XXXXX'), ...attempts(0, 'XXXXXXX')]));
  expect(passage).toMatchObject({ observed: false, main: null });
  expect(stages['first-good']).toBeUndefined();
});

test('restoring during the outage leaves it open, and failback ends it with its whole length', () => {
  const drill = facts([...baseline, ...attempts(0, 'R.........'), ...attempts(1_000, '...RRRR')], {
    restoreCalled: exactly(originMs + 1_000),
  });
  const over = sideOf(drill);
  expect(over.passage.main).toMatchObject({ ended: null });
  expect(over.passage.main?.length.upperMs).toBeNull();
  expect(over.stages['first-good']).toBeUndefined();
  const back = sideOf(drill, 'failback');
  expect(rounded(back.stages['first-good'])).toEqual([200, 310]);
  expect(back.passage.main?.length.lowerMs).toBeCloseTo(1_090, 0);
  expect(back.passage.main?.length.upperMs).toBeCloseTo(1_310, 0);
});

test('failback is timed from the call of restore by the same rules', () => {
  const drill = facts([...baseline, ...attempts(0, 'R..XXXXXXX'), ...attempts(1_000, 'XX.RRRR')], {
    restoreCalled: exactly(originMs + 1_000),
  });
  const { stages, passage } = sideOf(drill, 'failback');
  expect(rounded(stages['first-good'])).toEqual([200, 310]);
  expect(rounded(stages['last-bad'])).toEqual([200, 210]);
  expect(passage).toMatchObject({ servedBy: [lost] });
});

test('a pooled client counts by the connection that was open at t0', () => {
  const on = { client: 'pooled' as const, details: { connection: 1, connectedAtMs: originMs - 900 } };
  const { passage } = sideOf(
    facts([...attempts(-500, 'RRRRR', on), ...attempts(0, 'RR......', on)]),
    'failover',
    'pooled',
  );
  expect(passage).toMatchObject({ observed: true });
  expect(passage.main?.ended).toBeNull();
  const moved = { client: 'pooled' as const, details: { connection: 2, connectedAtMs: originMs - 30 } };
  const other = [...attempts(-500, 'RRRR', on), ...attempts(-100, 'XXXXXX', moved)];
  expect(sideOf(facts(other), 'failover', 'pooled').passage.observed).toBe(false);
});

test('drain and detect come from readings: sent before, received after', () => {
  const reading = (atMs: number): { sentMs: number; receivedMs: number } => ({
    sentMs: originMs + atMs,
    receivedMs: originMs + atMs + 40,
  });
  const { stages } = sideOf(
    facts([...baseline, ...attempts(0, 'R...XXX')], {
      endpoints: [
        { ...reading(-100), ready: 10, replicas: 10 },
        { ...reading(100), ready: 4, replicas: 0 },
        { ...reading(200), ready: 0, replicas: 0 },
      ],
      checkers: [0, 1_000, 2_000].map((atMs) => ({
        ...reading(atMs),
        healthy: atMs < 2_000,
        healthyCount: atMs < 2_000 ? 9 : 1,
        totalCount: 16,
      })),
    }),
  );
  expect(rounded(stages.drain)).toEqual([100, 240]);
  expect(rounded(stages.detect)).toEqual([1_000, 2_040]);
});

test('authority is the hull over the name servers, and absent while one still leads to the region', () => {
  const asked = (server: string, marks: string): StoredResult[] =>
    attempts(-200, marks, { check: 'authority', details: { server } });
  const both = [...baseline, ...attempts(0, 'R....XXXX'), ...asked('a:53', 'RRRRXXXX'), ...asked('b:53', 'RRRRRRXX')];
  expect(rounded(sideOf(facts(both)).stages.authority)).toEqual([100, 410]);
  const one = [...baseline, ...attempts(0, 'R....XXXX'), ...asked('a:53', 'RRRRXXXX'), ...asked('b:53', 'RRRRRRRR')];
  expect(sideOf(facts(one)).stages.authority).toBeUndefined();
});

test('where answers are weighted, a flip needs as many answers without the region as chance asks for', () => {
  expect(answersNeeded(0.6)).toBe(16);
  expect(answersNeeded(1)).toBe(1);
  const before = attempts(-3_000, 'RRXRXRRXRXRRXRXRRXRXRRXRXRRRXX', {
    check: 'authority',
    details: { server: 'a:53' },
  });
  const after = attempts(0, `R${'X'.repeat(40)}`, { check: 'authority', details: { server: 'a:53' } });
  const client = [...baseline, ...attempts(0, `R...${'X'.repeat(36)}`)];
  const flip = sideOf(facts([...client, ...before, ...after])).stages.authority;
  expect(rounded(flip)?.[0]).toBe(0);
  expect(flip?.upperMs).toBeGreaterThan(1_600);
  const few = attempts(0, `R${'X'.repeat(9)}`, { check: 'authority', details: { server: 'a:53' } });
  const short = sideOf(facts([...client, ...before, ...few]));
  expect(short.stages.authority).toBeUndefined();
  expect(short.stages['first-good']).toBeUndefined();
});

test('a name that led elsewhere for a while is not weighted: the region left, and somebody put it back', () => {
  const asked = (fromMs: number, marks: string): StoredResult[] =>
    attempts(fromMs, marks, { check: 'authority', details: { server: 'a:53' } });
  const client = [...baseline, ...attempts(0, 'RR...XXXXXXXXXRRRR')];
  const names = [...asked(-3_000, 'R'.repeat(32)), ...asked(200, `${'X'.repeat(12)}RRRR`)];
  const [history] = historiesOf(facts([...client, ...names]));
  expect(history?.weighted).toEqual([]);
  expect(history?.failover.passages[0]).toMatchObject({ observed: true });
  expect(rounded(history?.failover.stages['here']?.fresh?.['first-good'])).toEqual([400, 510]);
});

test('others in one run that chance may have made do not show that a name is not weighted', () => {
  const names = attempts(-3_000, 'RRRRXXRRRR', { check: 'authority', details: { server: 'a:53' } });
  expect(historiesOf(facts([...baseline, ...attempts(0, 'RR....XXXX'), ...names]))[0]?.weighted).toEqual(['here']);
});

test('a resolver whose copy is renewed with the old answer flips when it last gives way', () => {
  const cached = [
    ...attempts(-200, 'RRRRRRR', { check: 'resolver', details: { ttlSeconds: 1 } }),
    ...attempts(500, 'RRXXXX', { check: 'resolver', details: { ttlSeconds: 1 } }),
  ];
  const { stages } = sideOf(facts([...baseline, ...attempts(0, 'R......XXXX'), ...cached]));
  expect(rounded(stages.resolver)).toEqual([600, 710]);
});

test('two vantages with different clocks are timed alike', () => {
  const there = { vantage: 'there', offsetMs: 7_000 };
  const both = [
    ...baseline,
    ...attempts(0, 'RR....XXXX'),
    ...attempts(-500, 'RRRRR', there),
    ...attempts(0, 'RR....XXXX', there),
  ];
  const stages = historiesOf(facts(both))[0]?.failover.stages;
  const timed = rounded(stages?.['there']?.fresh?.['first-good']);
  expect(timed).toBeDefined();
  expect(timed).toEqual(rounded(stages?.['here']?.fresh?.['first-good']));
});

test('an agent that started anew during the drill goes on in the same record', () => {
  const anew = { boot: 'boot-2', offsetMs: 500 };
  const { stages } = sideOf(facts([...baseline, ...attempts(0, 'RR..'), ...attempts(400, '..XXXX', anew)]));
  expect(rounded(stages['first-good'])).toEqual([500, 610]);
});

test('a connection that an agent opened after starting anew was not open at t0, whatever its new clock says', () => {
  const on = { client: 'pooled' as const, details: { connection: 1, connectedAtMs: originMs - 900 } };
  const behindMs = 5_000;
  const anew = {
    client: 'pooled' as const,
    boot: 'boot-2',
    offsetMs: behindMs,
    details: { connection: 1, connectedAtMs: originMs + 390 - behindMs },
  };
  const results = [...attempts(-500, 'RRRRR', on), ...attempts(0, 'RR..', on), ...attempts(400, 'XXXX', anew)];
  expect(sideOf(facts(results), 'failover', 'pooled').passage.observed).toBe(true);
});

test('clocks that are known badly widen every stage by what is not known', () => {
  const vague = (results: readonly StoredResult[]): StoredResult[] =>
    results.map((one) => ({ ...one, offset: { lowerMs: -30, upperMs: 20 } }));
  const { stages } = sideOf(facts(vague([...baseline, ...attempts(0, 'RR....XXXX')])));
  expect(rounded(stages['first-good'])).toEqual([470, 630]);
});

test('without any attempt behind t0 nothing is claimed', () => {
  const { stages, passage } = sideOf(facts(baseline));
  expect(stages).toEqual({});
  expect(passage.main).toBeNull();
});
