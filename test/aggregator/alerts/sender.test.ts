import { afterEach, describe, expect, test } from 'vitest';
import { type SenderCounts, senderCounts } from '../../../aggregator/alerts/counts.ts';
import type { Message } from '../../../aggregator/alerts/message.ts';
import type { AlertmanagerOptions } from '../../../aggregator/alerts/options.ts';
import { type Sender, sender } from '../../../aggregator/alerts/sender.ts';
import { silent } from '../../../contract/log.ts';
import { seededRandom } from '../../../contract/random.ts';
import { type FakeAlertmanager, fakeAlertmanager } from '../../fakes/alertmanager.ts';
import { atEnd, clock } from '../harness.ts';

let fake: FakeAlertmanager;
afterEach(() => fake?.close());

async function sending(over: Partial<AlertmanagerOptions> = {}, more: { capacity?: number; log?: typeof silent } = {}) {
  fake = await fakeAlertmanager();
  const counts = senderCounts();
  const options = { name: 'am', url: fake.url, authorization: null, labels: {}, timeoutMs: 5_000, ...over };
  const own = sender(options, { clock, random: seededRandom(1), log: silent, ca: undefined, counts, ...more });
  atEnd(() => own.stop());
  return { own, counts };
}

const message = (name: string, description = ''): Message => ({
  labels: { alertname: 'BlackstartAgentGone', vantage: name },
  annotations: { description },
  startsAt: '2026-11-21T00:00:00.000Z',
  endsAt: '2026-11-21T00:04:00.000Z',
  generatorURL: 'http://127.0.0.1/',
});
const push = (own: Sender, ...names: readonly string[]): void => own.push(names.map((name) => [name, message(name)]));
const names = () => fake.posts.flatMap(({ alerts }) => alerts.map(({ labels }) => labels['vantage']));

/** Until the counts say so; they are brought up to date after the answer was read. */
async function counted(counts: SenderCounts, holds: (counts: SenderCounts) => boolean): Promise<void> {
  while (!holds(counts)) await new Promise((resolve) => clock.after(5, () => resolve(undefined)));
}

describe('one Alertmanager', () => {
  test('is told alerts as they are, behind its path, with its secret and its labels', async () => {
    const { own, counts } = await sending({
      authorization: () => 'Bearer t',
      labels: { cluster: 'eu', vantage: 'no' },
    });
    push(own, 'a');
    const post = await fake.seen(() => true);
    expect(post).toMatchObject({ path: 'POST /api/v2/alerts', authorization: 'Bearer t' });
    expect(post.alerts).toEqual([
      { ...message('a'), labels: { cluster: 'eu', alertname: 'BlackstartAgentGone', vantage: 'a' } },
    ]);
    await counted(counts, ({ sent }) => sent === 1);
    expect(counts).toMatchObject({ pending: 0, requests: 1 });
  });

  test('is told at most 64 at a time', async () => {
    const { own } = await sending();
    push(own, ...Array.from({ length: 130 }, (_, index) => `v${index}`));
    await fake.seen(() => names().length === 130);
    expect(fake.posts.map(({ alerts }) => alerts.length)).toEqual([64, 64, 2]);
  });

  test.each([500, 503, 429, 401])('that answers %i is told again, and it is counted', async (status) => {
    const { own, counts } = await sending();
    fake.answer = status;
    push(own, 'a');
    await counted(counts, ({ errors }) => (errors.get(`status ${status}`) ?? 0) >= 2);
    fake.answer = 200;
    await counted(counts, ({ sent }) => sent === 1);
    expect([counts.pending, counts.dropped.size]).toEqual([0, 0]);
  });

  test('that refuses alerts is not told them again, but others', async () => {
    const { own, counts } = await sending();
    fake.answer = 400;
    push(own, 'a');
    await counted(counts, ({ dropped }) => dropped.get('refused') === 1);
    fake.answer = 200;
    push(own, 'b');
    await counted(counts, ({ sent }) => sent === 1);
    expect(names()).toEqual(['a', 'b']);
  });

  test('that does not answer in time holds up nobody, and is told the newest word alone', async () => {
    const { own, counts } = await sending({ timeoutMs: 50 });
    fake.answer = 'hang';
    push(own, 'a');
    own.push([['a', message('a', 'later')]]);
    await counted(counts, ({ errors }) => (errors.get('no answer') ?? 0) >= 1);
    fake.answer = 200;
    const post = await fake.seen(({ alerts }) => alerts[0]?.annotations['description'] === 'later');
    expect(post.alerts).toHaveLength(1);
    await counted(counts, ({ sent }) => sent === 1);
  });

  test('that is away is said once, and once that it is back', async () => {
    const said: string[] = [];
    const note = (_facts: object, text: string): void => void said.push(text);
    const { own, counts } = await sending({}, { log: { ...silent, warn: note, info: note } });
    fake.answer = 503;
    push(own, 'a');
    await counted(counts, ({ errors }) => (errors.get('status 503') ?? 0) >= 3);
    fake.answer = 200;
    await counted(counts, ({ sent }) => sent === 1);
    await counted(counts, () => said.length === 2);
    expect(said).toEqual(['alerts are not taken', 'alerts are taken again']);
  });

  test('that takes nothing keeps so many waiting and no more: the oldest go', async () => {
    const { own, counts } = await sending({ timeoutMs: 50 }, { capacity: 3 });
    fake.answer = 'hang';
    push(own, 'a', 'b', 'c', 'd', 'e');
    expect([counts.pending, counts.dropped.get('queue full')]).toEqual([3, 2]);
    fake.answer = 200;
    await counted(counts, ({ sent }) => sent === 3);
    expect(fake.posts.at(-1)?.alerts.map(({ labels }) => labels['vantage'])).toEqual(['c', 'd', 'e']);
  });
});
