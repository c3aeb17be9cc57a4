import { afterEach, describe, expect, test } from 'vitest';
import type { PromqlOptions } from '../../../aggregator/promql/client.ts';
import { spanning } from '../../../aggregator/promql/spanning.ts';
import type { FleetAgent } from '../../../contract/api.ts';
import type { Objective } from '../../../contract/objective.ts';
import { fakeClock } from '../../fakes/clock.ts';
import { type Known, type PromqlEngine, promqlEngine } from '../../fakes/promql-engine.ts';

const t0 = 1_700_000_000_000;
const hourMs = 3_600_000;
let engine: PromqlEngine | undefined;
afterEach(async () => {
  await engine?.close();
  engine = undefined;
});

const up: Objective = {
  id: 'up',
  check: 'home',
  region: null,
  from: 'all',
  indicator: { kind: 'availability', target: 0.9 },
  windowMs: hourMs,
};
const fast: Objective = { ...up, id: 'fast', indicator: { kind: 'latency', quantile: 0.5, targetMs: 100 } };

type Points = Known['points'];
function counted(
  aggregator: string,
  outcome: string,
  points: Points,
  over: Readonly<Record<string, string>> = {},
): Known {
  const name = { __name__: 'blackstart_counted_results' };
  return {
    labels: { ...name, aggregator, check: 'home', vantage: `v-${aggregator}`, region: 'eu', outcome, ...over },
    points,
  };
}
function seen(aggregator: string, agent: string, atMs: number): Known {
  const labels = { __name__: 'blackstart_agent_seen_timestamp_seconds', aggregator, agent, vantage: agent };
  return {
    labels: { ...labels, region: 'eu', boot: `boot-${agent}`, version: '1' },
    points: [[t0 - 1_000, atMs / 1_000]],
  };
}
async function asking(
  known: readonly Known[],
  objectives: readonly Objective[] = [up],
  over: Partial<PromqlOptions> = {},
) {
  engine = await promqlEngine(known);
  const options = { url: engine.url, token: null, ca: null, ...over };
  return spanning(options, {
    clock: fakeClock(t0),
    objectives: () => objectives,
    everyMs: () => 10_000,
    makes: () => true,
    drilled: () => [],
  });
}

describe('verdicts over all aggregators', () => {
  test('what each counted in the window is summed, also of one that is dead', async () => {
    const known = [
      counted('one', 'good', [
        [t0 - 2 * hourMs, 1_000],
        [t0 - hourMs, 1_100],
        [t0 - 1_000, 1_500],
      ]),
      counted('one', 'bad', [
        [t0 - hourMs, 7],
        [t0 - 1_000, 9],
      ]),
      counted('two', 'good', [
        [t0 - hourMs - 5_000, 50],
        [t0 - 1_800_000, 250],
      ]),
      counted('two', 'missing', [[t0 - 1_800_000, 3]], { reason: 'agent-gone' }),
      // Its agent is at the other one now.
      counted('one', 'good', [[t0 - 1_000, 20]], { vantage: 'v-two' }),
      seen('one', 'v-one', t0 - 1_000),
      seen('two', 'v-two', t0 - 2_000),
    ];
    const [verdict] = await (await asking(known)).verdicts(t0);
    expect(verdict).toMatchObject({ id: 'up', status: 'pass', n: 622, missing: 3, final: false });
    expect(verdict?.measured).toBeCloseTo(620 / 622, 10);
  });

  test('of which most is missing are in doubt, in the list too', async () => {
    const counts = [counted('one', 'good', [[t0 - 1_000, 100]]), counted('one', 'missing', [[t0 - 1_000, 101]])];
    const agents = [seen('one', 'v-one', t0 - 1_000)];
    const asked = await asking([...counts, ...agents], [{ ...up, indicator: { kind: 'availability', target: 0.9 } }]);
    expect((await asked.verdicts(t0))[0]).toMatchObject({
      status: 'pass',
      doubt: '101 of 201 expected results did not come, want more than half',
    });
  });

  test('of vantages that are all silent nobody vouches for a pass, of now; of then they did', async () => {
    const results: Known['points'] = [
      [t0 - 50 * hourMs, 0],
      [t0 - 48 * hourMs, 600],
    ];
    const known = [counted('one', 'good', results), counted('two', 'good', results)];
    const lastMs = t0 - 48 * hourMs;
    const agents = ['one', 'two'].map((name) => {
      const { labels } = seen(name, `v-${name}`, lastMs);
      return { labels, points: [[lastMs, lastMs / 1_000]] } satisfies Known;
    });
    const days: Objective = { ...up, windowMs: 72 * hourMs };
    const asked = await asking([...known, ...agents], [days]);
    const [now] = await asked.verdicts(t0);
    expect(now).toMatchObject({ status: 'inconclusive', n: 1_200 });
    expect(now?.because).toMatch(/none of \d vantages contributes now/);
    expect((await asked.verdicts(lastMs + 1_000))[0]?.status).toBe('pass');
  });

  test('one that was silent for longer than the window brings only what is new', async () => {
    const known = [
      counted('one', 'good', [
        [t0 - 50 * hourMs, 90_000],
        [t0 - 1_000, 90_040],
      ]),
      seen('one', 'v-one', t0 - 1_000),
    ];
    const [verdict] = await (await asking(known)).verdicts(t0);
    expect(verdict?.n).toBe(40);
  });

  test('durations are summed bucket by bucket', async () => {
    const bucket = (aggregator: string, index: string, value: number): Known => {
      const { labels } = counted(aggregator, 'good', []);
      const name = 'blackstart_counted_duration_results';
      return { labels: { ...labels, __name__: name, bucket: index }, points: [[t0 - 1_000, value]] };
    };
    const good = [counted('one', 'good', [[t0 - 1_000, 300]]), counted('two', 'good', [[t0 - 1_000, 310]])];
    const known = [bucket('one', '-40', 300), bucket('two', '-40', 300), bucket('two', '-16', 10), ...good];
    const [verdict] = await (await asking(known, [fast])).verdicts(t0);
    // Bucket -40 ends at 2^-5 s.
    expect(verdict).toMatchObject({ status: 'pass', n: 610 });
    expect(verdict?.interval?.[1]).toBeCloseTo(31.25, 5);
  });

  test('a region’s objective asks for that region, and from its own vantages where it says so', async () => {
    const own: Objective = { ...up, region: 'eu', from: 'own' };
    const known = [seen('one', 'eu.1', t0 - 1_000), seen('two', 'eu-2', t0 - 1_000)];
    const { labels, points } = seen('two', 'us', t0);
    await (await asking([...known, { labels: { ...labels, region: 'us' }, points }], [own])).verdicts(t0);
    const texts = engine?.asked.map((url) => url.searchParams.get('query') ?? '') ?? [];
    expect(texts.some((text) => text.includes('{check="home",region="eu",vantage=~"eu\\\\.1|eu-2"}'))).toBe(true);
  });

  test('without the engine every verdict is inconclusive and says so, never a pass', async () => {
    const asked = await asking([], [up, fast]);
    engine?.fail(503);
    const verdicts = await asked.verdicts(t0);
    expect(verdicts.map(({ status }) => status)).toEqual(['inconclusive', 'inconclusive']);
    for (const { because } of verdicts)
      expect(because).toMatch(/^the engine at 127\.0\.0\.1:\d+ cannot be asked: .*503/);
    expect(await asked.one('nobody', t0)).toBeUndefined();
    expect((await asked.one('up', t0))?.verdict).toMatchObject({ id: 'up', status: 'inconclusive' });
  });

  test('the token is read for every request, and a secret that is gone is trouble with the engine', async () => {
    let secret: string | undefined = 'first';
    const asked = await asking([], [up], {
      token() {
        if (secret === undefined) throw new Error('no such file');
        return secret;
      },
    });
    await asked.verdicts(t0);
    expect(new Set(engine?.tokens)).toEqual(new Set(['Bearer first']));
    secret = 'second';
    await asked.verdicts(t0);
    expect(engine?.tokens.at(-1)).toBe('Bearer second');
    secret = undefined;
    const [verdict] = await asked.verdicts(t0);
    expect(verdict?.because).toContain('no such file');
  });
});

describe('the fleet over all aggregators', () => {
  const own: FleetAgent = {
    agent: 'a1',
    vantage: 'a1',
    region: 'eu',
    boot: 'b',
    version: '1',
    connected: true,
    lastSeenMs: t0,
    clock: { offsetMs: 1, errorMs: 1 },
    expected: 5,
    missing: 0,
  };

  test('is own agents as they are, and the others as they were heard of last', async () => {
    const known = [
      seen('two', 'a1', t0 - 9_000),
      seen('two', 'a2', t0 - 30_000),
      seen('three', 'a2', t0 - 500_000),
      seen('two', 'a3', t0 - 500_000),
      counted('two', 'good', [[t0 - 1_000, 90]], { vantage: 'a2' }),
      counted('three', 'missing', [[t0 - 1_000, 10]], { vantage: 'a2' }),
    ];
    const { agents, trouble } = await (await asking(known)).fleet([own, { ...own, agent: 'a3', elsewhere: true }]);
    expect(trouble).toBeNull();
    expect(agents).toMatchObject([
      { agent: 'a1', connected: true, clock: own.clock },
      { agent: 'a2', connected: true, aggregator: 'two', boot: 'boot-a2', expected: 100, missing: 10 },
      { agent: 'a3', connected: false, aggregator: 'two' },
    ]);
  });

  test('without the engine is own agents, and why it is no more', async () => {
    const asked = await asking([]);
    engine?.fail(500);
    const { agents, trouble } = await asked.fleet([own]);
    expect(agents).toEqual([own]);
    expect(trouble).toMatch(/cannot be asked/);
  });
});
