import { describe, expect, test } from 'vitest';
import { Trouble } from '../../../chaos/trouble.ts';
import { Interrupted } from '../../../cli/interrupt.ts';
import type { Asking, Query } from '../../../cli/verdicts/ask.ts';
import { decide } from '../../../cli/verdicts/decide.ts';
import { gated } from '../../../cli/verdicts/wait.ts';
import type { ExplainedAnswer } from '../../../contract/api.ts';
import { instantClock } from '../../fakes/instant-clock.ts';

const nowMs = 1_700_000_000_000;

function answer(over: Partial<ExplainedAnswer> = {}): ExplainedAnswer {
  return {
    id: 'up',
    status: 'pass',
    because: 'all good',
    measured: 1,
    target: 0.9,
    n: 60,
    interval: [0.94, 1],
    needed: null,
    missing: 0,
    at: nowMs,
    final: false,
    slices: [{ atMs: nowMs - 10_000, widthMs: 10_000, good: 60, bad: 0, missing: 0 }],
    window: { fromMs: nowMs - 600_000, toMs: nowMs },
    indicator: 'availability',
    newestMs: nowMs,
    everyMs: 10_000,
    doubt: null,
    ...over,
  };
}

describe('a decision', () => {
  test('is what the verdict says', () => {
    expect(decide(answer(), nowMs)).toEqual({ status: 'pass', because: 'all good' });
    expect(decide(answer({ status: 'fail' }), nowMs).status).toBe('fail');
    expect(decide(answer({ status: 'inconclusive' }), nowMs).status).toBe('inconclusive');
  });

  test('is never a pass when the aggregator doubts it, or the verdict is an old one', () => {
    expect(decide(answer({ doubt: 'no result came for 60.00 s' }), nowMs)).toEqual({
      status: 'inconclusive',
      because: 'no result came for 60.00 s; all good',
    });
    expect(decide(answer({ at: nowMs - 3_600_000 }), nowMs)).toEqual({
      status: 'inconclusive',
      because: 'the verdict is of 2023-11-14T21:13:20Z, want one of now, 2023-11-14T22:13:20Z; all good',
    });
  });
});

describe('a pass is an answer to the question', () => {
  const asked = { since: '10m', target: '90%' };

  test('of that window and target', () => {
    expect(decide(answer(), nowMs, asked).status).toBe('pass');
    expect(decide(answer(), nowMs, { since: String(nowMs - 600_000) }).status).toBe('pass');
    const fast = { indicator: 'latency', target: 300, measured: 200, interval: [190, 300] } as const;
    expect(decide(answer(fast), nowMs, { since: '10m', target: '300ms' }).status).toBe('pass');
    expect(decide(answer({ ...fast, interval: [190, 301] }), nowMs, asked).status).toBe('inconclusive');
  });

  test.each<readonly [string, Partial<ExplainedAnswer>, Query]>([
    ['another window', { window: { fromMs: nowMs - 30 * 86_400_000, toMs: nowMs } }, {}],
    ['a window since another moment', {}, { since: String(nowMs - 3_600_000) }],
    ['a window in the past', { window: { fromMs: 1, toMs: 2 } }, {}],
    ['another target', {}, { target: '99%' }],
    ['a target of another kind', {}, { target: '300ms' }],
    ['an interval on the bad side', { interval: [0.1, 0.2] }, {}],
    ['an interval the wrong way round', { interval: [1, 0.94] }, {}],
    ['no result that came', { newestMs: null }, {}],
    ['results of three minutes ago', { newestMs: nowMs - 180_000 }, {}],
    ['no check', { everyMs: null }, {}],
    ['nobody who vouches', { unvouched: { known: 3, healthy: 0 } }, {}],
  ])('with %s it is none', (_, over, query) => {
    expect(decide(answer(over), nowMs, { ...asked, ...query }).status).toBe('inconclusive');
  });
});

describe('waiting', () => {
  /** Answers in turn, the last one again and again; an error is thrown. */
  function waiting(answers: readonly (Partial<ExplainedAnswer> | Error)[], waitMs: number, since = '10m') {
    const clock = instantClock(nowMs);
    const asked: Query[] = [];
    const said: string[] = [];
    const asking: Asking = {
      all: () => Promise.resolve({ verdicts: [] }),
      one(_, query) {
        asked.push(query);
        const next = answers[Math.min(asked.length, answers.length) - 1];
        if (next instanceof Error) return Promise.reject(next);
        const at = clock.nowMs();
        const fromMs = Number(query.since) || Math.min(Date.parse(query.since ?? '') || at - 600_000, at);
        return Promise.resolve(answer({ at, newestMs: at, window: { fromMs, toMs: at }, ...next }));
      },
      nowMs: () => Promise.resolve(clock.nowMs()),
    };
    const deps = {
      asking,
      clock,
      signal: new AbortController().signal,
      onOpen: (_: string, { because }: { readonly because: string }) => void said.push(because),
    };
    const found = gated({ id: 'up', query: { since }, waitMs, lookEveryMs: 10_000 }, deps);
    return { found, asked, said, clock };
  }

  const open = (n: number, needed: number | null): Partial<ExplainedAnswer> => ({ status: 'inconclusive', n, needed });

  test('without a wait looks once', async () => {
    const { found, asked } = waiting([open(10, 50)], 0);
    expect(await found).toMatchObject({ status: 'inconclusive', looks: 1, waitedMs: 0 });
    expect(asked).toEqual([{ since: '10m' }]);
  });

  test('keeps the beginning of the window, so that samples add up', async () => {
    const { found, asked } = waiting([open(10, 50), { n: 60 }], 60_000);
    expect(await found).toMatchObject({ status: 'pass', looks: 2, waitedMs: 10_000 });
    expect(asked[1]).toEqual({ since: String(nowMs - 600_000) });
  });

  test('takes a pass only when as many samples have come as it was said would decide', async () => {
    const early = [open(10, 50), { n: 20 }, { n: 40 }, { n: 59 }, { n: 60 }];
    expect(await waiting(early, 600_000).found).toMatchObject({ status: 'pass', looks: 5 });
    expect(await waiting([open(10, 50), { n: 20 }], 30_000).found).toMatchObject({ status: 'pass', waitedMs: 30_000 });
  });

  test('takes a fail at once', async () => {
    expect(await waiting([open(10, 50), { n: 12, status: 'fail' }], 600_000).found).toMatchObject({
      status: 'fail',
      looks: 2,
    });
  });

  test('goes on while the aggregator is away, and says so when it never comes back', async () => {
    const away = new Trouble('unreachable', 'aggregator http://127.0.0.1:9 cannot be reached');
    expect(await waiting([away, away, {}], 600_000).found).toMatchObject({ status: 'pass', looks: 3 });
    const { found, said } = waiting([away], 30_000);
    expect(await found).toMatchObject({ status: 'inconclusive', answer: null, looks: 4, because: away.message });
    expect(said).toHaveLength(3);
  });

  test('ends when it is interrupted', async () => {
    const clock = instantClock(nowMs);
    const interrupt = new AbortController();
    const asking: Asking = {
      all: () => Promise.resolve({ verdicts: [] }),
      one: () => Promise.resolve(answer({ ...open(1, 50), at: clock.nowMs() })),
      nowMs: () => Promise.resolve(clock.nowMs()),
    };
    const onOpen = (): void => interrupt.abort(new Interrupted('SIGINT'));
    const deps = { asking, clock, signal: interrupt.signal, onOpen };
    const found = gated({ id: 'up', query: {}, waitMs: 60_000, lookEveryMs: 1_000 }, deps);
    await expect(found).rejects.toThrow('interrupted by SIGINT');
  });

  const iso = (ms: number): string => new Date(ms).toISOString();

  test.each([
    ['of 3 s ago', -3_000, 8_000],
    ['1 s ahead, by a clock of its own', 1_000, 12_000],
    ['a minute ahead', 60_000, 71_000],
  ])('a rollout %s is not asked about before there is something to tell', async (_, fromNowMs, untilMs) => {
    const since = iso(nowMs + fromNowMs);
    const { found, asked, said } = waiting([open(10, 50), { n: 60 }], 1_200_000, since);
    expect(await found).toMatchObject({ status: 'pass', looks: 3, waitedMs: untilMs + 10_000 });
    expect(asked[0]).toEqual({ since });
    expect(said[0]).toMatch(/^--since is \d+\.\d+ s (ago by|ahead of) the aggregator's clock: too early to tell, in /);
  });

  test('a rollout that is too new for the time there is, is inconclusive, and is not asked about', async () => {
    const wrong = new Trouble('wrong-input', 'since: want at least 10s before at');
    for (const [fromNowMs, waitMs] of [
      [-3_000, 0],
      [1_000, 0],
      [-3_000, 5_000],
    ] as const) {
      const { found, asked } = waiting([wrong], waitMs, iso(nowMs + fromNowMs));
      expect(await found).toMatchObject({ status: 'inconclusive', answer: null, waitedMs: waitMs });
      expect(asked).toEqual([]);
    }
  });

  test('a rollout of tomorrow is a mistake', async () => {
    const wrong = new Trouble('wrong-input', 'since: want at least 10s before at');
    await expect(waiting([wrong], 600_000, iso(nowMs + 86_400_000)).found).rejects.toThrow('since: want');
  });

  test('ends at once when what was asked is wrong', async () => {
    const { found } = waiting([new Trouble('wrong-input', 'does not accept the token')], 600_000);
    await expect(found).rejects.toThrow('does not accept the token');
  });
});
