import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { StreamEvent } from '../../contract/api.ts';
import { aggregator, atEnd, post, result, sendResults, welcomed } from './harness.ts';

async function listen(url: string, types: string) {
  const socket = new WebSocket(new URL(`/api/v1/stream?types=${types}`, url.replace(/^http/, 'ws')));
  atEnd(() => socket.terminate());
  const events: StreamEvent[] = [];
  const waiting = new Set<() => void>();
  socket.on('message', (data) => {
    events.push(JSON.parse(data.toString()) as StreamEvent);
    for (const look of [...waiting]) look();
  });
  await once(socket, 'open');
  return {
    socket,
    events,
    until: (holds: (event: StreamEvent) => boolean): Promise<StreamEvent> =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = events.find(holds);
          if (found !== undefined) resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}

test('results and drills reach whoever asked for them, as they happen', async () => {
  const { url } = await aggregator();
  const results = await listen(url, 'result');
  const drills = await listen(url, 'drill');
  const agent = await welcomed(url);
  await sendResults(agent, [result(1)]);
  await post(url, '/api/v1/drills', {
    id: 'd-1',
    name: 'n',
    status: 'running',
    phase: 'baseline',
    verdict: { status: 'inconclusive', because: 'running' },
  });
  const event = await results.until(({ type }) => type === 'result');
  expect(event).toMatchObject({ result: { seq: 1, id: 1, check: 'home', agent: 'a1' } });
  await drills.until((one) => one.type === 'drill' && one.drill.id === 'd-1');
  expect(drills.events.every(({ type }) => type === 'drill')).toBe(true);
});

test('a verdict that changes is told', async () => {
  const objectives = [
    {
      id: 'all',
      check: 'home',
      region: null,
      from: 'all',
      indicator: { kind: 'availability', target: 0.5 },
      windowMs: 3_600_000,
    },
  ] as const;
  const { url } = await aggregator({ objectives });
  const stream = await listen(url, 'verdict');
  const agent = await welcomed(url);
  await sendResults(
    agent,
    Array.from({ length: 50 }, (_, index) => result(index + 1)),
  );
  await stream.until((event) => event.type === 'verdict' && event.verdict.status === 'pass');
});

test('a reader that does not read is told how much it lost', async () => {
  const { url } = await aggregator();
  const slow = await listen(url, 'result');
  slow.socket.pause();
  const agent = await welcomed(url);
  const reason = 'x'.repeat(4_000);
  for (let seq = 1; seq <= 4_000; seq += 100) {
    const results = Array.from({ length: 100 }, (_, index) =>
      result(seq + index, { outcome: 'bad', failedAt: 'answer', reason }),
    );
    await sendResults(agent, results);
  }
  slow.socket.resume();
  const lost = await slow.until(({ type }) => type === 'lost');
  expect(lost.type === 'lost' && lost.count > 0).toBe(true);
});

test('a type that there is not is refused', async () => {
  const { url } = await aggregator();
  const socket = new WebSocket(new URL('/api/v1/stream?types=everything', url.replace(/^http/, 'ws')));
  const [error] = (await once(socket, 'error')) as [Error];
  expect(error.message).toContain('400');
});
