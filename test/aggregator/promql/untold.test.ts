/** What sums over several aggregators tell, and of what they are no answer. */
import { afterEach, describe, expect, test } from 'vitest';
import { type SpanningDeps, spanning } from '../../../aggregator/promql/spanning.ts';
import type { Objective } from '../../../contract/objective.ts';
import type { Verdict } from '../../../contract/verdict.ts';
import { fakeClock } from '../../fakes/clock.ts';
import { type Known, type PromqlEngine, promqlEngine } from '../../fakes/promql-engine.ts';
import { availability, dayMs, hourMs } from '../slo/world.ts';

const minuteMs = 60_000;
/** Two days into a month. */
const atMs = Date.parse('2026-11-03T00:00:00Z');
const monthMs = Date.parse('2026-11-01T00:00:00Z');
const fromMs = atMs - 33 * dayMs;

let engine: PromqlEngine | undefined;
afterEach(async () => {
  await engine?.close();
  engine = undefined;
});

type Rate = { readonly fromMs?: number; readonly toMs?: number; readonly every?: number };

/** A sum that grows by one every minute, or every so many, in that time; written at each of its steps and ever after. */
function sum(labels: Readonly<Record<string, string>>, { fromMs: begin = fromMs, toMs = atMs, every = 1 }: Rate = {}) {
  const points: [number, number][] = [];
  for (let ms = fromMs, value = 0; ms <= atMs; ms += minuteMs) {
    if (ms > begin && ms <= toMs && (ms - begin) % (every * minuteMs) === 0) value += 1;
    points.push([ms, value]);
  }
  const all = { __name__: 'blackstart_counted_results', aggregator: 'a', check: 'home', region: 'us', ...labels };
  return { labels: all, points } satisfies Known;
}

const results = (outcome: string, vantage = 'v1', rate: Rate = {}) => sum({ outcome, vantage }, rate);
const durations = (bucket: string, rate: Rate = {}) =>
  sum({ __name__: 'blackstart_counted_duration_results', vantage: 'v1', bucket }, rate);

function seen(vantage: string, lastMs = atMs): Known {
  const name = { __name__: 'blackstart_agent_seen_timestamp_seconds', aggregator: 'a' };
  return {
    labels: { ...name, agent: vantage, vantage, region: 'us', boot: 'b', version: '1' },
    points: [[atMs - 1, lastMs / 1_000]],
  };
}

async function asked(known: readonly Known[], objective: Objective, over: Partial<SpanningDeps> = {}) {
  engine = await promqlEngine(known);
  const about = { clock: fakeClock(atMs), objectives: () => [objective], everyMs: () => minuteMs };
  return spanning(
    { url: engine.url, token: null, ca: null },
    { ...about, makes: () => true, drilled: () => [], ...over },
  );
}

/** In the list, and the same alone. */
async function verdictOf(...args: Parameters<typeof asked>): Promise<Verdict> {
  const all = await asked(...args);
  const [verdict] = await all.verdicts(atMs);
  expect((await all.one(args[1].id, atMs))?.verdict).toEqual(verdict);
  return verdict as Verdict;
}

const alone = [results('good'), seen('v1')];

describe('how long results took', () => {
  const under = (limitMs: number): Objective => ({
    ...availability,
    windowMs: 2 * dayMs,
    indicator: { kind: 'latency-under', limitMs, target: 0.99 },
  });
  const lag: Objective = {
    ...availability,
    windowMs: 2 * dayMs,
    indicator: { kind: 'replication-lag', quantile: 0.95, targetMs: 5_000 },
  };
  // Bucket -30 ends at 74 ms, bucket 8 at 2 s.
  const fast = durations('-30');

  test('is fetched for a share of them that is fast enough', async () => {
    const pass = await verdictOf([...alone, fast], under(250));
    expect(pass).toMatchObject({ status: 'pass', measured: 1, n: 2_880 });
    await engine?.close();
    const slow = [durations('-30', { toMs: atMs - dayMs }), durations('8', { fromMs: atMs - dayMs })];
    expect(await verdictOf([...alone, ...slow], under(250))).toMatchObject({ status: 'fail', measured: 0.5, n: 2_880 });
  });

  test('is fetched for a lag', async () => {
    expect(await verdictOf([...alone, fast], lag)).toMatchObject({ status: 'pass', n: 2_880 });
  });

  test.each([under(250), lag])('is not told without durations of all: $indicator.kind', async (objective) => {
    const none = await verdictOf(alone, objective);
    expect(none).toMatchObject({ status: 'inconclusive', measured: null });
    expect(none.because).toMatch(/do not tell how long \d+ good results took, but of 0: .*scope=own/);
    await engine?.close();
    const some = await verdictOf([...alone, durations('-30', { toMs: atMs - 30 * minuteMs })], objective);
    expect(some.status).toBe('inconclusive');
  });
});

describe('the window', () => {
  const month: Objective = {
    ...availability,
    calendar: { every: 'month', timeZone: 'UTC' },
    windowMs: 31 * dayMs + hourMs,
  };

  test('of a calendar begins with its period', async () => {
    const october = results('bad', 'v1', { toMs: monthMs });
    expect(await verdictOf([...alone, october], month)).toMatchObject({ status: 'pass', n: 2_880, measured: 1 });
    await engine?.close();
    const november = results('bad', 'v1', { fromMs: monthMs, every: 20 });
    expect(await verdictOf([...alone, november], month)).toMatchObject({ status: 'fail', n: 2_880 + 144 });
  });

  test('is asked elsewhere when an exclusion lies in it, and only then', async () => {
    const span = { fromMs: atMs - 3 * hourMs, toMs: atMs - 2 * hourMs, because: 'maintenance' };
    const excluding = { ...availability, exclusions: [span] };
    expect(await verdictOf(alone, { ...excluding, windowMs: 2 * hourMs })).toMatchObject({ status: 'inconclusive' });
    const all = await asked(alone, { ...excluding, windowMs: dayMs });
    const [day] = await all.verdicts(atMs);
    expect(day).toMatchObject({ status: 'inconclusive', measured: null });
    expect(day?.because).toMatch(/do not tell what an exclusion in the window leaves out: .*scope=own/);
    expect((await all.verdicts(atMs, atMs - hourMs))[0]?.because).not.toContain('exclusion');
  });

  test('is asked elsewhere when a drill lies in it that is left out', async () => {
    const drilled = () => [{ fromMs: atMs - 3 * hourMs, toMs: atMs - 2 * hourMs }];
    const day: Objective = { ...availability, windowMs: dayMs, drills: 'excluded' };
    const found = await verdictOf(alone, day, { drilled });
    expect(found.because).toMatch(/do not tell what a drill in the window broke, and is left out: .*scope=own/);
    await engine?.close();
    expect(await verdictOf(alone, { ...day, drills: 'apart' }, { drilled })).toMatchObject({ status: 'pass' });
  });
});

describe('silence', () => {
  const week: Objective = { ...availability, windowMs: 7 * dayMs };
  const stoppedMs = atMs - 12 * hourMs;

  test('is no pass while vantages live that make other checks', async () => {
    const known = [
      results('good', 'v3', { toMs: stoppedMs }),
      results('missing', 'v3', { fromMs: stoppedMs }),
      ...[seen('v1'), seen('v2'), seen('v3', stoppedMs)],
    ];
    const found = await verdictOf(known, week, { makes: (_, vantage) => vantage === 'v3' });
    expect(found).toMatchObject({ status: 'inconclusive', unvouched: { known: 1, healthy: 0 } });
    expect(found.doubt).toMatch(/^no result came for \d/);
  });

  test('of one of two that make it is none either, even if its aggregator is silent with it', async () => {
    const { labels, points } = results('good', 'v2', { toMs: stoppedMs });
    const gone = { labels: { ...labels, aggregator: 'b' }, points: points.filter(([ms]) => ms <= stoppedMs) };
    const found = await verdictOf([...alone, gone], week);
    expect(found).toMatchObject({ status: 'inconclusive', unvouched: { known: 2, healthy: 1 } });
    await engine?.close();
    // Of one that is not to make it any more nothing is expected.
    const makes: SpanningDeps['makes'] = (_, vantage) => vantage === 'v1';
    expect(await verdictOf([...alone, gone], week, { makes })).toMatchObject({ status: 'pass' });
    await engine?.close();
    // One that is to make it, and of which nothing has come yet, is waited for.
    const fresh = await verdictOf([...alone, seen('v2')], week);
    expect(fresh).toMatchObject({ status: 'inconclusive', unvouched: { known: 2, healthy: 1 } });
    await engine?.close();
    const own: Objective = { ...week, region: 'us', from: 'own' };
    const { labels: there, ...at } = seen('v2');
    const elsewhere = { ...at, labels: { ...there, region: 'eu' } };
    expect(await verdictOf([...alone, elsewhere], own)).toMatchObject({ status: 'pass' });
  });

  test('of a vantage whose agent is gone counts before the next result is due', async () => {
    const both = [results('good', 'v1'), results('good', 'v2'), seen('v1')];
    expect((await verdictOf([...both, seen('v2')], week)).status).toBe('pass');
    await engine?.close();
    const found = await verdictOf([...both, seen('v2', atMs - 2 * minuteMs)], week);
    expect(found).toMatchObject({ status: 'inconclusive', unvouched: { known: 2, healthy: 1 } });
  });

  test('of most is doubted by the sums, and what still comes is not', async () => {
    const calm = await verdictOf(alone, week);
    expect([calm.status, calm.doubt]).toEqual(['pass', undefined]);
    await engine?.close();
    const lost = results('missing', 'v1', { toMs: atMs - 4 * dayMs });
    const more = results('missing', 'v9', { fromMs: atMs - 5 * dayMs, toMs: atMs - hourMs });
    expect((await verdictOf([...alone, lost, more], week)).doubt).toMatch(/expected results did not come/);
  });

  test('the newest result is told to the interval, not to a piece of the window', async () => {
    const stopped = [results('good', 'v1', { toMs: atMs - hourMs }), seen('v1')];
    const newestMs = (await (await asked(stopped, week)).one('up', atMs))?.newestMs ?? atMs;
    expect(newestMs).toBeLessThan(atMs - 2 * minuteMs);
  });
});
