import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { aggregatorClient } from '../../chaos/aggregator-client.ts';
import type { BurstRequest, StoredResult } from '../../contract/api.ts';
import type { DrillReport } from '../../contract/drill.ts';
import {
  aggregator,
  atEnd,
  clock,
  httpCheck,
  result,
  sendResults,
  start,
  stateDir,
  token,
  welcomed,
} from '../aggregator/harness.ts';
import { troubleOf } from '../fakes/trouble.ts';

const open = new AbortController().signal;

/** Collects results; `reached` resolves when there are so many. */
function inbox() {
  const got: StoredResult[] = [];
  let wanted = { count: Number.POSITIVE_INFINITY, done: (): void => undefined };
  return {
    got,
    take(one: StoredResult): void {
      got.push(one);
      if (got.length >= wanted.count) wanted.done();
    },
    reached: (count: number): Promise<void> =>
      new Promise((resolve) => {
        wanted = { count, done: resolve };
        if (got.length >= count) resolve();
      }),
  };
}

describe('a client of the aggregator', () => {
  test('knows its clock to within a few milliseconds on one machine', async () => {
    const { url } = await aggregator();
    const offset = await aggregatorClient({ url: new URL(url), token }, clock).offset(open);
    expect(offset.lowerMs).toBeLessThanOrEqual(0);
    expect(offset.upperMs).toBeGreaterThanOrEqual(0);
  });

  test('gets every result once, also over a restart of the aggregator', async () => {
    const state = stateDir();
    const first = await start({ stateDir: state });
    const port = Number(new URL(first.url).port);
    const agent = await welcomed(first.url);
    await sendResults(agent, [result(1), result(2)]);
    const client = aggregatorClient({ url: new URL(first.url), token }, clock);
    const { got, take, reached } = inbox();
    const stream = await client.results(take, open);
    await sendResults(agent, [result(3)]);
    await reached(1);
    await first.stop();
    // What is committed while nobody listens is fetched when the client is back.
    const second = await start({ stateDir: state, listen: { host: '127.0.0.1', port } });
    atEnd(() => second.stop());
    const again = await welcomed(second.url);
    await sendResults(again, [result(4), result(5)]);
    await reached(3);
    await sendResults(again, [result(6)]);
    await reached(4);
    await stream.close(open);
    expect(got.map(({ seq }) => seq)).toEqual([3, 4, 5, 6]);
    expect(new Set(got.map(({ id }) => id)).size).toBe(4);
  });

  test('announces a drill, asks for a burst, and reads both back', async () => {
    const { url } = await aggregator();
    const client = aggregatorClient({ url: new URL(url), token }, clock);
    const report = { id: 'd-1', name: 'n', status: 'running', phase: 'baseline', aliveAtMs: 5 } as const;
    const verdict = { status: 'inconclusive', because: 'it runs' };
    await client.announce({ ...report, verdict } as DrillReport, null, open);
    expect((await client.drills(open)).drills[0]).toMatchObject(report);
    const check = { ...httpCheck('client', null), id: 'd-1/client/api' };
    const burst: BurstRequest = {
      id: 'd-1',
      checks: [check],
      everyMs: 100,
      untilMs: clock.nowMs() + 1_000,
      pooled: true,
    };
    await client.burst(burst, open);
    await client.burst({ ...burst, checks: [], untilMs: clock.nowMs() - 1_000 }, open);
  });

  test('says in one sentence that a token is wrong', async () => {
    const { url } = await aggregator();
    const client = aggregatorClient({ url: new URL(url), token: 'other' }, clock);
    const trouble = await troubleOf(client.announce({ id: 'd-1' } as DrillReport, null, open));
    expect(trouble).toMatchObject({ kind: 'wrong-input' });
    expect(trouble.message).toContain('does not accept the token (40');
  });

  test('says in one sentence that nobody is there, or somebody else', async () => {
    const away = aggregatorClient({ url: new URL('http://127.0.0.1:1'), token }, clock);
    const gone = await troubleOf(away.fleet(open));
    expect(gone).toMatchObject({ kind: 'unreachable' });
    expect(gone.message).toContain('aggregator http://127.0.0.1:1 cannot be reached: ');
    const stranger = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'));
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    atEnd(() => void stranger.close());
    const url = new URL(`http://127.0.0.1:${(stranger.address() as AddressInfo).port}`);
    const trouble = await troubleOf(aggregatorClient({ url, token }, clock).fleet(open));
    expect(trouble.message).toContain('did not answer JSON to /api/v1/fleet: hi');
  });
});
