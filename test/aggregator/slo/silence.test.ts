/** Agents that die, all of them: from the fleet and what is declared missing to the verdicts, over days. */
import { describe, expect, test } from 'vitest';
import { fleet } from '../../../aggregator/fleet/answers.ts';
import type { Agent } from '../../../aggregator/ingest/roster.ts';
import { type Settling, settle } from '../../../aggregator/slices/settle.ts';
import { sliceTable } from '../../../aggregator/slices/table.ts';
import { verdicts } from '../../../aggregator/slo/verdicts.ts';
import { witnessing } from '../../../aggregator/slo/witnesses.ts';
import type { Objective } from '../../../contract/objective.ts';
import { httpCheck } from '../harness.ts';
import { availability, dayMs, good, hourMs, t0 } from './world.ts';

const minuteMs = 60_000;
const check = httpCheck('home', 'us', minuteMs);
const link = {} as NonNullable<Agent['link']>;

function agentAt(vantage: string): Agent {
  const times = { firstSeenMs: t0, lastSeenMs: t0, settled: new Map(), newestMs: 0 };
  const clock = { clock: null, marks: [], markMs: null, gaps: [] };
  return { agent: vantage, vantage, region: vantage, boot: 'b', version: '1', link, ...times, ...clock };
}

/** Vantages that send a result a minute, until they die. */
function fleetOf(vantages: readonly string[], objectives: readonly Objective[], checks = [check]) {
  let nowMs = t0;
  const slices = sliceTable({ retentionMs: 40 * dayMs, maxSamples: 1_000 });
  const agents = new Map(vantages.map((vantage) => [vantage, agentAt(vantage)]));
  const settling: Settling = {
    slices,
    assigned: () => checks.map((one) => ({ check: one, sinceMs: t0 })),
    sequenceOf: () => ({ committed: 0, alignByMs: 0 }),
    onMissing: () => undefined,
    startedMs: t0,
  };
  const answers = fleet({ roster: { agents } as never, rounds: { latest: () => [] } as never, slices, settling });
  const about = {
    series: () => slices.series(),
    nameOf: (id: string) => id.split('/')[0] ?? '',
    regionOf: () => 'us',
    vantageRegion: (vantage: string) => vantage,
    completeThroughMs: (objective: Objective) => answers.completeThroughMs(objective, nowMs),
  };
  /** As they come up with a process: what they remember is in the slices. */
  const started = () => {
    const present = (objective: Objective) => answers.present(objective, nowMs);
    const witnesses = witnessing({ ...about, everyMs: () => minuteMs, present, epoch: slices.epoch });
    return verdicts(objectives, [], {
      ...about,
      takeTouched: slices.takeTouched,
      protect: slices.protect,
      distinguish: slices.distinguish,
      retentionMs: 40 * dayMs,
      witnesses,
      everyMs: () => minuteMs,
      nowMs: () => nowMs,
      owed: answers.owedTo,
      onChanged: () => undefined,
    });
  };
  return {
    agents,
    slices,
    started,
    book: started(),
    completeThroughMs: about.completeThroughMs,
    /** Time passes; those that are alive send. */
    until(toMs: number, alive: readonly string[]): void {
      for (const one of agents.values()) if (!alive.includes(one.vantage)) one.link = null;
      while (nowMs < toMs) {
        for (const vantage of alive) {
          const series = { checkId: check.id, vantage, burst: '' };
          for (let at = nowMs; at < nowMs + 10 * minuteMs; at += minuteMs) slices.add(series, at, good);
        }
        nowMs += 10 * minuteMs;
        for (const vantage of alive) Object.assign(agents.get(vantage) ?? {}, { lastSeenMs: nowMs, link });
        settle(agents.values(), settling, nowMs);
        if (nowMs % hourMs === 0) slices.compact(nowMs);
      }
    },
  };
}

const month: Objective = { ...availability, indicator: { kind: 'availability', target: 0.9 }, windowMs: 30 * dayMs };
const objectives: readonly Objective[] = [
  { ...month, id: 'exclude', missing: 'exclude' },
  { ...month, id: 'bad', missing: 'bad' },
  { ...month, id: 'hold', missing: 'hold' },
  { ...month, id: 'fresh', indicator: { kind: 'freshness', limitMs: 300_000, target: 0.5 } },
  { ...month, id: 'slices', timeSlices: { sliceMs: minuteMs, target: 0.9 } },
  { ...month, id: 'fast', indicator: { kind: 'latency', quantile: 0.95, targetMs: 250 } },
  { ...month, id: 'own', region: 'us', from: 'own' },
];

describe('total silence', () => {
  test.each([[['us']], [['us', 'eu', 'ap']]])('of %j is never a pass, however long it lasts', (vantages) => {
    const { until, book } = fleetOf(vantages, objectives);
    const diesMs = t0 + 3 * dayMs;
    until(diesMs, vantages);
    expect(book.at(diesMs).map(({ status }) => status)).toEqual(objectives.map(() => 'pass'));
    let missing = 0;
    for (const silentMs of [10 * minuteMs, 2 * hourMs, 25 * hourMs, 3 * dayMs]) {
      until(diesMs + silentMs, []);
      const found = book.at(diesMs + silentMs);
      for (const { id, status } of found) expect([id, status]).not.toEqual([id, 'pass']);
      // What is expected goes on being missing: after a day, and after three.
      const [exclude] = found;
      expect(exclude?.missing).toBeGreaterThanOrEqual(
        missing + (vantages.length * (silentMs - missing)) / minuteMs / 4,
      );
      missing = exclude?.missing ?? 0;
      expect(exclude).toMatchObject({ status: 'inconclusive', unvouched: { known: vantages.length, healthy: 0 } });
    }
    expect(missing).toBeGreaterThanOrEqual(vantages.length * 3 * 1_440 - 60);
  });

  test('of one vantage of two is inconclusive after days too; once it is taken out, the other speaks alone', () => {
    const { until, book, agents } = fleetOf(['us', 'eu'], [month]);
    until(t0 + dayMs, ['us', 'eu']);
    until(t0 + 4 * dayMs, ['us']);
    const [verdict] = book.at(t0 + 4 * dayMs);
    expect(verdict).toMatchObject({ status: 'inconclusive' });
    expect(verdict?.because).toContain('1 of 2 vantages are healthy, want 2 or more');
    Object.assign(agents.get('eu') ?? {}, { isRemoved: true });
    until(t0 + 4 * dayMs + hourMs, ['us']);
    const [alone] = book.at(t0 + 4 * dayMs + hourMs);
    expect(alone).toMatchObject({ status: 'pass' });
    expect(alone?.because).toContain('from this vantage only');
    // Results of before count as they did: they were made.
    expect(alone?.n).toBeGreaterThan(verdict?.n ?? 0);
  });

  test('only those that make the check vouch for its verdicts', () => {
    const { until, book } = fleetOf(['us', 'eu', 'ap'], [month], [{ ...check, vantages: ['us'] }]);
    until(t0 + dayMs, ['us']);
    expect(book.at(t0 + dayMs)[0]).toMatchObject({ status: 'pass' });
    expect(book.at(t0 + dayMs)[0]?.because).toContain('from this vantage only');
  });
});

test('a verdict of a past moment is the same whoever died since, after a restart, and when its slices are merged', () => {
  const { until, book, started, completeThroughMs } = fleetOf(['us', 'eu'], objectives);
  until(t0 + 6 * hourMs, ['us', 'eu']);
  until(t0 + 7 * hourMs, ['us']);
  until(t0 + 8 * hourMs, []);
  const moments = [t0 + 6 * hourMs, t0 + 7 * hourMs, t0 + 8 * hourMs - 10 * minuteMs * 6];
  expect(completeThroughMs(month)).toBeGreaterThanOrEqual(t0 + 7 * hourMs);
  const before = moments.map((atMs) => book.at(atMs));
  for (const found of before) for (const { final } of found) expect(final).toBe(true);
  expect(before[0]?.[0]).toMatchObject({ status: 'pass' });
  expect(before[1]?.[0]?.because).toContain('1 of 2 vantages are healthy');
  for (const laterMs of [9 * hourMs, 30 * hourMs, 5 * dayMs]) {
    until(t0 + laterMs, laterMs === 30 * hourMs ? ['us', 'eu'] : []);
    for (const [index, atMs] of moments.entries()) {
      expect(book.at(atMs).map(told)).toEqual(before[index]?.map(told));
      expect(started().at(atMs).map(told)).toEqual(before[index]?.map(told));
    }
  }
});

/**
 * A quantile's bounds widen to those of buckets when its single durations go, and steps after the last slice are counted
 * with a slice that is merged.
 */
function told({ id, status, because, n, missing, at, final }: ReturnType<ReturnType<typeof verdicts>['at']>[number]) {
  return { id, status, missing, at, final, ...(id === 'fast' || id === 'fresh' ? {} : { n, because }) };
}

test('what is owed is missing in every number, in lists as for one alone', () => {
  const { until, book } = fleetOf(['us', 'eu'], [{ ...month, missing: 'bad', windowMs: 20 * minuteMs }]);
  until(t0 + hourMs, ['us', 'eu']);
  until(t0 + hourMs + 10 * minuteMs, ['us']);
  const nowMs = t0 + hourMs + 10 * minuteMs;
  book.look(nowMs);
  const [listed] = book.latest();
  expect(listed).toEqual(book.one('up', nowMs)?.verdict);
  expect(listed).toEqual(book.at(nowMs)[0]);
  const { n = 0, missing = 0, could } = listed ?? {};
  expect(missing).toBeGreaterThan(0);
  // All that was expected is in the account: also what is owed, and not declared yet.
  expect(n).toBeGreaterThan(30);
  expect(could?.worst.measured).toBeCloseTo((n - missing) / n, 12);
  expect(could?.best.measured).toBe(1);
});
